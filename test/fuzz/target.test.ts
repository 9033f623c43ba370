import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_LIST } from '../../core/scsi/index.ts';
import { LogicalUnit, SparseStore, type ServerEvent } from '../../core/target/index.ts';
import { makeServer, RawInitiator, settle } from '../core/target/raw-initiator.ts';
import { loginPdu, rawPdu } from '../support/raw-pdu.ts';

function makeTarget() {
  const unit = new LogicalUnit({
    store: new SparseStore({ blocks: 1024 }),
    identity: { serial: 'F1' },
    removable: true,
  });
  const server = makeServer([{ luns: [{ lun: 0, unit }], offers: { maxConnections: 4, errorRecoveryLevel: 2 } }], {
    limits: { writeBytesPerSession: 4 * 1024 * 1024 },
  });
  const mistakes: unknown[] = [];
  server.subscribe((event: ServerEvent) => {
    if (event.kind === 'internalError') mistakes.push(event.error);
  });
  return { server, mistakes };
}

const byte = fc.integer({ min: 0, max: 255 });
const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 0xffffffff, 0x80000000),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0, max: 20 }),
);
const data = fc.uint8Array({ maxLength: 600 });
/** A PDU whose fields are plausible one by one and need not fit together. */
const pdu = fc
  .record({
    opcode: fc.constantFrom(0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x01, 0x05),
    immediate: fc.boolean(),
    flags: byte,
    lun: fc.constantFrom(0, 0, 0, 1, 300),
    itt: fc.integer({ min: 0, max: 6 }),
    words: fc.array(word, { minLength: 7, maxLength: 7 }),
    data,
  })
  .map((fields) => rawPdu(fields));
/** A command the tables may know, with what fields there may be. */
const command = fc
  .record({
    opcode: fc.constantFrom(...COMMAND_LIST.map(({ opcode, serviceAction }) => [opcode, serviceAction ?? 0] as const)),
    rest: fc.array(fc.oneof(fc.constant(0), byte), { minLength: 14, maxLength: 14 }),
    expected: fc.integer({ min: 0, max: 5000 }),
    flags: fc.constantFrom(0x80, 0xc0, 0xa0, 0x20, 0xe0),
    data,
  })
  .map(({ opcode, rest, expected, flags, data: bytes }) => (cmdSn: number) => {
    const cdb = [...opcode, ...rest];
    return rawPdu({ opcode: 0x01, flags, itt: cmdSn, words: [expected, cmdSn, 0], cdb, data: bytes });
  });

describe('the target under noise', () => {
  it('never makes a mistake of its own over PDUs that do not fit together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(pdu, { minLength: 1, maxLength: 30 }),
        fc.constantFrom('0', '1', '2'),
        async (pdus, level) => {
          const { server, mistakes } = makeTarget();
          const initiator = new RawInitiator(server).loggedIn({
            ErrorRecoveryLevel: level,
            FirstBurstLength: '512',
            MaxBurstLength: '1024',
          });
          for (const bytes of pdus) initiator.raw(bytes);
          await settle();
          server.timeout(1_000_000);
          server.timeout(2_000_000);
          expect(mistakes).toEqual([]);
          initiator.connection.handleClosed();
          await settle();
          server.timeout(3_000_000);
          expect([server.memory.used, server.sessions]).toEqual([0, []]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('answers every command it takes, whatever its CDB', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 20 }), async (commands) => {
        const { server, mistakes } = makeTarget();
        const initiator = new RawInitiator(server).loggedIn({ InitialR2T: 'No', FirstBurstLength: '512' });
        commands.forEach((make, i) => initiator.raw(make(i + 1)));
        await settle();
        server.timeout(1_000_000);
        await settle();
        expect(mistakes).toEqual([]);
        const answered = new Set(
          initiator.seen
            .filter(({ opcode, flags }) => opcode === 0x21 || (opcode === 0x25 && (flags & 1) === 1))
            .map(({ itt }) => itt),
        );
        if (!initiator.closed) expect(answered.size).toBe(commands.length);
      }),
      { numRuns: 300 },
    );
  });

  it('ends logins of any text in an answer or a closed connection', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(data, byte), { minLength: 1, maxLength: 5 }), (rounds) => {
        const { server, mistakes } = makeTarget();
        const initiator = new RawInitiator(server);
        for (const [text, flags] of rounds) initiator.raw(loginPdu(text, { flags }));
        expect(mistakes).toEqual([]);
        expect(initiator.closed || initiator.seen.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('takes a stream cut anywhere as the same stream', () => {
    const stream = [
      rawPdu({ opcode: 0x01, flags: 0xc0, itt: 1, words: [1024, 1, 0], cdb: [0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0] }),
      rawPdu({
        opcode: 0x01,
        flags: 0xa0,
        itt: 2,
        words: [512, 2, 0],
        cdb: [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0],
        data: new Uint8Array(512).fill(3),
      }),
      rawPdu({ opcode: 0x00, immediate: true, itt: 3, words: [0xffffffff, 3, 0], data: Uint8Array.of(1, 2, 3) }),
    ];
    const whole = new Uint8Array(stream.reduce((sum, bytes) => sum + bytes.length, 0));
    stream.reduce((at, bytes) => (whole.set(bytes, at), at + bytes.length), 0);
    const run = (cuts: readonly number[]) => {
      const initiator = new RawInitiator(makeTarget().server).loggedIn();
      const from = initiator.seen.length;
      let last = 0;
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        initiator.raw(whole.slice(last, cut));
        last = cut;
      }
      initiator.raw(whole.slice(last));
      return initiator.seen.slice(from).map(({ bytes }) => bytes);
    };
    const expected = run([]);
    expect(expected).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 12 }), (cuts) => {
        expect(run(cuts)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
