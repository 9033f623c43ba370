import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { exportPcapng, findProblems, type ExportOptions, type Trace } from '../../../core/trace/index.ts';
import { cleanScene, ENDS, readTrace, Scene } from './scene.ts';

function write(trace: Trace, options: ExportOptions = {}): Uint8Array {
  return Uint8Array.from([...exportPcapng(trace, options)].flatMap((block) => [...block]));
}

/** Times of the packets of a capture, in order. */
function packetTimes(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer);
  const times: bigint[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true))
    if (view.getUint32(at, true) === 6)
      times.push((BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(view.getUint32(at + 16, true)));
  return times;
}

/** Sequence numbers of the packets that open conversations. */
function firstNumbers(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer);
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true))
    if (view.getUint32(at, true) === 6 && (bytes[at + 28 + 20 + 13]! & 2) !== 0)
      numbers.push(view.getUint32(at + 28 + 24));
  return numbers;
}

const sorted = (times: readonly bigint[]): bigint[] => [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const commentOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 1000));
const expectSameAgain = (bytes: Uint8Array): void => expect(toHex(write(readTrace(bytes).trace))).toBe(toHex(bytes));

/** A session that begins so many milliseconds late. */
function session(lateMs: number, ends: Partial<typeof ENDS> = {}): Uint8Array {
  const scene = new Scene({}, { ...ENDS, ...ends });
  scene.timeMs += lateMs;
  const trace = scene.login().read().read().logout().trace();
  trace.connections[0]!.openedNs += lateMs * 1e6;
  return write(trace);
}

/** Captures one behind the other, as one trace. */
function joined(...captures: readonly Uint8Array[]): Trace {
  return readTrace(Uint8Array.from(captures.flatMap((each) => [...each]))).trace;
}

describe('the order of an export', () => {
  it('is that of time, handshakes and closes of other connections included', () => {
    const trace = joined(
      session(0.3, { initiatorPort: 50_001 }),
      session(0.05),
      session(-0.2, { initiatorPort: 50_002 }),
    );
    trace.connections[2]!.closedNs += 5_000_000;
    const bytes = write(trace);
    const times = packetTimes(bytes);
    expect(times).toEqual(sorted(times));
    expect(new Set(times).size).toBeGreaterThan(20);
    const again = readTrace(bytes).trace;
    expect(again.length).toBe(24);
    expect(again.connections.map(({ endpoints }) => endpoints.initiatorPort)).toEqual([50_002, 50_000, 50_001]);
    expectSameAgain(bytes);
  });

  it("never turns a stream round: what was captured late takes its predecessor's time, and the capture says so", () => {
    const trace = cleanScene().trace();
    const [page] = trace.at(0);
    // Of the second command, between a first and a third of the same direction.
    page.time[4] = page.time[0]! - 1;
    const bytes = write(trace);
    expect(commentOf(bytes)).toContain('1 PDUs were captured after what follows them');
    expect(packetTimes(bytes)).toEqual(sorted(packetTimes(bytes)));
    const again = readTrace(bytes).trace;
    for (const row of [0, 2, 5]) expect(toHex(again.readPdu(row).bhs)).toBe(toHex(trace.readPdu(row).bhs));
    expectSameAgain(bytes);
  });

  it('puts no request before a status it acknowledges, where the clock went back', () => {
    const scene = new Scene().login();
    const slow = scene.command([0]);
    scene.read().wait(5).respond(slow).read().read().logout().close();
    const trace = scene.trace();
    expect(findProblems(trace)).toEqual([]);
    const [page] = trace.at(0);
    for (let row = 6; row < trace.length; row += 1) page.time[row] = page.time[row]! - 7e6;
    const bytes = write(trace);
    expect(packetTimes(bytes)).toEqual(sorted(packetTimes(bytes)));
    const again = readTrace(bytes).trace;
    expect(findProblems(again)).toEqual([]);
    for (let row = 0; row < trace.length; row += 1)
      expect(toHex(again.readPdu(row).bhs)).toBe(toHex(trace.readPdu(row).bhs));
    expectSameAgain(bytes);
  });

  it('puts no answer before its request', () => {
    const trace = cleanScene().trace();
    const [page] = trace.at(0);
    [page.time[2], page.time[3]] = [page.time[3]!, page.time[2]!];
    const again = readTrace(write(trace)).trace;
    expect(toHex(again.readPdu(2).bhs)).toBe(toHex(trace.readPdu(2).bhs));
    expect(toHex(again.readPdu(3).bhs)).toBe(toHex(trace.readPdu(3).bhs));
  });
});

describe('the ends of connections in an export', () => {
  it('stay apart where one server port would make them the same', () => {
    const trace = joined(session(0, { targetPort: 13_260 }), session(0.05, { targetPort: 13_261 }));
    const bytes = write(trace, { serverPort: 3260 });
    expect(commentOf(bytes)).toContain('1 connections have a made-up initiator port');
    const again = readTrace(bytes).trace;
    expect(again.length).toBe(trace.length);
    expect(again.connections.map(({ endpoints }) => [endpoints.initiatorPort, endpoints.targetPort])).toEqual([
      [50_000, 3260],
      [49_152, 3260],
    ]);
    expectSameAgain(bytes);
    expect(commentOf(write(trace))).not.toContain('made-up initiator port');
  });

  it('may be the same one after the other', () => {
    const trace = joined(session(0), session(50));
    expect(trace.connections.length).toBe(2);
    const bytes = write(trace);
    const again = readTrace(bytes).trace;
    expect(again.connections.map(({ endpoints }) => endpoints.initiatorPort)).toEqual([50_000, 50_000]);
    expect(again.length).toBe(trace.length);
    // A handshake with the numbers of the one before would be taken for its repetition.
    expect(new Set(firstNumbers(bytes)).size).toBe(4);
    expectSameAgain(bytes);
  });

  it('are those for documentation where they are not known, and differ', () => {
    const bytes = cleanScene().bytes();
    const opened = new DataView(bytes.buffer).getUint32(64, true);
    // Without the record that opens the connection.
    const trace = readTrace(Uint8Array.from([...bytes.subarray(0, 64), ...bytes.subarray(64 + opened)])).trace;
    expect(trace.connections[0]!.endpoints.targetHost).toBe('0.0.0.0');
    const out = write(trace);
    const again = readTrace(out).trace;
    expect(again.length).toBe(12);
    expect(again.connections[0]!.endpoints).toEqual({
      initiatorHost: '192.0.2.1',
      initiatorPort: 49_152,
      targetHost: '192.0.2.2',
      targetPort: 3260,
    });
    expectSameAgain(out);
    const shared = readTrace(write(trace, { shareHash: () => new Uint8Array(32) })).trace;
    expect(shared.length).toBe(12);
    const { initiatorHost, targetHost } = shared.connections[0]!.endpoints;
    expect(initiatorHost).not.toBe(targetHost);
  });
});
