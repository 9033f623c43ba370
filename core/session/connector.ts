import { crc32c } from '../bytes/index.ts';
import { ProtocolError, type LunascopeError } from '../errors/index.ts';
import type { LoginResult, PortalAddress } from '../login/index.ts';
import { BHS_LENGTH, OPCODES, opcodeName, type PduSink } from '../pdu/index.ts';
import { Connection } from './connection.ts';
import type { SessionCore } from './core.ts';
import type { TapEndpoints } from './host.ts';
import { beginLogin, continueLogin, digestsOf, lateLogin, LoginAttempt, type LoginEnd } from './login-driver.ts';

/** Why a connection is opened: to start a session, to join it, or to take the place of one that was lost. */
export type Purpose = 'lead' | 'join' | 'replace';

/** Called once: the connection has logged in, or could not. */
export type Opened = (result: LoginResult | undefined, error: LunascopeError | undefined) => void;

interface Opening {
  readonly attempt: LoginAttempt;
  readonly purpose: Purpose;
  readonly opened: Opened;
}

/** Opens connections and logs them in, over redirects and second tries (RFC 7143 6.3). */
export class Connector {
  readonly #core: SessionCore;
  readonly #sink: (get: () => Connection) => PduSink;
  readonly #openings = new Map<number, Opening>();
  /** The longest that TCP, with TLS where that is used, took so far. */
  slowestMs = 0;

  /** `sink` makes the receiver of a new connection's PDUs. */
  constructor(core: SessionCore, sink: (get: () => Connection) => PduSink) {
    this.#core = core;
    this.#sink = sink;
  }

  /** Opens a connection under the number given, that has `connectMs` for TCP; a `quiet` one is told of once TCP is up. */
  open(
    id: number,
    address: PortalAddress,
    purpose: Purpose,
    opened: Opened,
    { expStatSn = 0, connectMs = this.#core.options.connectTimeoutMs, quiet = false } = {},
  ): void {
    const attempt = new LoginAttempt(connectMs, this.#core.options.loginTimeoutMs);
    this.#start(id, address, { attempt, purpose, opened }, expStatSn, quiet);
  }

  #start(id: number, address: PortalAddress, opening: Opening, expStatSn: number, quiet = false): void {
    const core = this.#core;
    if (core.state === 'idle' || core.state === 'login') core.move('connecting');
    const connection: Connection = new Connection(
      id,
      address,
      this.#sink(() => connection),
      core.host,
      core.hooks,
    );
    connection.openedAt = core.host.now();
    connection.expStatSn = expStatSn;
    core.connections.set(id, connection);
    this.#openings.set(id, opening);
    const text = `Connecting to ${address.host}:${String(address.port)}.`;
    if (!quiet) core.emit({ kind: 'step', step: 'connect', text, address });
    opening.attempt.connecting(core.host.now());
    core.watch(opening.attempt.connectDeadline);
    core.host.open(id, address);
  }

  /** The host's word that TCP is up. */
  connected(connection: Connection, endpoints: TapEndpoints): void {
    const core = this.#core;
    const opening = this.#openings.get(connection.id);
    if (connection.phase !== 'connecting' || opening === undefined) return;
    if (core.state === 'connecting') core.move('login');
    connection.setEndpoints(endpoints);
    connection.lastHeardAt = core.host.now();
    this.slowestMs = Math.max(this.slowestMs, connection.lastHeardAt - connection.openedAt);
    core.emit({ kind: 'step', step: 'login', text: 'Connected; logging in.', address: connection.address });
    opening.attempt.connected(core.host.now());
    core.watch(opening.attempt.loginDeadline);
    this.#ended(connection, opening, beginLogin(core, connection, opening.attempt, opening.purpose));
  }

  /** Takes a PDU that comes before full feature phase. */
  handlePdu(connection: Connection, opcode: number, bytes: Uint8Array, at: number, data: Uint8Array): void {
    const opening = this.#openings.get(connection.id);
    if (connection.phase === 'login' && opcode === OPCODES.loginResponse && opening !== undefined) {
      const header = bytes.slice(at, at + BHS_LENGTH);
      this.#ended(connection, opening, continueLogin(this.#core, connection, opening.attempt, header, data));
      return;
    }
    if (connection.phase === 'logged-out') return;
    throw new ProtocolError('PROTOCOL_UNEXPECTED', `${opcodeName(opcode)} came during the login.`, {
      details: { opcode },
    });
  }

  #ended(connection: Connection, opening: Opening, end: LoginEnd | undefined): void {
    if (end === undefined) return;
    const core = this.#core;
    if (end.kind === 'failed') throw end.error;
    if (end.kind === 'again') {
      core.emit({ kind: 'step', step: end.step, text: end.text, address: end.address });
      core.connections.delete(connection.id);
      connection.phase = 'closed';
      connection.tapClose(end.text, 'initiator-closed');
      core.host.close(connection.id);
      this.#start(connection.id, end.address, opening, connection.expStatSn);
      return;
    }
    const { result } = end;
    this.#openings.delete(connection.id);
    connection.enterFullFeature(result, digestsOf(result, crc32c, core.host.crc32c, core.options.digestOrder));
    if (opening.purpose === 'lead') {
      core.parameters = result.parameters;
      core.recoveryLevel = result.parameters.errorRecoveryLevel;
      core.tsih = result.tsih;
      core.generation += 1;
      core.progress = 0;
      core.window.restart(core.window.cmdSn, result.expCmdSn, result.maxCmdSn);
    } else core.window.update(result.expCmdSn, result.maxCmdSn);
    if (core.options.keepaliveIntervalMs > 0) core.watch(core.host.now() + core.options.keepaliveIntervalMs);
    core.emit({ kind: 'login', connection: connection.id, result });
    for (const text of result.warnings) core.emit({ kind: 'warning', text });
    opening.opened(result, undefined);
  }

  /** A connection is gone; true where it had not logged in yet, so that its opener has been told. */
  lost(connection: Connection, error: LunascopeError): boolean {
    const opening = this.#openings.get(connection.id);
    if (opening === undefined) return false;
    this.#openings.delete(connection.id);
    opening.opened(undefined, error);
    return true;
  }

  /** Whether a connection is still on its way. */
  opening(id: number): boolean {
    return this.#openings.has(id);
  }

  /** The error of a connection that has taken too long to log in; undefined while there is time. */
  late(connection: Connection, now: number): LunascopeError | undefined {
    const attempt = this.#openings.get(connection.id)?.attempt;
    if (attempt === undefined) return undefined;
    const { connectDeadline, loginDeadline } = attempt;
    const deadline = connection.phase === 'connecting' ? Math.min(connectDeadline, loginDeadline) : loginDeadline;
    if (deadline > now) {
      this.#core.watch(deadline);
      return undefined;
    }
    return lateLogin(connection);
  }
}
