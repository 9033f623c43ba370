import { connect, createServer } from 'node:net';

/** Polls a condition until it holds; past the limit it fails, saying what was waited for. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limits: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<void> {
  const timeoutMs = limits.timeoutMs ?? 10_000;
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${String(timeoutMs)} ms`);
    await new Promise((resolve) => setTimeout(resolve, limits.everyMs ?? 15));
  }
}

/** Whether something accepts TCP connections there. */
export async function portAnswers(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}

/** Whether a listener may be bound there now. */
export async function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** A port nobody listens on, below the range the kernel hands to outgoing connections so that none of them takes it meanwhile. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await portIsFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000 on 127.0.0.1');
}
