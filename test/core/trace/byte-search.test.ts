import { describe, expect, it } from 'vitest';
import { compileFilter, exportPcapng, matchRows, parseFilter, type Trace } from '../../../core/trace/index.ts';
import { MARKS } from '../../../core/trace/columns.ts';
import { findBytes } from '../../../core/trace/filter/byte-search.ts';
import { readTrace, Scene, sourceOf } from './scene.ts';

const crc = (): number => 0;

/** Reads whose data is of few letters, so that any three of them are found here and there. */
function lettersScene(commands: number, bytesOf: (n: number) => number): Uint8Array {
  const scene = new Scene().login();
  let seed = 7;
  const letter = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return 0x41 + ((seed >> 16) % 24) + ((seed >> 8) % 2) * 32;
  };
  for (let n = 0; n < commands; n += 1) {
    const itt = scene.command([0x28, 0, 0, 0, 0, n & 255, 0, 0, 1], { read: true });
    scene.pdu('dataIn', { itt, final: true }, Uint8Array.from({ length: bytesOf(n) }, letter));
    scene.respond(itt, 0);
  }
  return scene.bytes();
}

/** What is found PDU by PDU, each read on its own. */
function oneByOne(trace: Trace, holds: (data: string, header: string) => boolean): number[] {
  const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
  return Array.from({ length: trace.length }, (_, row) => row).filter((row) => {
    const { bhs, ahs, data } = trace.readPdu(row);
    return holds(text(data), text(bhs) + text(ahs));
  });
}

function found(expression: string, trace: Trace): number[] {
  return matchRows(compileFilter(parseFilter(expression), trace), trace);
}

function asCapture(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...exportPcapng(readTrace(bytes).trace, { crc })].flatMap((part) => [...part]));
}

describe('bytes looked for in the file', () => {
  it.each([
    ['one run of bytes each', (bytes: Uint8Array) => bytes, false],
    ['several TCP segments', asCapture, true],
  ] as const)('are found where a look at each PDU finds them, in %s', (_name, dress, apart) => {
    const { trace } = readTrace(dress(lettersScene(60, (n) => (n % 9 === 0 ? 70_000 : n % 5 === 0 ? 0 : 900))));
    const pieces = oneByOne(trace, () => true).filter((row) => {
      const [page, i] = trace.at(row);
      return ((page.marks[i] as number) & MARKS.pieces) !== 0;
    });
    expect(pieces.length > 0).toBe(apart);
    for (const letters of ['A', 'bD', 'QRs', 'xYZ'])
      expect(found(`data contains "${letters}"`, trace)).toEqual(oneByOne(trace, (data) => data.includes(letters)));
    expect(found('!(data contains "bD")', trace)).toEqual(oneByOne(trace, (data) => !data.includes('bD')));
    expect(found('header contains 00:00:00:05', trace)).toEqual(
      oneByOne(trace, (_data, header) => header.includes('\0\0\0\x05')),
    );
    expect(found('"xyz"', trace)).toEqual(oneByOne(trace, (data) => data.toLowerCase().includes('xyz')));
    expect(found('"b\u0416"', trace)).toEqual([]);
  });

  it('are read in large runs, once each, and in small ones where few PDUs are asked about', () => {
    const bytes = lettersScene(900, () => 1500);
    const { trace } = readTrace(bytes);
    const inner = sourceOf(bytes);
    const reads: number[] = [];
    trace.source = {
      read: (offset, into) => {
        reads.push(into.length);
        return inner.read(offset, into);
      },
    };
    expect(found('data contains "nowhere at all"', trace)).toEqual([]);
    expect(reads.length).toBeLessThan(20);
    expect(Math.max(...reads)).toBeLessThanOrEqual(1 << 20);
    reads.length = 0;
    found('itt == 500 && data contains "nowhere at all"', trace);
    expect(reads).toEqual([16 << 10]);
  });

  it('are looked for by the host where it can', () => {
    const bytes = lettersScene(20, () => 300);
    const { trace } = readTrace(bytes);
    const plain = found('data contains "bD"', trace);
    let asked = 0;
    trace.source = {
      ...sourceOf(bytes),
      find: (all, wanted, from) => {
        asked += 1;
        return findBytes(all, wanted, from);
      },
    };
    expect(found('data contains "bD"', trace)).toEqual(plain);
    expect(asked).toBeGreaterThan(0);
  });

  it('are missing from a file that has lost its end, and the rest is found', () => {
    const bytes = lettersScene(40, () => 900);
    const { trace } = readTrace(bytes);
    trace.source = sourceOf(bytes.subarray(0, bytes.length / 2));
    expect(found('data contains "A"', trace)).toEqual(oneByOne(trace, (data) => data.includes('A')));
  });

  it('are found at the very end of others, and no further', () => {
    const all = Uint8Array.of(1, 2, 1, 2, 3);
    expect(findBytes(all, Uint8Array.of(1, 2, 3), 0)).toBe(2);
    expect(findBytes(all, Uint8Array.of(2, 3, 4), 0)).toBe(-1);
    expect(findBytes(all, Uint8Array.of(1, 2), 1)).toBe(2);
    expect(findBytes(all, Uint8Array.of(1, 2), 3)).toBe(-1);
  });
});
