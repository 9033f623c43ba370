import { connect, type ConnectOptions, type Session } from '../../../core/initiator/index.ts';
import { listenRaw as listenOn } from '../../hostile/peers/raw-listener.ts';
import type { RawConnection, RawTarget } from '../../hostile/peers/raw-target.ts';
import type { Request } from '../../hostile/peers/wire.ts';
import type { Cleanup } from './support.ts';

/** Lets a target made of bytes listen on a port of its own, until the test is over. */
export async function listenRaw(cleanup: Cleanup, target: RawTarget): Promise<number> {
  const { port, close } = await listenOn(target);
  cleanup.add(close);
  return port;
}

/** A session with such a target. */
export async function connectRaw(
  cleanup: Cleanup,
  target: RawTarget,
  options: Partial<ConnectOptions> = {},
): Promise<Session> {
  const port = await listenRaw(cleanup, target);
  const session = await connect(
    { host: '127.0.0.1', port },
    { target: 'iqn.2026-01.test:raw', keepaliveIntervalMs: 0, maxReconnectAttempts: 0, ...options },
  );
  cleanup.add(() => {
    session.destroy();
    return Promise.resolve();
  });
  return session;
}

/** Answers with data and GOOD; what is left of the allocation length is a residual. */
export function sendData(connection: RawConnection, request: Request, data: Uint8Array): void {
  const room = request.bhs.readUInt32BE(20);
  const sent = data.subarray(0, room);
  const rest = room - sent.length;
  connection.send({ opcode: 0x25, flags: rest > 0 ? 0x83 : 0x81, itt: request.itt, data: sent, word44: rest });
}
