import { connect, type Socket } from 'node:net';
import { TargetHost, type TargetHostOptions } from '../../../core/node/index.ts';
import { LogicalUnit, SparseStore } from '../../../core/target/index.ts';
import { loginPdu, RawReader, type SeenPdu } from '../../support/raw-pdu.ts';

export const NAME = 'iqn.2026-01.org.lunascope.test:hostile';
export const INITIATOR = 'iqn.2026-01.org.lunascope.test:bad';

/** A target on a free port of this computer, with a disk of 32 MiB. */
export async function startTarget(options: Partial<TargetHostOptions> = {}): Promise<TargetHost> {
  const unit = new LogicalUnit({ store: new SparseStore({ blocks: 65536 }), identity: { serial: 'H1' } });
  return TargetHost.start({
    portals: [{ port: 0 }],
    targets: [{ name: NAME, luns: [{ lun: 0, unit }] }],
    powerOnUnitAttention: false,
    ...options,
  });
}

/** A connection that sends what it is told and waits for what a test expects. */
export class Wire {
  readonly socket: Socket;
  readonly seen: SeenPdu[] = [];
  closed = false;
  readonly #reader = new RawReader();
  #wake: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Uint8Array) => {
      this.seen.push(...this.#reader.add(bytes));
      this.#tell();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#tell();
    });
  }

  static async open(target: TargetHost): Promise<Wire> {
    const port = target.portals[0]?.port ?? 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const wire = new Wire(socket);
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve);
      socket.once('close', () => resolve());
    });
    return wire;
  }

  /** Opens and logs in. */
  static async loggedIn(target: TargetHost, keys: Readonly<Record<string, string>> = {}): Promise<Wire> {
    const wire = await Wire.open(target);
    wire.send(loginPdu({ InitiatorName: INITIATOR, SessionType: 'Normal', TargetName: NAME, ...keys }));
    const answer = await wire.pdu(0);
    if (answer.opcode !== 0x23 || (answer.words[4] ?? 0) !== 0) throw new Error('The login was refused.');
    return wire;
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The nth PDU that came; fails where the connection closes first. */
  async pdu(index: number): Promise<SeenPdu> {
    for (;;) {
      const found = this.seen[index];
      if (found !== undefined) return found;
      if (this.closed) throw new Error(`The connection closed after ${String(this.seen.length)} PDUs.`);
      await this.#next();
    }
  }

  /** Ends when the target has closed the connection. */
  async untilClosed(): Promise<void> {
    while (!this.closed) await this.#next();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** Class and detail of a login response as one number, 0x0207 say. */
export function loginStatus(pdu: SeenPdu): number {
  return (pdu.words[4] ?? 0) >>> 16;
}
