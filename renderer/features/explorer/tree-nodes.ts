import type { ChosenPath, PortalEntry } from '../../../electron/contract/explorer.ts';
import type { LunSummary, SessionEntry } from '../../../electron/contract/sessions.ts';
import { formatAge, formatBytes, formatCountOf, formatMicros, formatPortal, shortName } from '../../lib/format.ts';
import { isLost, leadsTo, lunParams, targetParams, type TargetPlace } from '../../state/explorer-store.ts';
import { pathsWords, type Unit, type UnitPath } from '../../state/units.ts';
import type { TreeNode, TreeSource } from './tree-model.ts';

const MANY = 40;
const US_PER_MS = 1000;

const STATES: Readonly<Record<SessionEntry['state'], { readonly word: string; readonly state: TreeNode['state'] }>> = {
  idle: { word: 'idle', state: 'off' },
  connecting: { word: 'connecting', state: 'busy' },
  login: { word: 'logging in', state: 'busy' },
  full: { word: 'signed in', state: 'ok' },
  recovering: { word: 'lost, reconnecting', state: 'busy' },
  'logging-out': { word: 'signing out', state: 'busy' },
  closed: { word: 'lost', state: 'err' },
};

/** A session's state in words. */
const sessionWord = (session: SessionEntry): string =>
  session.state === 'closed' && session.error === null ? 'signed out' : STATES[session.state].word;

function portalDetail({ state, askedAt, targets, error }: PortalEntry, now: number): string {
  const age = askedAt === null ? '' : formatAge(now - askedAt);
  switch (state) {
    case 'unchecked':
      return 'not checked';
    case 'asking':
      return 'asking';
    case 'answered':
      return `${formatCountOf(BigInt(targets.length), 'target')}, ${age}`;
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
function lunBadges(lun: LunSummary, paths: readonly UnitPath[]): string[] {
  const words = pathsWords(paths);
  return [
    ...(lun.readOnly === true ? ['read-only'] : []),
    ...(lun.thin ? ['thin'] : []),
    ...(lun.reserved === null ? [] : ['reserved']),
    ...(words === null ? [] : [words]),
    ...(lun.path === null ? [] : [SHORT_STATES[lun.path.state] ?? lun.path.state.toLowerCase()]),
    ...(lun.error === null ? [] : ['error']),
  ];
}

/** What is looked up for every node, so that thousands of targets are built at once. */
export interface Lookup {
  /** The unit that a path leads to. */
  readonly unitOf: (session: SessionEntry, lun: LunSummary) => Unit | undefined;
  /** The sessions with a target, over whichever portal. */
  readonly sessionsOf: (target: string) => readonly SessionEntry[];
}

export function lookupOf({ units, sessions }: TreeSource): Lookup {
  const byPath = new Map(
    units.flatMap((unit) => unit.paths.map(({ session, lun }) => [`${session.id} ${lun.lun}`, unit] as const)),
  );
  const byTarget = new Map<string, SessionEntry[]>();
  for (const session of sessions) {
    const own = byTarget.get(session.target);
    if (own === undefined) byTarget.set(session.target, [session]);
    else own.push(session);
  }
  return {
    unitOf: (session, lun) => byPath.get(`${session.id} ${lun.lun}`),
    sessionsOf: (target) => byTarget.get(target) ?? [],
  };
}

function lunNode(session: SessionEntry, lun: LunSummary, lookup: Lookup): TreeNode {
  const unit = lookup.unitOf(session, lun);
  const name = [lun.vendor, lun.product].filter((part) => part !== '').join(' ');
  const size = lun.bytes === null ? '' : formatBytes(BigInt(lun.bytes));
  const badges = lunBadges(lun, unit?.paths ?? []);
  return {
    key: `lun ${session.host} ${session.port} ${session.target} ${lun.lun} ${session.id}`,
    kind: 'lun',
    label: `LUN ${lun.text}`,
    detail: [lun.product === '' ? lun.deviceType : lun.product, size].filter((part) => part !== '').join(' · '),
    spoken: '',
    title: [`LUN ${lun.text}`, name, lun.deviceType, size, ...badges].filter((part) => part !== '').join(', '),
    state: lun.error === null ? null : 'err',
    badges,
    tab: { kind: 'lun', params: lunParams(session, lun.lun) },
    opens: false,
    children: [],
  };
}

/** A line where nothing is: what it says, or what can be done about it. */
export const noteNode = (key: string, label: string, detail = '', tab: TreeNode['tab'] = null): TreeNode => ({
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

function sessionNode(session: SessionEntry, lookup: Lookup): TreeNode {
  const { state } = STATES[session.state];
  const luns = session.luns?.map((lun) => lunNode(session, lun, lookup)) ?? [];
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

const aliasOf = (sessions: readonly SessionEntry[]): string =>
  sessions.find(({ alias }) => alias !== null)?.alias ?? '';

function targetNode(place: TargetPlace, groupTags: string, own: readonly SessionEntry[], lookup: Lookup): TreeNode {
  const alias = aliasOf(lookup.sessionsOf(place.target));
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
        : own.some(isLost)
          ? 'err'
          : null,
    badges: [],
    tab: { kind: 'target', params: targetParams(place) },
    opens: true,
    children: own.map((session) => sessionNode(session, lookup)),
  };
}

const STATE_OF_PORTAL = { unchecked: null, asking: 'busy', answered: 'ok', failed: 'err' } as const;

/** What a portal told of, as nodes without sessions; kept while the portal says the same, as it may be ten thousand. */
interface Bare {
  readonly names: ReadonlySet<string>;
  readonly nodes: readonly TreeNode[];
  readonly tags: ReadonlyMap<string, string>;
}

const kept = new WeakMap<PortalEntry, Bare>();
const NO_SESSIONS: Lookup = { unitOf: () => undefined, sessionsOf: () => [] };

function bareTargets(portal: PortalEntry): Bare {
  const known = kept.get(portal);
  if (known !== undefined) return known;
  const { host, port } = portal;
  const tags = new Map(
    portal.targets.map(({ name, portals }) => {
      const tag = portals.find((one) => one.host === host && one.port === port)?.groupTag ?? null;
      return [name, tag === null ? '' : `group ${tag}`] as const;
    }),
  );
  const nodes = [...tags].map(([target, tag]) => targetNode({ host, port, target }, tag, [], NO_SESSIONS));
  const bare = { names: new Set(tags.keys()), nodes, tags };
  kept.set(portal, bare);
  return bare;
}

export function portalNode(portal: PortalEntry, source: TreeSource, lookup: Lookup): TreeNode {
  const { host, port } = portal;
  const { names, nodes, tags } = bareTargets(portal);
  const used = new Set(source.sessions.map(({ target }) => target));
  const extra = new Set(
    source.sessions
      .filter((one) => one.host === host && one.port === port && !names.has(one.target))
      .map(({ target }) => target),
  );
  const withSessions = (target: string): TreeNode => {
    const place = { host, port, target };
    const own = lookup.sessionsOf(target).filter((session) => leadsTo(session, place));
    return targetNode(place, tags.get(target) ?? '', own, lookup);
  };
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
    opens: nodes.length + extra.size <= MANY,
    children: [
      ...nodes.map((node) => (used.has(node.spoken) ? withSessions(node.spoken) : node)),
      ...[...extra].map(withSessions),
    ],
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
function unitNodes(target: string, own: readonly SessionEntry[], source: TreeSource, lookup: Lookup): TreeNode[] {
  const nodes = new Map<string, TreeNode>();
  // A unit stands for a way that can be taken, where there is one.
  const upFirst = [...own].sort((a, b) => Number(b.state === 'full') - Number(a.state === 'full'));
  for (const session of upFirst) {
    for (const lun of session.luns ?? []) {
      const unit = lookup.unitOf(session, lun);
      if (unit === undefined || nodes.has(unit.key)) continue;
      const node = lunNode(session, lun, lookup);
      const several = unit.paths.length > 1;
      nodes.set(unit.key, {
        ...node,
        key: `unit ${target} ${unit.key}`,
        badges: several ? lunBadges({ ...lun, path: null }, unit.paths) : node.badges,
        opens: several,
        children: several ? unit.paths.map((path) => pathNode(target, unit, path, source.choices)) : [],
      });
    }
  }
  return [...nodes.values()];
}

/** The targets of several portals by name, each with the places it is reached at; kept while the portals say the same. */
interface ByName {
  readonly portals: readonly PortalEntry[];
  readonly places: ReadonlyMap<string, readonly TargetPlace[]>;
  readonly nodes: ReadonlyMap<string, TreeNode>;
}

const keptByName = new WeakMap<PortalEntry, ByName>();

const wordsOf = (all: readonly TargetPlace[]): string =>
  all.length === 1 && all[0] !== undefined ? formatPortal(all[0]) : `${all.length} portals`;

function targetsByName(portals: readonly PortalEntry[]): ByName {
  const [first] = portals;
  const known = first === undefined ? undefined : keptByName.get(first);
  if (known?.portals.length === portals.length && known.portals.every((portal, at) => portal === portals[at]))
    return known;
  const places = new Map<string, TargetPlace[]>();
  for (const { host, port, targets } of portals) {
    for (const { name } of targets) {
      const all = places.get(name);
      if (all === undefined) places.set(name, [{ host, port, target: name }]);
      else all.push({ host, port, target: name });
    }
  }
  const nodes = new Map(
    [...places].flatMap(([name, all]) =>
      all[0] === undefined
        ? []
        : [[name, { ...targetNode(all[0], wordsOf(all), [], NO_SESSIONS), key: `target ${name}` }] as const],
    ),
  );
  const made = { portals, places, nodes };
  if (first !== undefined) keptByName.set(first, made);
  return made;
}

export function byTarget(portals: readonly PortalEntry[], source: TreeSource, lookup: Lookup): TreeNode[] {
  const { places, nodes } = targetsByName(portals);
  const ids = new Set(portals.map(({ id }) => id));
  const used = new Map<string, readonly TargetPlace[]>();
  for (const session of source.sessions) {
    const { host, port, target } = session;
    const all = used.get(target) ?? places.get(target) ?? [];
    const listed = all.some((place) => leadsTo(session, place)) || !ids.has(formatPortal(session));
    const reached = listed ? all : [...all, { host, port, target }];
    if (reached.length > 0) used.set(target, reached);
  }
  const withSessions = (target: string, all: readonly TargetPlace[]): TreeNode => {
    const own = lookup.sessionsOf(target).filter((session) => all.some((place) => leadsTo(session, place)));
    const sessions = own.map((session): TreeNode => {
      const made = sessionNode(session, lookup);
      // What is up has its LUNs beside it, each once; what has ended keeps the ones it had.
      const children = session.state === 'closed' ? made.children : made.children.filter(({ kind }) => kind === 'note');
      return { ...made, detail: `${made.detail}, ${formatPortal(session)}`, children };
    });
    return {
      ...targetNode(all[0] ?? { host: '', port: 0, target }, wordsOf(all), own, lookup),
      key: `target ${target}`,
      children: [...sessions, ...unitNodes(target, own, source, lookup)],
    };
  };
  const listed = [...nodes].map(([name, node]) => {
    const all = used.get(name);
    return all === undefined ? node : withSessions(name, all);
  });
  const others = [...used].filter(([name]) => !nodes.has(name));
  return [...listed, ...others.map(([name, all]) => withSessions(name, all))];
}

/** The sessions whose portal nobody lists any more, under their targets: the portal was removed, or the demo SAN stopped. */
export function leftOver({ portals, sessions }: TreeSource, lookup: Lookup): TreeNode[] {
  const listed = new Set(portals.map(({ id }) => id));
  const places = new Map<string, TargetPlace>();
  for (const session of sessions) {
    const portal = formatPortal(session);
    if (!listed.has(portal)) places.set(`${portal} ${session.target}`, session);
  }
  return [...places.values()].map((place) => {
    const own = lookup.sessionsOf(place.target).filter((session) => leadsTo(session, place));
    return targetNode(place, formatPortal(place), own, lookup);
  });
}
