import { Socket, type OnReadOpts, type Server, type SocketConstructorOpts } from 'node:net';

/** What an accepted socket carries besides its public face. */
interface Innards {
  _handle: object | null;
  _server: Server | null;
  server: Server | null;
}

/**
 * An accepted socket that reads into a buffer of ours. `createServer` has no `onread`, so that the connection is moved to
 * a socket made with it; the listener must accept with `pauseOnConnect`. Where the runtime's sockets are built otherwise,
 * nothing is changed and undefined is returned.
 */
export function readInto(accepted: Socket, onread: OnReadOpts): Socket | undefined {
  const from = accepted as Socket & Partial<Innards>;
  const { _handle: handle, _server: server } = from;
  if (
    handle === undefined ||
    handle === null ||
    server === undefined ||
    typeof Reflect.get(handle, 'useUserBuffer') !== 'function'
  )
    return undefined;
  const options = { handle, onread } as SocketConstructorOpts;
  const socket = new Socket(options) as Socket & Partial<Innards>;
  // The server counts connections by the socket that closes; the old one must not close with it.
  socket.server = server;
  socket._server = server;
  from._handle = null;
  from._server = null;
  from.server = null;
  return socket;
}
