import { createRequire } from 'node:module';
import { crc32c as portable, type Crc32c } from '../bytes/index.ts';

/** Below this many bytes the call across the boundary costs more than the sum. */
const NATIVE_FROM = 256;

function load(): Crc32c {
  try {
    const loaded: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    if (typeof loaded === 'object' && loaded !== null && 'crc32c' in loaded && typeof loaded.crc32c === 'function')
      return loaded.crc32c as Crc32c;
  } catch {
    return portable;
  }
  return portable;
}

let native: Crc32c | undefined;

/** CRC32C by the processor's own instruction where the native module loads, in JavaScript otherwise; loaded when first needed. */
export const fastCrc32c: Crc32c = (bytes, previous = 0) => {
  if (bytes.length < NATIVE_FROM) return portable(bytes, previous);
  native ??= load();
  return native(bytes, previous);
};
