import type { Socket } from 'node:net';

/**
 * Bytes given to the kernel in one call. Larger calls copy on while acknowledgements wait, so that pages come back late and
 * cold; a call for each PDU wakes the peer for each.
 */
const BATCH = 640 * 1024;

/** Sends chunks in order, several to a system call. */
export function writeBatches(
  socket: Socket,
  chunks: readonly Uint8Array[],
  write: (chunk: Uint8Array) => void = (chunk) => {
    socket.write(chunk);
  },
): void {
  let bytes = 0;
  socket.cork();
  for (const chunk of chunks) {
    write(chunk);
    bytes += chunk.length;
    if (bytes < BATCH) continue;
    socket.uncork();
    socket.cork();
    bytes = 0;
  }
  socket.uncork();
}
