import { afterEach, describe, expect, it } from 'vitest';
import type { Disk, Session } from '../../../core/initiator/index.ts';
import { StoreError, type BlockStore } from '../../../core/target/index.ts';
import { Cleanup, patterned, startRig } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** A disk, the session it was opened in, and what its store is told to do. */
async function opened(blocks: number) {
  const { store } = patterned(blocks);
  const told = { writes: 0, reads: 0, onWrite: (): void => undefined, onRead: (): void => undefined };
  const watched: BlockStore = {
    blockSize: 512,
    blocks: BigInt(blocks),
    writable: true,
    thin: false,
    read: (lba, into) => {
      told.reads += 1;
      told.onRead();
      store.read(lba, into);
      return undefined;
    },
    write: () => {
      told.writes += 1;
      told.onWrite();
      return undefined;
    },
    flush: () => undefined,
  };
  const rig = await startRig(cleanup, [watched]);
  const session = await rig.connect();
  return { session, disk: await session.disk(0), told };
}

/** What the session finds out when the target says that something changed. */
function exchange({ machine }: Session): void {
  const unit = machine.core.units.get(0, 0);
  if (unit !== undefined) machine.core.units.markChanged(unit, 'its serial number is not what it was.');
}

const CHANGED = { code: 'TASK_IDENTITY_CHANGED' };
const busyOnce = (session: Session) => () => {
  exchange(session);
  throw new StoreError({ kind: 'busy' }, 'Not now.');
};

describe('a unit that turns out to be another while a call goes on', () => {
  it('gets no write that it was too busy for at first', async () => {
    const { session, disk, told } = await opened(64);
    told.onWrite = busyOnce(session);
    await expect(disk.write(0n, new Uint8Array(512))).rejects.toMatchObject(CHANGED);
    expect(told.writes).toBe(1);
  });

  it('gets no read again either', async () => {
    const { session, disk, told } = await opened(64);
    told.reads = 0;
    told.onRead = busyOnce(session);
    await expect(disk.read(0n, 1)).rejects.toMatchObject(CHANGED);
    expect(told.reads).toBe(1);
  });

  it('gets none of the commands of a long write that were not under way yet', async () => {
    const { session, disk, told } = await opened(65_536);
    const commands = (blocks: Disk['blocks']): number => Math.ceil(Number(blocks) / disk.chunk.blocks);
    told.onWrite = () => {
      exchange(session);
    };
    await expect(disk.write(0n, new Uint8Array(65_536 * 512))).rejects.toMatchObject(CHANGED);
    expect(told.writes).toBeLessThan(commands(disk.blocks) / 2);
  });
});
