import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError, type BlockStore } from '../../../core/target/index.ts';
import { Cleanup, patterned, startRig, TARGET } from '../initiator/support.ts';
import { cli } from './support.ts';

const cleanup = new Cleanup();
let url: string;

/** A disk whose first read of block 5 ends the connection it came on. */
function cutting(): BlockStore {
  const { store } = patterned(64);
  let cut = false;
  return {
    blockSize: 512,
    blocks: 64n,
    writable: false,
    thin: false,
    read: (lba, into) => {
      if (lba === 5n && !cut) {
        cut = true;
        throw new StoreError({ kind: 'dropConnection' }, 'It is cut.');
      }
      store.read(lba, into);
      return undefined;
    },
    write: () => undefined,
    flush: () => undefined,
  };
}

beforeEach(async () => {
  const { port } = await startRig(cleanup, [cutting()]);
  url = `iscsi://127.0.0.1:${String(port)}/${TARGET}/0`;
});
afterEach(() => cleanup.run());

describe('a verb whose connection is lost and comes back', () => {
  it('says both on standard error, and does what was asked', async () => {
    const run = await cli(['read', url, '--lba', '5']);
    expect(run.err).toMatch(/^The connection is being re-established\. [^\n]+\nThe connection is back\.\n$/u);
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/^000000000a00 /u);
  });

  it('says nothing with --json, whose standard error is for one object', async () => {
    expect(await cli(['read', url, '--lba', '5', '--json'])).toMatchObject({ code: 0, err: '' });
  });
});
