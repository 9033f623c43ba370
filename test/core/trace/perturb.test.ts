import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { MARKS, type Trace } from '../../../core/trace/index.ts';
import { generateTrace, type GeneratedTrace } from '../../trace/generate.ts';
import { Random } from '../../trace/random.ts';
import { readTrace } from './scene.ts';

/** Records of a little-endian pcap file. */
function recordsOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const out: Uint8Array[] = [];
  for (let at = 24; at < file.length;) {
    const length = 16 + view.getUint32(at + 8, true);
    out.push(file.subarray(at, at + length));
    at += length;
  }
  return out;
}

function rebuild(file: Uint8Array, records: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([...file.subarray(0, 24), ...records.flatMap((record) => [...record])]);
}

type Streams = Map<string, string[]>;

function meant(made: GeneratedTrace): Streams {
  const out: Streams = new Map();
  for (const pdu of made.pdus) {
    const key = `${pdu.connection}/${String(pdu.fromInitiator)}`;
    out.set(key, [...(out.get(key) ?? []), toHex(pdu.bhs)]);
  }
  return out;
}

function read(trace: Trace): Streams {
  const out: Streams = new Map();
  for (let row = 0; row < trace.length; row += 1) {
    const [page, i] = trace.at(row);
    const port = trace.connections[page.connection[i]!]!.endpoints.initiatorPort;
    const key = `${port % 10}/${String((page.marks[i]! & MARKS.fromInitiator) !== 0)}`;
    out.set(key, [...(out.get(key) ?? []), toHex(trace.readPdu(row).bhs)]);
  }
  return out;
}

/** Whether the second list is the first with some left out. */
function isThinned(whole: readonly string[], rest: readonly string[]): boolean {
  let at = 0;
  for (const one of rest) {
    at = whole.indexOf(one, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Those of captures whose packets are in no tunnel: they are pcap files, whose records are known here. */
const SEEDS = Array.from({ length: 80 }, (_, i) => i + 1000)
  .filter((seed) => generateTrace(seed).around === undefined)
  .slice(0, 40);

describe('captures of a troubled network', () => {
  it.each(SEEDS)('reads seed %i the same with segments doubled and out of order', (seed) => {
    const made = generateTrace(seed);
    const random = new Random(seed);
    const records = recordsOf(made.file);
    // The handshakes stay in place: a connection whose first segments are out of order has no known start.
    for (let n = 0; n < 12; n += 1) {
      const at = random.int(12, records.length - 2);
      if (random.chance(0.5)) records.splice(at, 0, records[at]!);
      else [records[at], records[at + 1]] = [records[at + 1]!, records[at]!];
    }
    const { trace, importer } = readTrace(rebuild(made.file, records));
    expect(importer.failure).toBeUndefined();
    expect(read(trace)).toEqual(meant(made));
  });

  it.each(SEEDS)('invents nothing in seed %i when segments are missing', (seed) => {
    const made = generateTrace(seed);
    const random = new Random(seed);
    const records = recordsOf(made.file);
    for (let n = 0; n < 5; n += 1) records.splice(random.int(12, records.length - 1), 1);
    const whole = meant(made);
    const { trace } = readTrace(rebuild(made.file, records));
    for (const [key, rows] of read(trace)) expect(isThinned(whole.get(key) ?? [], rows), key).toBe(true);
  });
});
