import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldNode } from '../../../core/bytes/index.ts';
import { decodeSense, payloadFieldTree, senseFieldTree } from '../../../core/scsi/index.ts';
import * as scsi from '../../../core/scsi/index.ts';
import { SAMPLES, type Sample } from './samples.ts';

/** Bytes that lie around the data: a reader that strays shows them. */
const GUARD = 0xa5;
const MARGIN = 32;

/** The data in the middle of a larger buffer, as it lies in a receive buffer. */
function embedded(bytes: Uint8Array): Uint8Array {
  const room = new Uint8Array(bytes.length + 2 * MARGIN).fill(GUARD);
  room.set(bytes, MARGIN);
  return room.subarray(MARGIN, MARGIN + bytes.length);
}

/** Every view of the data's own buffer inside a value, wherever it hangs. */
function views(value: unknown, buffer: ArrayBufferLike, found: Uint8Array[] = []): Uint8Array[] {
  if (value instanceof Uint8Array) {
    if (value.buffer === buffer) found.push(value);
  } else if (Array.isArray(value)) for (const item of value) views(item, buffer, found);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) views(item, buffer, found);
  return found;
}

function strays(node: FieldNode, length: number): FieldNode | undefined {
  const leaf = node.malformed === undefined && node.children === undefined;
  if (leaf && (node.offset < 0 || node.offset + node.length > length)) return node;
  for (const child of node.children ?? []) {
    const found = strays(child, length);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Reads and draws the data: neither strays from it, throws, nor depends on what lies around it. */
function check(sample: Sample, bytes: Uint8Array): void {
  const data = embedded(bytes);
  const decoded = sample.decode(data);
  const end = data.byteOffset + data.length;
  const outside = views(decoded, data.buffer).find(
    (view) => view.byteOffset < data.byteOffset || view.byteOffset + view.length > end,
  );
  expect(outside).toBeUndefined();
  expect(decoded).toEqual(sample.decode(bytes.slice()));
  expect(strays(payloadFieldTree(sample.cdb, sample.direction, data, sample.deviceType), data.length)).toBeUndefined();
}

const LIES_8 = [0, 1, 0x7f, 0x80, 0xff];
const LIES_16 = [0, 1, 0x00ff, 0xffff];

describe.each(SAMPLES.map((sample) => [sample.name, sample] as const))('%s', (_name, sample) => {
  it('is whole: no warning, no malformed field', () => {
    const decoded = sample.decode(sample.bytes) as { readonly warnings?: readonly string[] } | undefined;
    expect(decoded?.warnings ?? []).toEqual([]);
    const tree = payloadFieldTree(sample.cdb, sample.direction, sample.bytes, sample.deviceType);
    expect(tree.malformed).toBeUndefined();
    expect(tree.length).toBe(sample.bytes.length);
  });

  it('survives every truncation, and says so', () => {
    for (let length = 0; length < sample.bytes.length; length += 1) check(sample, sample.bytes.subarray(0, length));
  });

  it('survives every length lie at every place', { timeout: 60_000 }, () => {
    for (let at = 0; at < sample.bytes.length; at += 1) {
      for (const lie of LIES_8) {
        const bytes = sample.bytes.slice();
        bytes[at] = lie;
        check(sample, bytes);
      }
      for (const lie of at + 1 < sample.bytes.length ? LIES_16 : []) {
        const bytes = sample.bytes.slice();
        bytes.set([lie >> 8, lie & 0xff], at);
        check(sample, bytes);
      }
    }
  });

  it('survives random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        check(sample, bytes);
      }),
      { numRuns: 150 },
    );
  });

  it('survives random bytes behind a true head', () => {
    fc.assert(
      fc.property(fc.nat(sample.bytes.length), fc.uint8Array({ maxLength: 80 }), (keep, tail) => {
        check(sample, Uint8Array.from([...sample.bytes.subarray(0, keep), ...tail]));
      }),
      { numRuns: 150 },
    );
  });
});

it('holds for every parser of a payload', () => {
  const samples = readFileSync(join(import.meta.dirname, 'samples.ts'), 'utf8');
  const others = Object.keys(scsi).filter((name) => /^decode[A-Z]/u.test(name) && !samples.includes(`${name},`));
  // Those of commands and LUN numbers have tests of their own.
  expect(others.sort()).toEqual(['decodeCdb', 'decodeCdbAs', 'decodeLun']);
});

it('reads 16 KiB of any byte', { timeout: 60_000 }, () => {
  for (const fill of [0, 1, 2, 0x40, 0x72, 0xff]) {
    const bytes = new Uint8Array(16384).fill(fill);
    for (const sample of SAMPLES) {
      check(sample, bytes);
    }
  }
});

it('draws sense of any kind', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0x70, 0x71, 0x72, 0x73, 0xf0, 0x7f),
      fc.uint8Array({ maxLength: 260 }),
      (first, rest) => {
        const bytes = embedded(Uint8Array.of(first, ...rest));
        expect(decodeSense(bytes)?.responseCode).toBe(first & 0x7f);
        expect(strays(senseFieldTree(bytes), bytes.length)).toBeUndefined();
      },
    ),
    { numRuns: 500 },
  );
});
