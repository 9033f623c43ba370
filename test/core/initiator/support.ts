import { connect, type ConnectOptions, type Session } from '../../../core/initiator/index.ts';
import { TargetHost, type TargetHostOptions } from '../../../core/node/index.ts';
import { LogicalUnit, MemoryStore, type BlockStore, type UnitOptions } from '../../../core/target/index.ts';

/** The target every test of this folder logs in to. */
export const TARGET = 'iqn.2026-01.org.lunascope:test';

/** What is torn down after a test, last opened first. */
export class Cleanup {
  readonly #closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async run(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/** A running target with one LUN per store given. */
export interface Rig {
  readonly host: TargetHost;
  readonly port: number;
  connect(options?: Partial<ConnectOptions>): Promise<Session>;
}

/** Starts a target over `stores` on a free port. */
export async function startRig(
  cleanup: Cleanup,
  stores: readonly (BlockStore | { readonly store: BlockStore; readonly unit: Partial<UnitOptions> })[],
  options: Partial<TargetHostOptions> = {},
): Promise<Rig> {
  const luns = stores.map((each, lun) => {
    const { store, unit } = 'store' in each ? each : { store: each, unit: {} };
    return { lun, unit: new LogicalUnit({ store, identity: { serial: `SN${String(lun)}` }, ...unit }) };
  });
  const host = await TargetHost.start({
    targets: [{ name: TARGET, luns }],
    portals: [{ port: 0 }],
    powerOnUnitAttention: false,
    ...options,
  });
  cleanup.add(() => host.close());
  const port = host.portals[0]?.port ?? 0;
  return {
    host,
    port,
    connect: async (extra = {}) => {
      const session = await connect({ host: '127.0.0.1', port }, { target: TARGET, ...extra });
      cleanup.add(() => session.logout().catch(() => undefined));
      return session;
    },
  };
}

/** A memory store whose bytes tell where they lie. */
export function patterned(blocks: number, blockSize = 512): { store: MemoryStore; bytes: Uint8Array } {
  const bytes = Uint8Array.from({ length: blocks * blockSize }, (_, i) => (i * 31 + (i >> 9)) & 0xff);
  const store = new MemoryStore({ blocks, blockSize, bytes: bytes.slice() });
  return { store, bytes };
}

/** A clock whose waits end only when the test is torn down, for commands that must not end by themselves. */
export function stuckClock(cleanup: Cleanup): { now(): number; wait(): Promise<void> } {
  const release: (() => void)[] = [];
  cleanup.add(() => {
    for (const each of release) each();
    return Promise.resolve();
  });
  return { now: () => performance.now(), wait: () => new Promise((resolve) => release.push(resolve)) };
}

/** Whether two byte strings are equal; quicker than a deep comparison of large ones. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
