import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzip } from '../../../core/node/gunzip.ts';
import { pieces } from './trace-support.ts';

const PLAIN = Buffer.concat(Array.from({ length: 40 }, () => Buffer.concat([randomBytes(5_000), Buffer.alloc(5_000)])));
const PACKED = gzipSync(PLAIN);

/** What comes out of compressed bytes given in pieces of a size, and what is said of damage. */
async function unpack(packed: Uint8Array, size: number): Promise<{ plain: Buffer; damage: string[] }> {
  const damage: string[] = [];
  const out: Uint8Array[] = [];
  for await (const chunk of gunzip(pieces(packed, size), (why) => damage.push(why))) out.push(chunk);
  return { plain: Buffer.concat(out), damage };
}

describe('unpacking', () => {
  it.each([1_000, 17_000, 1 << 20])(
    'gives all of it where the trailer is wrong, in pieces of %i bytes',
    async (size) => {
      const wrong = Buffer.concat([PACKED.subarray(0, -8), Buffer.alloc(8)]);
      const { plain, damage } = await unpack(wrong, size);
      expect(plain.equals(PLAIN)).toBe(true);
      expect(damage).toEqual(['incorrect data check']);
    },
  );

  it.each([7, 1 << 20])('gives all of what is whole, and one behind another, in pieces of %i bytes', async (size) => {
    expect((await unpack(PACKED, size)).plain.equals(PLAIN)).toBe(true);
    const two = await unpack(Buffer.concat([PACKED, gzipSync('more')]), size);
    expect(two.plain.equals(Buffer.concat([PLAIN, Buffer.from('more')]))).toBe(true);
    expect(two.damage).toEqual([]);
  });

  it('gives what there is of what was cut', async () => {
    const { plain, damage } = await unpack(PACKED.subarray(0, PACKED.length / 2), 1 << 20);
    expect(plain.length).toBeGreaterThan(PLAIN.length * 0.45);
    expect(plain.equals(PLAIN.subarray(0, plain.length))).toBe(true);
    expect(damage).toEqual(['unexpected end of file']);
  });

  it('gives nearly all of what came before damage, and nothing behind it', async () => {
    const middle = PACKED.length / 2;
    const broken = Buffer.concat([PACKED.subarray(0, middle), Buffer.alloc(3_000, 0xff), PACKED.subarray(middle)]);
    const { plain, damage } = await unpack(broken, 1 << 20);
    expect(damage).toHaveLength(1);
    expect(plain.length).toBeGreaterThan(PLAIN.length / 2 - 70_000);
    expect(
      plain.subarray(0, PLAIN.length * 0.4).equals(PLAIN.subarray(0, plain.length).subarray(0, PLAIN.length * 0.4)),
    ).toBe(true);
  });

  it('passes on why its input failed', async () => {
    const failing = (async function* (): AsyncGenerator<Uint8Array> {
      yield PACKED.subarray(0, 1_000);
      await Promise.resolve();
      throw new Error('gone');
    })();
    const read = async (): Promise<void> => {
      for await (const chunk of gunzip(failing, () => undefined)) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toThrow('gone');
  });
});
