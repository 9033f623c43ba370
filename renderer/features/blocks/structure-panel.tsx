import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react';
import { useId, useState, type KeyboardEvent } from 'react';
import type { DiskStructure, FieldNode } from '../../../core/browser.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { usePart } from './use-view.ts';
import type { BlockView } from './view-model.ts';
import './structure-panel.css';

const ROW_INDENT = 14;

interface Node {
  readonly id: string;
  readonly level: number;
  readonly label: string;
  readonly detail: string;
  readonly problem: string | null;
  readonly offset: bigint;
  readonly length: bigint;
  readonly hasChildren: boolean;
  readonly parent: string | null;
}

const childId = (parent: string | null, kind: string, index: number): string =>
  `${parent ?? ''}#${kind}${String(index)}`;

function flatten(list: readonly DiskStructure[], open: ReadonlySet<string>): Node[] {
  const nodes: Node[] = [];
  const field = (one: DiskStructure, node: FieldNode, parent: string, level: number): void => {
    const id = `${parent}/${node.name}`;
    const children = node.children ?? [];
    nodes.push({
      id,
      level,
      parent,
      label: node.label,
      detail: node.text,
      problem: node.malformed ?? null,
      offset: one.offset + BigInt(node.offset),
      length: BigInt(node.length),
      hasChildren: children.length > 0,
    });
    if (open.has(id)) for (const child of children) field(one, child, id, level + 1);
  };
  const walk = (one: DiskStructure, index: number, parent: string | null, level: number): void => {
    const id = childId(parent, one.kind, index);
    nodes.push({
      id,
      level,
      parent,
      label: one.label,
      detail: one.detail,
      problem: one.problems.length === 0 ? null : one.problems.join(' '),
      offset: one.offset,
      length: one.length,
      hasChildren: one.fields.length + one.children.length > 0,
    });
    if (!open.has(id)) return;
    for (const node of one.fields) field(one, node, id, level + 1);
    one.children.forEach((child, at) => walk(child, at, id, level + 1));
  };
  list.forEach((one, index) => walk(one, index, null, 1));
  return nodes;
}

/** The id of the node that stands for the byte under the cursor, and the ids that must be open for it to show. */
function nodeAt(
  view: BlockView,
  structures: readonly DiskStructure[],
): { readonly id: string | null; readonly open: readonly string[] } {
  const { path, field } = view.located();
  const open: string[] = [];
  let list = structures;
  let parent: string | null = null;
  for (const one of path) {
    const id = childId(parent, one.kind, list.indexOf(one));
    open.push(id);
    parent = id;
    list = one.children;
  }
  if (parent === null || field === undefined) return { id: parent, open: open.slice(0, -1) };
  const owner = path[path.length - 1]?.fields.find((each) => each === field || each.children?.includes(field) === true);
  if (owner === undefined || owner === field) return { id: `${parent}/${field.name}`, open };
  return { id: `${parent}/${owner.name}/${field.name}`, open: [...open, `${parent}/${owner.name}`] };
}

interface StructurePanelProps {
  readonly view: BlockView;
  readonly problems: readonly string[];
  readonly error: WireError | null;
  readonly loading: boolean;
  /** Whether the disk can be asked now. */
  readonly up: boolean;
}

/** What the disk holds as a tree; a click goes to the bytes, and the cursor shows where it stands. */
export function StructurePanel({ view, problems, error, loading, up }: StructurePanelProps) {
  const structures = usePart(view, (state) => state.structures);
  const selection = usePart(view, (state) => state.selection);
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const here = nodeAt(view, structures);
  const open = new Set(here.open);
  for (const [id, isOpen] of toggled) {
    if (isOpen) open.add(id);
    else open.delete(id);
  }
  const nodes = flatten(structures, open);
  const own = useId();
  const elementId = (node: Node): string => `${own}${node.id.replaceAll(/[^A-Za-z0-9#/-]/gu, '_')}`;
  const [focused, setFocused] = useState<string | null>(null);
  const current =
    nodes.find(({ id }) => id === (focused ?? here.id)) ?? nodes.find(({ id }) => id === here.id) ?? nodes[0];
  const toggle = (node: Node, wanted: boolean): void => setToggled(new Map(toggled).set(node.id, wanted));
  const choose = (node: Node): void => {
    setFocused(node.id);
    view.goTo(node.offset, node.length > 0n ? node.length : 1n);
    view.set({ marked: { offset: node.offset, length: node.length } });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (current === undefined) return;
    const at = nodes.indexOf(current);
    const focus = (node: Node | undefined): void => {
      if (node === undefined) return;
      setFocused(node.id);
      document.getElementById(elementId(node))?.scrollIntoView({ block: 'nearest' });
    };
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => focus(nodes[at + 1]),
      ArrowUp: () => focus(nodes[at - 1]),
      Home: () => focus(nodes[0]),
      End: () => focus(nodes[nodes.length - 1]),
      ArrowRight: () => (current.hasChildren && !open.has(current.id) ? toggle(current, true) : focus(nodes[at + 1])),
      ArrowLeft: () =>
        open.has(current.id) ? toggle(current, false) : focus(nodes.find(({ id }) => id === current.parent)),
      Enter: () => choose(current),
    };
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  };
  if (error !== null) return <ErrorNotice error={error} />;
  if (nodes.length === 0)
    return (
      <div className="hex-empty muted" role="status">
        {!loading
          ? 'No partition table and no known filesystem was found.'
          : up
            ? 'Looking for partition tables and filesystems.'
            : 'Partition tables and filesystems are looked for once the path to the disk is back.'}
        {problems.map((problem) => (
          <p key={problem}>{problem}</p>
        ))}
      </div>
    );
  return (
    <>
      {problems.length === 0 ? null : (
        <ul className="hex-problems">
          {problems.map((problem) => (
            <li key={problem}>
              <TriangleAlert size={12} aria-hidden /> {problem}
            </li>
          ))}
        </ul>
      )}
      <div
        className="hex-tree"
        role="tree"
        aria-label="Structures on the disk"
        aria-activedescendant={current === undefined ? undefined : elementId(current)}
        data-cursor={String(selection.cursor)}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        {nodes.map((node) => (
          <div
            key={node.id}
            id={elementId(node)}
            className="hex-node"
            role="treeitem"
            aria-level={node.level}
            aria-expanded={node.hasChildren ? open.has(node.id) : undefined}
            aria-selected={node.id === here.id}
            data-focused={node.id === current?.id}
            style={{ paddingLeft: 6 + (node.level - 1) * ROW_INDENT }}
            title={node.problem ?? `${node.label}: ${node.detail}`}
            onClick={() => choose(node)}
          >
            <span
              className="hex-twist"
              aria-hidden
              onClick={(event) => {
                if (!node.hasChildren) return;
                event.stopPropagation();
                toggle(node, !open.has(node.id));
              }}
            >
              {node.hasChildren ? open.has(node.id) ? <ChevronDown size={12} /> : <ChevronRight size={12} /> : null}
            </span>
            {node.problem === null ? null : <TriangleAlert className="hex-warn" size={12} aria-label="Problem" />}
            <span className="hex-node-label">{node.label}</span>
            <span className="hex-node-detail mono">{node.detail}</span>
          </div>
        ))}
      </div>
    </>
  );
}
