import type { ChosenPath, PortalEntry } from '../../../electron/contract/explorer.ts';
import type { LunSummary, SessionEntry } from '../../../electron/contract/sessions.ts';
import { formatAge, formatBytes, formatMicros, formatPortal, shortName } from '../../lib/format.ts';
import { leadsTo, lunParams, targetParams, type TargetPlace } from '../../state/explorer-store.ts';
import type { TabParams } from '../../state/plugs.ts';
import type { Unit, UnitPath } from '../../state/units.ts';

/** One node of the tree, before it is known whether it shows. */
export interface TreeNode {
  /** The same over restarts, so that what was open stays open. */
  readonly key: string;
  readonly kind: 'root' | 'portal' | 'target' | 'session' | 'lun' | 'path' | 'note';
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
  readonly now: number;
}

const MANY = 40;
const US_PER_MS = 1000;

const STATES: Readonly<Record<SessionEntry['state'], { readonly word: string; readonly state: TreeNode['state'] }>> = {
  idle: { word: 'idle', state: 'off' },
  connecting: { word: 'connecting', state: 'busy' },
  login: { word: 'logging in', state: 'busy' },
  full: { word: 'signed in', state: 'ok' },
  recovering: { word: 'reconnecting', state: 'busy' },
  'logging-out': { word: 'signing out', state: 'busy' },
  closed: { word: 'closed', state: 'err' },
};

/** A session's state in words. */
export const sessionWord = (session: SessionEntry): string =>
  session.state === 'closed' && session.error === null ? 'signed out' : STATES[session.state].word;

function portalDetail({ state, askedAt, targets, error }: PortalEntry, now: number): string {
  const age = askedAt === null ? '' : formatAge(now - askedAt);
  switch (state) {
    case 'unchecked':
      return 'not checked';
    case 'asking':
      return 'asking';
    case 'answered':
      return `${targets.length === 1 ? '1 target' : `${targets.length} targets`}, ${age}`;
    case 'failed':
      return `${error?.code === 'CONNECT_REFUSED' ? 'refused' : 'failed'}, ${age}`;
  }
}

/** Access states as storage people abbreviate them. */
const SHORT_STATES: Readonly<Record<string, string>> = {
  'Active/optimized': 'A/O',
  'Active/non-optimized': 'A/NO',
};

/** The badges of a LUN. */
export function lunBadges(lun: LunSummary, pathCount: number): string[] {
  return [
    ...(lun.readOnly === true ? ['read-only'] : []),
    ...(lun.thin ? ['thin'] : []),
    ...(lun.reserved === null ? [] : ['reserved']),
    ...(pathCount > 1 ? [`${pathCount} paths`] : []),
    ...(lun.path === null ? [] : [SHORT_STATES[lun.path.state] ?? lun.path.state.toLowerCase()]),
    ...(lun.error === null ? [] : ['error']),
  ];
}

/** Finds the unit that a path leads to. */
type UnitFinder = (session: SessionEntry, lun: LunSummary) => Unit | undefined;

function unitFinder(units: readonly Unit[]): UnitFinder {
  const byPath = new Map(
    units.flatMap((unit) => unit.paths.map(({ session, lun }) => [`${session.id} ${lun.lun}`, unit] as const)),
  );
  return (session, lun) => byPath.get(`${session.id} ${lun.lun}`);
}

function lunNode(session: SessionEntry, lun: LunSummary, unitOf: UnitFinder): TreeNode {
  const unit = unitOf(session, lun);
  const name = [lun.vendor, lun.product].filter((part) => part !== '').join(' ');
  const size = lun.bytes === null ? '' : formatBytes(BigInt(lun.bytes));
  return {
    key: `lun ${session.host} ${session.port} ${session.target} ${lun.lun} ${session.id}`,
    kind: 'lun',
    label: `LUN ${lun.text}`,
    detail: [lun.product === '' ? lun.deviceType : lun.product, size].filter((part) => part !== '').join(' · '),
    spoken: '',
    title: `LUN ${lun.text}, ${name}, ${lun.deviceType}${size === '' ? '' : `, ${size}`}`,
    state: lun.error === null ? null : 'err',
    badges: lunBadges(lun, unit?.paths.length ?? 1),
    tab: { kind: 'lun', params: lunParams(session, lun.lun) },
    opens: false,
    children: [],
  };
}

/** A line where nothing is: what it says, or what can be done about it. */
const noteNode = (key: string, label: string, detail = '', tab: TreeNode['tab'] = null): TreeNode => ({
  key,
  kind: 'note',
  label,
  detail,
  spoken: '',
  title: detail === '' ? label : `${label}: ${detail}`,
  state: null,
  badges: [],
  tab,
  opens: false,
  children: [],
});

function sessionNode(session: SessionEntry, unitOf: UnitFinder): TreeNode {
  const { state } = STATES[session.state];
  const luns = session.luns?.map((lun) => lunNode(session, lun, unitOf)) ?? [];
  const note = session.scanning
    ? [noteNode(`${session.id} scan`, 'Listing LUNs')]
    : session.luns?.length === 0
      ? [
          noteNode(`${session.id} none`, 'Rescan', 'no LUN is mapped', {
            kind: 'target',
            params: targetParams(session),
          }),
        ]
      : [];
  const word = sessionWord(session);
  return {
    key: `session ${session.id}`,
    kind: 'session',
    label: `Session ${session.number}`,
    detail: word,
    spoken: '',
    title: `Session ${session.number} with ${session.target}, ${word}`,
    state: session.state === 'closed' && session.error === null ? 'off' : state,
    badges: session.user === null ? [] : ['CHAP'],
    tab: { kind: 'session', params: { ...targetParams(session), session: session.id } },
    opens: true,
    children: [...luns, ...note],
  };
}

const aliasOf = (sessions: readonly SessionEntry[], target: string): string =>
  sessions.find((session) => session.target === target && session.alias !== null)?.alias ?? '';

function targetNode(
  place: TargetPlace,
  groupTags: string,
  source: TreeSource,
  own: readonly SessionEntry[],
  unitOf: UnitFinder,
): TreeNode {
  const alias = aliasOf(source.sessions, place.target);
  return {
    key: `target ${formatPortal(place)} ${place.target}`,
    kind: 'target',
    label: shortName(place.target),
    detail: [alias, groupTags].filter((part) => part !== '').join(' · '),
    spoken: place.target,
    title: alias === '' ? place.target : `${place.target}, ${alias}`,
    state: own.some(({ state }) => state === 'full')
      ? 'ok'
      : own.some(({ state }) => state === 'recovering')
        ? 'busy'
        : null,
    badges: [],
    tab: { kind: 'target', params: targetParams(place) },
    opens: true,
    children: own.map((session) => sessionNode(session, unitOf)),
  };
}

const STATE_OF_PORTAL = { unchecked: null, asking: 'busy', answered: 'ok', failed: 'err' } as const;

function portalNode(portal: PortalEntry, source: TreeSource, unitOf: UnitFinder): TreeNode {
  const { host, port } = portal;
  const known = new Set(portal.targets.map(({ name }) => name));
  const extra = source.sessions.filter(
    (session) => session.host === host && session.port === port && !known.has(session.target),
  );
  const names = [...known, ...new Set(extra.map(({ target }) => target))];
  const tags = new Map(
    portal.targets.map(({ name, portals }) => [
      name,
      portals.find((one) => one.host === host && one.port === port)?.groupTag ?? null,
    ]),
  );
  const detail = portalDetail(portal, source.now);
  return {
    key: `portal ${portal.id}`,
    kind: 'portal',
    label: portal.id,
    detail,
    spoken: 'Portal',
    title: `Portal ${portal.id}, ${detail}`,
    state: STATE_OF_PORTAL[portal.state],
    badges: [],
    tab: { kind: 'portal', params: { host, port: String(port) } },
    opens: names.length <= MANY,
    children: names.map((target) => {
      const place = { host, port, target };
      const tag = tags.get(target) ?? null;
      const own = source.sessions.filter((session) => leadsTo(session, place));
      return targetNode(place, tag === null ? '' : `group ${tag}`, source, own, unitOf);
    }),
  };
}

/** One path of a unit, under the unit. */
function pathNode(target: string, unit: Unit, { session, lun }: UnitPath, choices: readonly ChosenPath[]): TreeNode {
  const choice = choices.find((one) => one.unit === unit.identity);
  const chosen = choice !== undefined && leadsTo(session, choice) && choice.lun === lun.lun;
  const state = lun.path === null ? '' : lun.path.state;
  const took = lun.latencyMs === null ? '' : formatMicros(lun.latencyMs * US_PER_MS);
  const detail = [`session ${session.number}`, SHORT_STATES[state] ?? state.toLowerCase(), took]
    .filter((part) => part !== '')
    .join(' · ');
  return {
    key: `path ${target} ${unit.key} ${session.id} ${lun.lun}`,
    kind: 'path',
    label: formatPortal(session),
    detail,
    spoken: 'Path',
    title: `Path through ${formatPortal(session)}, ${session.target}, ${detail}${chosen ? ', chosen for reads' : ''}`,
    state: STATES[session.state].state,
    badges: chosen ? ['reads'] : [],
    tab: { kind: 'lun', params: lunParams(session, lun.lun) },
    opens: false,
    children: [],
  };
}

/** The units of a target, each once, with its paths below it where there are several. */
function unitNodes(target: string, own: readonly SessionEntry[], source: TreeSource, unitOf: UnitFinder): TreeNode[] {
  const nodes = new Map<string, TreeNode>();
  for (const session of own) {
    for (const lun of session.luns ?? []) {
      const unit = unitOf(session, lun);
      if (unit === undefined || nodes.has(unit.key)) continue;
      const node = lunNode(session, lun, unitOf);
      const several = unit.paths.length > 1;
      nodes.set(unit.key, {
        ...node,
        key: `unit ${target} ${unit.key}`,
        badges: several ? lunBadges({ ...lun, path: null }, unit.paths.length) : node.badges,
        opens: several,
        children: several ? unit.paths.map((path) => pathNode(target, unit, path, source.choices)) : [],
      });
    }
  }
  return [...nodes.values()];
}

function byTarget(portals: readonly PortalEntry[], source: TreeSource, unitOf: UnitFinder): TreeNode[] {
  const places = new Map<string, TargetPlace[]>();
  for (const { host, port, targets } of portals) {
    for (const { name } of targets) places.set(name, [...(places.get(name) ?? []), { host, port, target: name }]);
  }
  const ids = new Set(portals.map(({ id }) => id));
  for (const session of source.sessions) {
    if (!ids.has(formatPortal(session)) || places.has(session.target)) continue;
    places.set(session.target, [{ host: session.host, port: session.port, target: session.target }]);
  }
  return [...places].map(([target, all]) => {
    const own = source.sessions.filter((session) => all.some((place) => leadsTo(session, place)));
    const first = all[0] ?? { host: '', port: 0, target };
    const words = all.length === 1 ? formatPortal(first) : `${all.length} portals`;
    const node = targetNode(first, words, source, [], unitOf);
    const sessions = own.map((session): TreeNode => {
      const made = sessionNode(session, unitOf);
      // What is up has its LUNs beside it, each once; what has ended keeps the ones it had.
      const children = session.state === 'closed' ? made.children : made.children.filter(({ kind }) => kind === 'note');
      return { ...made, detail: `${made.detail}, ${formatPortal(session)}`, children };
    });
    return {
      ...node,
      key: `target ${target}`,
      children: [...sessions, ...unitNodes(target, own, source, unitOf)],
    };
  });
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

const ADD_PORTAL = { kind: 'add-portal', params: {} };
const DEMO = { kind: 'demo', params: {} };

/** The whole tree: what was saved, what was found, the demo SAN. */
export function buildTree(source: TreeSource): TreeNode[] {
  const unitOf = unitFinder(source.units);
  const of = (origin: PortalEntry['origin'], empty: readonly TreeNode[]): readonly TreeNode[] => {
    const portals = source.portals.filter((portal) => portal.origin === origin);
    if (portals.length === 0) return empty;
    return source.grouping === 'portal'
      ? portals.map((portal) => portalNode(portal, source, unitOf))
      : byTarget(portals, source, unitOf);
  };
  const saved = of('saved', [noteNode('saved empty', 'Add a portal', 'nothing is saved yet', ADD_PORTAL)]);
  const found = of('found', [noteNode('found empty', 'Ask a portal', 'nothing was found in this run', ADD_PORTAL)]);
  const stopped = source.demoPhase === 'stopped' ? [noteNode('demo empty', 'Start it', 'stopped', DEMO)] : [];
  const demo = source.demoPhase === 'running' ? of('demo', []) : stopped;
  return [
    rootNode('saved', 'Saved', saved),
    rootNode('found', 'Discovered', found),
    rootNode('demo', 'Demo SAN', demo, DEMO),
    rootNode('system', 'This computer', [], { kind: 'system', params: {} }),
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
