import type { BlockStore, FaultStore, LogicalUnit, Target } from '../target/index.ts';

/** The parts of the demo SAN that trouble can be made with. */
export interface TroubleParts {
  readonly faults: FaultStore['faults'];
  readonly troubled: Target;
  readonly multipath: LogicalUnit;
  /** The troubled unit, and its store in two sizes. */
  readonly troubledUnit: LogicalUnit;
  readonly small: BlockStore;
  readonly grown: BlockStore;
}

/** A fault that can be switched on and off while initiators are connected. */
export interface Scenario {
  readonly id: ScenarioId;
  readonly title: string;
  /** What happens, and what to look for. */
  readonly description: string;
}

/** The name of a scenario. */
export type ScenarioId =
  'medium-error' | 'slow' | 'drop' | 'digest-error' | 'busy' | 'login-refused' | 'grow' | 'path-failover';

interface ScenarioRow extends Scenario {
  readonly apply: (parts: TroubleParts, on: boolean) => void;
}

const BAD_LBA = 4096n;

const ROWS: readonly ScenarioRow[] = [
  {
    id: 'medium-error',
    title: 'Medium error',
    description: `Blocks ${String(BAD_LBA)} to ${String(BAD_LBA + 7n)} cannot be read: CHECK CONDITION, MEDIUM ERROR, with the first bad LBA in the sense data.`,
    apply: ({ faults }, on) => {
      faults.unreadable = on ? [{ lba: BAD_LBA, count: 8n }] : [];
    },
  },
  {
    id: 'slow',
    title: 'Slow LUN',
    description: 'Every command takes 1.5 seconds longer. The latency charts and deadlines show it.',
    apply: ({ faults }, on) => {
      faults.latencyMs = on ? 1500 : 0;
    },
  },
  {
    id: 'drop',
    title: 'Dropped connection',
    description: 'The connection is cut at every tenth command that reads or writes. Watch the session reconnect.',
    apply: ({ faults }, on) => {
      faults.dropEvery = on ? 10 : 0;
    },
  },
  {
    id: 'digest-error',
    title: 'Damaged data',
    description:
      'One bit of every fifth read is flipped behind its data digest. Log in with a CRC32C data digest to see it caught.',
    apply: ({ troubled }, on) => {
      troubled.damageEvery = on ? 5 : 0;
    },
  },
  {
    id: 'busy',
    title: 'Busy',
    description: 'Reads and writes end with status BUSY; the initiator is expected to try again later.',
    apply: ({ faults }, on) => {
      faults.failAll = on ? { kind: 'busy' } : undefined;
    },
  },
  {
    id: 'login-refused',
    title: 'Login refused',
    description: 'New logins are answered with 0301, service unavailable. Sessions that are there stay.',
    apply: ({ troubled }, on) => {
      troubled.closed = on ? 'unavailable' : undefined;
    },
  },
  {
    id: 'grow',
    title: 'The LUN grows',
    description:
      'The troubled LUN becomes 8 MiB larger, and every initiator meets UNIT ATTENTION, 2A/09: capacity data has changed. Off shrinks it again.',
    apply: ({ troubledUnit, small, grown }, on) => {
      troubledUnit.replaceStore(on ? grown : small);
    },
  },
  {
    id: 'path-failover',
    title: 'Path failover',
    description:
      'The first portal group of the multipath LUN goes to standby and the second becomes active optimized; both initiators get a unit attention.',
    apply: ({ multipath }, on) => {
      multipath.setAccessState(1, on ? 'standby' : 'activeOptimized');
      multipath.setAccessState(2, on ? 'activeOptimized' : 'activeNonOptimized');
    },
  },
];

/** Every scenario of the demo SAN. */
export const SCENARIOS: readonly Scenario[] = ROWS.map(({ id, title, description }) => ({ id, title, description }));

/** Switches a scenario. */
export function applyScenario(id: ScenarioId, parts: TroubleParts, on: boolean): void {
  ROWS.find((row) => row.id === id)?.apply(parts, on);
}
