import type { ChosenPath, PortalEntry } from '../../../electron/contract/explorer.ts';
import type { SessionEntry } from '../../../electron/contract/sessions.ts';
import type { SystemState } from '../../../electron/contract/system.ts';
import { shortName } from '../../lib/format.ts';
import type { TabParams } from '../../state/plugs.ts';
import type { Unit } from '../../state/units.ts';
import { byTarget, leftOver, lookupOf, noteNode, portalNode } from './tree-nodes.ts';

/** One node of the tree, before it is known whether it shows. */
export interface TreeNode {
  /** The same over restarts, so that what was open stays open. */
  readonly key: string;
  readonly kind: 'root' | 'portal' | 'target' | 'session' | 'lun' | 'path' | 'kernel' | 'note';
  readonly label: string;
  /** Beside the label, in a quieter voice. */
  readonly detail: string;
  /** For everyone who hovers. */
  readonly title: string;
  /** Said before the label to those who do not see it: what kind it is, or its whole name. */
  readonly spoken: string;
  readonly state: 'ok' | 'busy' | 'err' | 'off' | null;
  readonly badges: readonly string[];
  readonly tab: { readonly kind: string; readonly params: TabParams } | null;
  /** Whether it is open unless a person says otherwise. */
  readonly opens: boolean;
  readonly children: readonly TreeNode[];
}

/** A node as a row: how deep, and which of how many. */
export interface TreeRow extends TreeNode {
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  readonly expanded: boolean | null;
}

/** What the tree is made from. */
export interface TreeSource {
  readonly portals: readonly PortalEntry[];
  readonly sessions: readonly SessionEntry[];
  readonly units: readonly Unit[];
  /** The paths that a person chose. */
  readonly choices: readonly ChosenPath[];
  readonly grouping: 'portal' | 'target';
  readonly demoPhase: string;
  /** The initiator of the operating system; null until it was read. */
  readonly system: SystemState | null;
  readonly now: number;
}

function rootNode(key: string, label: string, children: readonly TreeNode[], tab: TreeNode['tab'] = null): TreeNode {
  return {
    key,
    kind: 'root',
    label,
    detail: '',
    spoken: '',
    title: label,
    state: null,
    badges: [],
    tab,
    opens: true,
    children,
  };
}

const SYSTEM = { kind: 'system', params: {} };

/** What the operating system's own initiator is called, and its sessions; or why there is nothing to tell. */
function systemNodes(system: SystemState | null): TreeNode[] {
  if (system === null) return [];
  const { names, namesError, sessions, sessionsNote } = system;
  const problem = namesError?.message ?? sessionsNote;
  return [
    ...names.map((name): TreeNode => ({
      ...noteNode(`system name ${name}`, name, '', SYSTEM),
      kind: 'kernel',
      spoken: 'Initiator name',
    })),
    ...sessions.map(({ target, portal, state, persistent }): TreeNode => ({
      ...noteNode(`system session ${persistent}`, shortName(target), `${state}, ${portal}`, SYSTEM),
      kind: 'kernel',
      spoken: 'Kernel session',
      state: state === 'logged in' ? 'ok' : 'busy',
    })),
    ...(sessions.length === 0 && problem !== null ? [noteNode('system empty', 'No sessions', problem, SYSTEM)] : []),
  ];
}

const ADD_PORTAL = { kind: 'add-portal', params: {} };
const DEMO = { kind: 'demo', params: {} };

/** The whole tree: what was saved, what was found, the demo SAN, the system's own initiator. */
export function buildTree(source: TreeSource): TreeNode[] {
  const lookup = lookupOf(source);
  const of = (origin: PortalEntry['origin'], empty: readonly TreeNode[]): readonly TreeNode[] => {
    const portals = source.portals.filter((portal) => portal.origin === origin);
    if (portals.length === 0) return empty;
    return source.grouping === 'portal'
      ? portals.map((portal) => portalNode(portal, source, lookup))
      : byTarget(portals, source, lookup);
  };
  const saved = of('saved', [noteNode('saved empty', 'Add a portal', 'nothing is saved yet', ADD_PORTAL)]);
  const found = of('found', [noteNode('found empty', 'Ask a portal', 'nothing was found in this run', ADD_PORTAL)]);
  const stopped = source.demoPhase === 'stopped' ? [noteNode('demo empty', 'Start it', 'stopped', DEMO)] : [];
  const demo = source.demoPhase === 'running' ? of('demo', []) : stopped;
  const rest = leftOver(source, lookup);
  return [
    rootNode('saved', 'Saved', saved),
    rootNode('found', 'Discovered', found),
    rootNode('demo', 'Demo SAN', demo, DEMO),
    ...(rest.length === 0 ? [] : [rootNode('left over', 'Sessions without a portal', rest)]),
    rootNode('system', 'This computer', systemNodes(source.system), SYSTEM),
  ];
}

/** The rows that show; a node is open as it opens, unless it is in `toggled`. */
export function flattenTree(nodes: readonly TreeNode[], toggled: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  const walk = (list: readonly TreeNode[], level: number): void => {
    for (const [index, node] of list.entries()) {
      const expanded = node.children.length === 0 ? null : node.opens !== toggled.has(node.key);
      rows.push({ ...node, level, position: index + 1, siblings: list.length, expanded });
      if (expanded === true) walk(node.children, level + 1);
    }
  };
  walk(nodes, 1);
  return rows;
}
