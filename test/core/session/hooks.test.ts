import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../core/errors/index.ts';
import { buildPdu, framePdu } from '../../../core/pdu/index.ts';
import type { PduTap, TapEnd } from '../../../core/session/index.ts';
import { TransmitQueue } from '../../../core/session/transmit.ts';
import { RawTarget, type RawOptions } from '../../hostile/peers/raw-target.ts';
import { pattern, UNIT } from '../../hostile/peers/raw-unit.ts';
import { isRight, rawSim, rememberUnit, submitRead, submitWrite } from '../../support/raw-sim.ts';
import { SIM_OPTIONS, type SessionSim } from '../../support/session-sim.ts';

async function opened(options: RawOptions = {}, session: object = {}): Promise<{ sim: SessionSim; target: RawTarget }> {
  const target = new RawTarget({ segment: 512, ...options });
  const sim = rawSim(target, session);
  expect(await sim.login()).toBeUndefined();
  rememberUnit(sim);
  return { sim, target };
}

/** A recorder that writes down what it is told. */
class Recorder implements PduTap {
  readonly lines: string[] = [];
  #connections = 0;

  openConnection(): number {
    this.#connections += 1;
    this.lines.push(`open ${String(this.#connections)}`);
    return this.#connections;
  }

  recordPdu(
    connection: number,
    fromInitiator: boolean,
    _timeMs: number,
    bytes: Uint8Array,
    at: number,
    ahsLength: number,
    _data: Uint8Array,
    _dataAt: number,
    dataLength: number,
  ): void {
    const opcode = ((bytes[at] ?? 0) & 0x3f).toString(16);
    this.lines.push(
      `${String(connection)} ${fromInitiator ? 'out' : 'in'} ${opcode} ${String(ahsLength)} ${String(dataLength)}`,
    );
  }

  recordLag(): void {
    this.lines.push('lag');
  }

  closeConnection(connection: number, _timeMs: number, reason: string, end: TapEnd): void {
    this.lines.push(`close ${String(connection)} ${end}: ${reason}`);
  }
}

describe('the metrics hook', () => {
  it('counts PDUs, bytes and commands, each with its opcode', async () => {
    const { sim } = await opened({}, { offers: { ...SIM_OPTIONS.offers, immediateData: true, firstBurstLength: 512 } });
    const seen: string[] = [];
    sim.machine.core.hooks.metrics = (kind, opcode, bytes) => {
      seen.push(`${kind} ${opcode.toString(16)} ${String(bytes)}`);
    };
    const read = submitRead(sim, 1, 2);
    await sim.run(5, () => read.state === 'done');
    expect(seen.splice(0)).toEqual([
      'pdu-sent 1 0',
      'pdu-received 25 512',
      'bytes-in 25 512',
      'pdu-received 25 512',
      'bytes-in 25 512',
      'command-complete 28 1024',
    ]);
    const write = submitWrite(sim, 1, pattern(UNIT, 1, 2));
    await sim.run(5, () => write.state === 'done');
    expect(seen).toEqual([
      'pdu-sent 1 512',
      'pdu-received 31 0',
      'pdu-sent 5 512',
      'bytes-out 5 512',
      'pdu-received 21 0',
      'command-complete 2a 1024',
    ]);
  });
});

describe('the recorder', () => {
  it('may come and go while the session runs, and is told of every connection', async () => {
    const { sim, target } = await opened({}, { maxReconnectAttempts: 2, reconnectBackoffMs: 10 });
    const { hooks } = sim.machine.core;
    const first = new Recorder();
    hooks.tap = first;
    await sim.execute({ cdb: new Uint8Array(20) });
    expect(first.lines.splice(0)).toEqual(['open 1', '1 out 1 8 0', '1 in 21 0 0']);
    const second = new Recorder();
    hooks.tap = second;
    const read = submitRead(sim, 1, 1);
    await sim.run(5, () => read.state === 'done');
    expect(first.lines.splice(0)).toEqual(['close 1 goes-on: Recording ended.']);
    expect(second.lines.splice(0)).toEqual(['open 1', '1 out 1 0 0', '1 in 25 0 512']);
    hooks.tap = undefined;
    await sim.execute({ cdb: new Uint8Array(6) });
    expect(second.lines.splice(0)).toEqual(['close 1 goes-on: Recording ended.']);
    hooks.tap = second;
    target.connections[0]?.reset();
    await sim.run(100, () => sim.machine.core.state === 'full' && target.logins === 2);
    // Nothing went over the lost connection while this recorder was there.
    expect(second.lines[0]).toBe('open 2');
    expect(second.lines).toContain('2 out 3 0 0'.replace('0 0', '0 ' + String(firstLoginLength(target))));
  });

  it('is told of what is sent when it is written', async () => {
    const { sim } = await opened({}, { offers: { ...SIM_OPTIONS.offers, immediateData: false, initialR2T: true } });
    const recorder = new Recorder();
    sim.machine.core.hooks.tap = recorder;
    const write = submitWrite(sim, 1, pattern(UNIT, 1, 2));
    expect(recorder.lines.splice(0)).toEqual([]);
    await sim.run(5, () => write.state === 'done');
    expect(recorder.lines).toEqual(['open 1', '1 out 1 0 0', '1 in 31 0 0', '1 out 5 0 1024', '1 in 21 0 0']);
  });

  it('is told of all that came before the bytes that end the connection', async () => {
    const { sim } = await opened();
    const recorder = new Recorder();
    sim.machine.core.hooks.tap = recorder;
    const ping = new Uint8Array(48);
    ping.set([0x20, 0x80]);
    ping.fill(0xff, 16, 24);
    const { expStatSn } = sim.machine.core.connections.get(0)!;
    new DataView(ping.buffer).setUint32(24, expStatSn);
    const noPdu = new Uint8Array(48).fill(0x7f);
    sim.machine.receive(0, Uint8Array.of(...ping, ...ping, ...noPdu), 0, 144);
    expect(recorder.lines.slice(0, 3)).toEqual(['open 1', '1 in 20 0 0', '1 in 20 0 0']);
    expect(recorder.lines[3]).toMatch(/^close 1 initiator-/u);
    expect(recorder.lines).toHaveLength(4);
  });

  it('is told of the PDU that was refused, and of none that came behind the end of its connection', async () => {
    for (const [odd, line] of [
      [buildPdu('dataIn', { itt: 0x1234 }, new Uint8Array(8)), '1 in 25 0 8'],
      [{ bhs: Uint8Array.of(0x1d, ...new Uint8Array(47)) }, '1 in 1d 0 0'],
    ] as const) {
      const { sim } = await opened();
      const recorder = new Recorder();
      sim.machine.core.hooks.tap = recorder;
      const bytes = framePdu(odd);
      sim.machine.receive(0, Uint8Array.of(...bytes, ...bytes), 0, bytes.length * 2);
      expect(recorder.lines.slice(0, 2)).toEqual(['open 1', line]);
      expect(recorder.lines[2]).toMatch(/^close 1 initiator-/u);
      expect(recorder.lines).toHaveLength(3);
    }
    const { sim } = await opened(
      { keys: { DataDigest: 'CRC32C' } },
      { offers: { ...SIM_OPTIONS.offers, dataDigest: ['CRC32C'] } },
    );
    const recorder = new Recorder();
    sim.machine.core.hooks.tap = recorder;
    const { expStatSn, digests } = sim.machine.core.connections.get(0)!;
    expect(digests.data).toBeDefined();
    // The target drops the connection, and what follows in the same read is damaged.
    const event = framePdu(buildPdu('asyncMessage', { event: 2, statSn: expStatSn }), digests);
    const damaged = framePdu(buildPdu('textResponse', { itt: 7 }, new Uint8Array(8)), digests);
    damaged.set([1], 50);
    sim.machine.receive(0, Uint8Array.of(...event, ...damaged), 0, event.length + damaged.length);
    expect(recorder.lines.slice(0, 2)).toEqual(['open 1', '1 in 32 0 0']);
    expect(recorder.lines.filter((line) => line.startsWith('open'))).toHaveLength(1);
    expect(recorder.lines.at(-1)).toMatch(/^close 1 /u);
  });

  it('is told who ended a connection, and how', async () => {
    const recorder = new Recorder();
    const ends = (): string[] => recorder.lines.splice(0).filter((line) => line.startsWith('close'));
    const cut = await opened();
    cut.sim.machine.core.hooks.tap = recorder;
    await cut.sim.execute({ cdb: new Uint8Array(6) });
    cut.sim.machine.connectionLost(0, new TransportError('CONNECTION_LOST', 'Cut.'), 'target-reset');
    expect(ends()).toEqual(['close 1 target-reset: Cut.']);
    const given = await opened();
    given.sim.machine.core.hooks.tap = recorder;
    await given.sim.execute({ cdb: new Uint8Array(6) });
    given.sim.machine.giveUp(0, new TransportError('CONNECTION_LOST', 'Enough.'));
    expect(ends()).toEqual(['close 2 initiator-closed: Enough.']);
  });

  it('is not told of a connection that never came up', async () => {
    const recorder = new Recorder();
    const target = new RawTarget();
    const sim = rawSim(target);
    sim.machine.core.hooks.tap = recorder;
    sim.accept = () => 'refuse';
    expect((await sim.login())?.code).toBe('CONNECT_REFUSED');
    expect(recorder.lines).toEqual([]);
  });
});

function firstLoginLength(target: RawTarget): number {
  return target.received.find((each) => each.opcode === 0x03)?.data.length ?? -1;
}

describe('what is to be sent', () => {
  it('keeps large payloads where they are, whole words without padding, and puts digests behind either', async () => {
    for (const dataDigest of ['None', 'CRC32C'] as const) {
      const { sim, target } = await opened(
        { keys: { MaxRecvDataSegmentLength: '65536' } },
        { offers: { ...SIM_OPTIONS.offers, dataDigest: [dataDigest] } },
      );
      const data = pattern(UNIT, 2, 40);
      const write = submitWrite(sim, 2, data);
      await sim.run(10, () => write.state === 'done');
      expect(write.error).toBeUndefined();
      expect(target.dataOut.map((each) => each.data.length)).toEqual([20480]);
      expect(target.written).toEqual([{ lba: 2, data }]);
      // 10001 bytes: three of padding.
      const odd = Uint8Array.from({ length: 10001 }, (_, i) => i & 0xff);
      const task = await sim.execute({ cdb: Uint8Array.of(0x3b, 2, 0, 0, 0, 0, 0, 0x27, 0x11, 0), dataOut: odd });
      expect(task.state).toBe('done');
      const after = submitRead(sim, 1, 1);
      await sim.run(10, () => after.state === 'done');
      expect(isRight(after, 1)).toBe(true);
    }
  });

  it('uses its memory again only once all of it has left', () => {
    const queue = new TransmitQueue();
    const chunks: Uint8Array[] = [];
    const drain = (gone: boolean): void => {
      queue.drain((each) => {
        chunks.push(...each);
        return gone;
      });
    };
    drain(true);
    expect(chunks).toEqual([]);
    const at = queue.reserve(4);
    queue.buffer.set([1, 2, 3, 4], at);
    const payload = Uint8Array.of(9, 9);
    queue.attach(payload);
    expect([queue.pending, queue.queuedBytes]).toEqual([true, 6]);
    drain(false);
    expect(chunks.map((each) => [...each])).toEqual([
      [1, 2, 3, 4],
      [9, 9],
    ]);
    expect(chunks[1]).toBe(payload);
    // The first four bytes are still on their way, so the next go behind them.
    expect(queue.reserve(4)).toBe(4);
    drain(true);
    expect(queue.reserve(4)).toBe(0);
    drain(true);
    // What does not fit goes into new memory, and what was written before stays in front of it.
    queue.reserve(queue.buffer.length - 2);
    const before = queue.buffer;
    queue.reserve(4);
    expect(queue.buffer).not.toBe(before);
    expect(queue.queuedBytes).toBe(before.length - 2 + 4);
    chunks.length = 0;
    drain(true);
    expect(chunks.map((each) => each.length)).toEqual([before.length - 2, 4]);
    expect(queue.pending).toBe(false);
  });
});
