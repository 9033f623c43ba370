import { readU32, serialAdd, serialLess, serialLessOrEqual, toHex } from '../../bytes/index.ts';
import type { SessionParameters } from '../../login/index.ts';
import type { Nexus } from '../unit/nexus.ts';
import type { Connection } from './connection.ts';
import type { TargetServer } from './server.ts';
import type { Solicitation, Task } from './task.ts';
import type { Target } from './target.ts';
import type { SessionInfo } from './types.ts';

/** A command that came before its turn: its header with additional headers, and its data, both owned. */
export interface HeldCommand {
  readonly connection: Connection;
  readonly header: Uint8Array;
  readonly ahsLength: number;
  readonly data: Uint8Array;
  /** Unsolicited Data-Out that has followed it. */
  readonly dataOut: HeldData[];
}

/** A Data-Out whose command has not had its turn, owned; `intact` unless its digest was wrong. */
export interface HeldData {
  readonly header: Uint8Array;
  readonly data: Uint8Array;
  readonly intact: boolean;
}

function heldSize({ header, data, dataOut }: HeldCommand): number {
  return dataOut.reduce((size, each) => size + each.header.length + each.data.length, header.length + data.length);
}

/** What names a session apart from its parameters. */
export interface SessionIdentity {
  readonly tsih: number;
  readonly initiatorName: string;
  readonly isid: Uint8Array;
  readonly target: Target | undefined;
  readonly nexus: Nexus | undefined;
  readonly portalGroupTag: number;
}

/** One session: its connections, its tasks and its command window (RFC 7143 4.2). */
export class Session {
  readonly server: TargetServer;
  readonly identity: SessionIdentity;
  parameters: SessionParameters;
  chapUser: string | null = null;
  expCmdSn: number;
  maxCmdSn: number;
  readonly connections = new Map<number, Connection>();
  readonly tasks = new Map<number, Task>();
  /** Commands that came before their turn, by CmdSN; what was aborted before its turn only takes its number. */
  readonly held = new Map<number, HeldCommand | 'aborted'>();
  /** Connections lost at error recovery level 2, whose tasks wait to be reassigned. */
  readonly detached = new Map<number, { readonly connection: Connection; readonly expires: number }>();
  readonly solicitations = new Map<number, Solicitation>();
  /** Tags of aborted commands whose unsolicited data may still come. */
  readonly #abortedTags = new Set<number>();
  open = true;
  immediateTasks = 0;
  commands = 0;
  bytesRead = 0;
  bytesWritten = 0;
  #windowSize: number;
  #nextTag = 0;

  constructor(server: TargetServer, identity: SessionIdentity, parameters: SessionParameters, cmdSn: number) {
    this.server = server;
    this.identity = identity;
    this.parameters = parameters;
    this.#windowSize = server.limits.window;
    this.expCmdSn = cmdSn;
    this.maxCmdSn = serialAdd(cmdSn, this.#windowSize - 1);
  }

  get nexus(): Nexus {
    const { nexus } = this.identity;
    if (nexus === undefined) throw new Error('A discovery session has no nexus.');
    return nexus;
  }

  get discovery(): boolean {
    return this.identity.target === undefined;
  }

  /** Commands the window leaves room for; a smaller one takes effect as commands end. */
  set windowSize(size: number) {
    this.#windowSize = Math.max(1, size);
    this.openWindow();
  }

  /** The target; a discovery session has none. */
  get target(): Target {
    const { target } = this.identity;
    if (target === undefined) throw new Error('A discovery session has no target.');
    return target;
  }

  /** A transfer tag nobody had before, as far as 32 bits allow. */
  takeTransferTag(): number {
    this.#nextTag = this.#nextTag >= 0xfffffffe ? 1 : this.#nextTag + 1;
    return this.#nextTag;
  }

  /** Whether a tag was given out in this session. */
  gaveTransferTag(tag: number): boolean {
    return tag !== 0 && tag <= this.#nextTag;
  }

  /** Whether a CmdSN lies between ExpCmdSN and MaxCmdSN. */
  inWindow(cmdSn: number): boolean {
    return serialLessOrEqual(this.expCmdSn, cmdSn) && serialLessOrEqual(cmdSn, this.maxCmdSn);
  }

  /** Sets a command aside until its turn; false where there is no room for it. */
  hold(cmdSn: number, command: HeldCommand): boolean {
    const { server } = this;
    if (server.heldBytes + heldSize(command) > server.limits.heldBytes) return false;
    server.heldBytes += heldSize(command);
    this.held.set(cmdSn, command);
    return true;
  }

  /** The command of a tag that was set aside on a connection. */
  heldCommand(itt: number, connection: Connection): HeldCommand | undefined {
    for (const command of this.held.values())
      if (command !== 'aborted' && command.connection === connection && readU32(command.header, 16) === itt)
        return command;
    return undefined;
  }

  /** Sets unsolicited data aside with its command; false where there is no room for it. */
  holdData(command: HeldCommand, dataOut: HeldData): boolean {
    const { server } = this;
    const size = dataOut.header.length + dataOut.data.length;
    if (server.heldBytes + size > server.limits.heldBytes) return false;
    server.heldBytes += size;
    command.dataOut.push(dataOut);
    return true;
  }

  /** Takes a command back that was set aside. */
  unhold(cmdSn: number): HeldCommand | 'aborted' | undefined {
    const command = this.held.get(cmdSn);
    if (command === undefined) return undefined;
    this.held.delete(cmdSn);
    if (command !== 'aborted') this.server.heldBytes -= heldSize(command);
    return command;
  }

  /** Moves ExpCmdSN on by the command just taken. */
  advance(): void {
    this.expCmdSn = serialAdd(this.expCmdSn, 1);
  }

  /** Raises MaxCmdSN to what may be outstanding now; it never goes back (RFC 7143 4.2.2.1). */
  openWindow(): void {
    const busy = this.tasks.size - this.immediateTasks;
    const next = serialAdd(this.expCmdSn, Math.max(0, this.#windowSize - busy) - 1);
    if (serialLess(this.maxCmdSn, next)) this.maxCmdSn = next;
  }

  /** Remembers that data for this tag may still come and is to be dropped. */
  expectStrayData(itt: number): void {
    this.#abortedTags.add(itt);
    if (this.#abortedTags.size > 256) for (const tag of this.#abortedTags) if (this.#abortedTags.delete(tag)) break;
  }

  /** Whether data for this tag is a leftover of an aborted command. */
  isStrayData(itt: number): boolean {
    return this.#abortedTags.has(itt);
  }

  /** How it is shown to people. */
  info(): SessionInfo {
    return {
      tsih: this.identity.tsih,
      type: this.parameters.sessionType,
      initiatorName: this.identity.initiatorName,
      initiatorAlias: this.parameters.initiatorAlias,
      isid: toHex(this.identity.isid),
      targetName: this.identity.target?.name ?? null,
      chapUser: this.chapUser,
      connections: [...this.connections].map(([cid, connection]) => ({
        cid,
        remoteAddress: connection.origin.remoteAddress,
        remotePort: connection.origin.remotePort,
      })),
      commands: this.commands,
      bytesRead: this.bytesRead,
      bytesWritten: this.bytesWritten,
    };
  }
}
