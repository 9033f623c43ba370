import { describe, expect, it } from 'vitest';
import { BufferPool } from '../../../core/node/buffer-pool.ts';
import { LogicalUnit, MemoryStore } from '../../../core/target/index.ts';
import { rawPdu } from '../../support/raw-pdu.ts';
import { makeServer, RawInitiator } from './raw-initiator.ts';

describe('memory that is used again', () => {
  it('comes back for a length of the same size class', () => {
    const pool = new BufferPool();
    const first = pool.take(100_000);
    pool.give(first);
    expect(pool.take(99_000).buffer).toBe(first.buffer);
  });

  it('is not taken back when it is small or foreign', () => {
    const pool = new BufferPool();
    const foreign = new Uint8Array(100_000);
    pool.give(foreign);
    expect(pool.take(100_000).buffer).not.toBe(foreign.buffer);
    expect(pool.pays(pool.take(100))).toBe(false);
  });

  it('is never that of a write whose data was still on its way', () => {
    const pool = new BufferPool();
    const taken: Uint8Array[] = [];
    const unit = new LogicalUnit({ store: new MemoryStore({ blocks: 1024 }), identity: { serial: 'B1' } });
    const server = makeServer([{ luns: [{ lun: 0, unit }] }], {
      environment: {
        random: (length) => new Uint8Array(length),
        chapDigest: () => new Uint8Array(16),
        crc32c: () => 0,
        allocate: (length) => {
          const bytes = pool.take(length);
          taken.push(bytes);
          return bytes;
        },
        release: (bytes) => pool.give(bytes),
      },
    });
    const initiator = new RawInitiator(server).loggedIn({ InitialR2T: 'Yes', ImmediateData: 'No' });
    const [r2t] = initiator.write(0, 128);
    const half = rawPdu({
      opcode: 0x05,
      flags: 0x80,
      itt: initiator.itt,
      words: [r2t?.words[0] ?? 0, 0, 0, 0, 0, 0],
      data: new Uint8Array(65536).fill(9),
    });
    initiator.raw(half.slice(0, 1000));
    const second = new RawInitiator(server).loggedIn({}, { isid: [0x80, 7, 7, 7, 0, 1] });
    second.manage(5);
    const fresh = pool.take(65536);
    expect(taken.some(({ buffer }) => buffer === fresh.buffer)).toBe(false);
    fresh.fill(1);
    initiator.raw(half.slice(1000));
    expect(fresh.every((byte) => byte === 1)).toBe(true);
  });
});
