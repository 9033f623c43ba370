import { createRequire } from 'node:module';
import { crc32c as portable, type Crc32c } from '../bytes/index.ts';

/** Below this many bytes the call across the boundary costs more than the sum. */
const NATIVE_FROM = 256;

type NativeCrc = (bytes: Uint8Array, previous?: number) => number;

function loadNative(): NativeCrc | undefined {
  try {
    const loaded: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    if (typeof loaded === 'object' && loaded !== null && 'crc32c' in loaded && typeof loaded.crc32c === 'function')
      return loaded.crc32c as NativeCrc;
  } catch {
    return undefined;
  }
  return undefined;
}

const native = loadNative();

/** CRC32C by the processor's own instruction where the native module loads, in JavaScript otherwise. */
export const fastCrc32c: Crc32c =
  native === undefined
    ? portable
    : (bytes, previous = 0) => (bytes.length < NATIVE_FROM ? portable(bytes, previous) : native(bytes, previous));
