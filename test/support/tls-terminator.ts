import { readFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';

/** A PEM file of the test certificates. */
export function tlsFixture(name: string): string {
  return readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
}

/** How the terminator shows itself. */
export interface TerminatorOptions {
  /** Name of the certificate file; `server.pem` where it is left out. */
  readonly cert?: string;
  /** Lets in only who shows a certificate of the test authority. */
  readonly wantsClient?: boolean;
}

/** What stands in front of a target that speaks no TLS: takes TLS connections and passes on what is in them. */
export class TlsTerminator {
  readonly host = '127.0.0.1';
  /** Connections whose handshake was finished. */
  secured = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: { readonly host: string; readonly port: number }, options: TerminatorOptions) {
    this.#server = createServer(
      {
        cert: tlsFixture(options.cert ?? 'server.pem'),
        key: tlsFixture('server.key'),
        ca: tlsFixture('ca.pem'),
        requestCert: options.wantsClient === true,
        rejectUnauthorized: options.wantsClient === true,
        noDelay: true,
      },
      (near) => {
        this.#carry(near, target);
      },
    );
    this.#server.on('tlsClientError', () => undefined);
  }

  static async start(
    target: { readonly host: string; readonly port: number },
    options: TerminatorOptions = {},
  ): Promise<TlsTerminator> {
    const terminator = new TlsTerminator(target, options);
    await new Promise<void>((resolve) => terminator.#server.listen(0, '127.0.0.1', resolve));
    return terminator;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts every connection with a reset. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: TLSSocket, target: { readonly host: string; readonly port: number }): void {
    this.secured += 1;
    const far = connect({ ...target, noDelay: true });
    const end = (): void => {
      for (const socket of [near, far]) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.pipe(far).pipe(near);
  }
}
