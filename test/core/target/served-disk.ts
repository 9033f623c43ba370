import { LogicalUnit, MemoryStore, type BlockStore } from '../../../core/target/index.ts';
import { keyText } from '../../support/raw-pdu.ts';
import { makeServer, RawInitiator } from './raw-initiator.ts';

/** The reserved value of a task tag. */
export const NO_TAG = 0xffffffff;
/** TEST UNIT READY. */
export const TUR = [0, 0, 0, 0, 0, 0];

/** A small disk. */
export function diskUnit(store: BlockStore = new MemoryStore({ blocks: 64 }), serial = 'S1'): LogicalUnit {
  return new LogicalUnit({ store, identity: { serial } });
}

/** A server with that disk, and an initiator that has logged in. */
export function setUp(
  keys: Readonly<Record<string, string>> = {},
  config: Parameters<typeof makeServer>[1] = {},
  store?: BlockStore,
) {
  const unit = diskUnit(store);
  const server = makeServer(
    [{ luns: [{ lun: 0, unit }], offers: { maxConnections: 2, errorRecoveryLevel: 2 } }],
    config,
  );
  return { server, unit, initiator: new RawInitiator(server).loggedIn(keys) };
}

/** The same, with text requests of the initiator. */
export function rig(...args: Parameters<typeof setUp>) {
  const served = setUp(...args);
  const { initiator } = served;
  const text = (pairs: Readonly<Record<string, string>> | Uint8Array, fields: object = {}) =>
    initiator.pdu({
      opcode: 0x04,
      immediate: true,
      itt: 0x70,
      words: [NO_TAG, initiator.cmdSn, 0],
      data: pairs instanceof Uint8Array ? pairs : keyText(pairs),
      ...fields,
    });
  return { ...served, text };
}

/** A store whose reads and writes end when the test says so. */
export function heldStore(): { readonly store: BlockStore; readonly release: () => void } {
  const memory = new MemoryStore({ blocks: 64 });
  const waiting: (() => void)[] = [];
  const hold = (work: () => void): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(() => {
        work();
        resolve();
      });
    });
  const store: BlockStore = {
    blockSize: 512,
    blocks: 64n,
    writable: true,
    thin: false,
    read: (lba, into) => hold(() => memory.read(lba, into)),
    write: (lba, from) => hold(() => memory.write(lba, from)),
    flush: () => undefined,
  };
  return {
    store,
    release: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}
