import { describe, expect, it } from 'vitest';
import { ReceiveBuffer } from '../../../core/node/receive-buffer.ts';

const KIB = 1024;

/** Where reading goes next: how much fits there, and from how many missing bytes on they are read to their place. */
function way(buffer: ReceiveBuffer): number[] {
  return [buffer.next().length / KIB, buffer.directFrom / KIB];
}

/** The ways after each of some reads of so many KiB, with the PDUs that ended in it. */
function waysAfter(buffer: ReceiveBuffer, reads: readonly (readonly [kib: number, pdus: number])[]): number[][] {
  return reads.map(([kib, pdus]) => {
    buffer.observe(kib * KIB, pdus, 8);
    return way(buffer);
  });
}

const SMALL = [64, 128];
const LARGE = [1024, 128];
const BRIEF = [16, 16];

describe('the buffer a socket reads into', () => {
  it('is small at first, and while small PDUs come', () => {
    const buffer = new ReceiveBuffer();
    expect(way(buffer)).toEqual(SMALL);
    for (let i = 0; i < 10; i += 1) buffer.observe(60 * KIB, 15, 32);
    expect(way(buffer)).toEqual(SMALL);
  });

  it('is large while PDUs are, or many tasks are under way', () => {
    const buffer = new ReceiveBuffer();
    buffer.observe(64 * KIB, 1, 8);
    expect(way(buffer)).toEqual(LARGE);
    buffer.observe(64 * KIB, 16, 8);
    expect(way(buffer)).toEqual(SMALL);
    buffer.observe(64 * KIB, 16, 128);
    expect(way(buffer)).toEqual(LARGE);
  });

  it('is brief while data segments are long, in whatever pieces they come', () => {
    const buffer = new ReceiveBuffer();
    const reads = [
      [64, 0],
      [100, 0],
      [92, 1],
      [16, 0],
      [200, 0],
      [40, 1],
    ] as const;
    expect(waysAfter(buffer, reads)).toEqual([SMALL, SMALL, BRIEF, BRIEF, BRIEF, BRIEF]);
    buffer.observe(16 * KIB, 4, 8);
    expect(way(buffer)).toEqual(BRIEF);
    buffer.observe(16 * KIB, 4, 8);
    expect(way(buffer)).toEqual(SMALL);
  });

  it('stays brief where each long segment has a status of its own', () => {
    const buffer = new ReceiveBuffer();
    buffer.observe(512 * KIB, 2, 8);
    const reads = [
      [16, 1],
      [20, 0],
      [110, 0],
      [64, 0],
      [62, 1],
    ] as const;
    expect(waysAfter(buffer, reads)).toEqual([BRIEF, BRIEF, BRIEF, BRIEF, BRIEF]);
  });

  it('takes segments of 128 KiB for long ones', () => {
    const buffer = new ReceiveBuffer();
    const reads = [
      [128, 1],
      [127, 1],
      [129, 1],
      [127, 1],
      [128, 1],
    ] as const;
    expect(waysAfter(buffer, reads)).toEqual([BRIEF, BRIEF, BRIEF, BRIEF, BRIEF]);
  });

  it('waits for the end of a PDU before it judges', () => {
    const buffer = new ReceiveBuffer();
    buffer.observe(8192 * KIB, 0, 8);
    expect(way(buffer)).toEqual(SMALL);
    buffer.observe(KIB, 1, 8);
    expect(way(buffer)).toEqual(BRIEF);
  });

  it('does not change for a few bytes now and then', () => {
    const buffer = new ReceiveBuffer();
    for (let i = 0; i < 7; i += 1) buffer.observe(4 * KIB, 1, 128);
    expect(way(buffer)).toEqual(SMALL);
    buffer.observe(4 * KIB, 1, 128);
    expect(way(buffer)).toEqual(LARGE);
  });
});
