import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Reads a FIFO without a thread that waits for it: it can be let go at any moment. With `follow` it is held open for
 * writing too, so that one writer may come after another; else it ends when its last writer has gone.
 */
export function readPipe(path: string, follow: boolean): Socket {
  const access = follow ? constants.O_RDWR : constants.O_RDONLY;
  return new Socket({ fd: openSync(path, access | constants.O_NONBLOCK), readable: true, writable: false });
}
