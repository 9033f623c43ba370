import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Reads a FIFO without a thread that waits for it, so that it can be let go at any moment: before a writer has come,
 * or while one is silent. It ends when its last writer has gone.
 */
export function readPipe(path: string): Socket {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}
