import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { RawTarget } from './raw-target.ts';

/** A target made of bytes, on a port of its own. */
export interface RawListener {
  readonly port: number;
  /** Cuts every connection and listens no longer. */
  close(): Promise<void>;
}

/** Lets such a target listen; where `instead` is given, it takes each connection in the target's place. */
export async function listenRaw(
  target: RawTarget,
  instead?: (socket: Socket, index: number) => void,
): Promise<RawListener> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (instead !== undefined) {
      instead(socket, count);
      count += 1;
      return;
    }
    const connection = target.accept({
      send: (bytes) => void socket.write(bytes),
      end: () => void socket.end(),
      destroy: () => void socket.resetAndDestroy(),
    });
    socket.on('data', (bytes) => {
      connection.receive(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
