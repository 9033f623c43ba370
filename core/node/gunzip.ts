import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** Bytes of a checksum and a length that compressed data ends with. */
const TRAILER = 8;
/** Compressed bytes that are given in at once, and most that comes out at once, which is what may be lost before damage. */
const PIECE = 1 << 16;
const INFLATED = 1 << 16;

/** Unpacks gzip. All that came out before damage is handed on, and `onDamage` told at the end; what follows is not read. */
export async function* gunzip(
  input: AsyncIterable<Uint8Array>,
  onDamage: (why: string) => void,
): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: INFLATED });
  const out: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => out.push(chunk));
  let damage: string | undefined;
  const ended = finished(stream).catch((error: unknown) => {
    damage = error instanceof Error ? error.message : String(error);
  });
  try {
    let held: Uint8Array = new Uint8Array(0);
    for await (const chunk of input) {
      const bytes = Buffer.concat([held, chunk]);
      // A trailer that is wrong fails all that is given in with it, so the last bytes go in alone.
      const to = Math.max(0, bytes.length - TRAILER);
      for (let at = 0; at < to; at += PIECE) {
        const piece = bytes.subarray(at, Math.min(at + PIECE, to));
        await Promise.race([ended, new Promise<void>((resolve) => void stream.write(piece, () => resolve()))]);
        yield* out.splice(0);
        if (damage !== undefined) return;
      }
      held = bytes.subarray(to);
    }
    stream.end(held);
    await ended;
    yield* out.splice(0);
  } finally {
    if (damage !== undefined) onDamage(damage);
    stream.destroy();
  }
}
