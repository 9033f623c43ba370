import type { Crc32c } from '../../bytes/index.ts';
import type { ChapDigest, OperationalOffers, RandomBytes, TargetAuth } from '../../login/index.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';

/** What a connection machine writes to and reads about: the socket, or a test's stand-in. */
export interface ConnectionSink {
  /**
   * Queues bytes to be sent in order; they must not be changed afterwards. What is `disposable` belongs to the sink,
   * which may hand its memory out again once the network has it.
   */
  send(bytes: Uint8Array, disposable?: boolean): void;
  /** Bytes queued that the network has not taken yet. */
  readonly queuedBytes: number;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once; what is queued is lost. */
  destroy(): void;
}

/** Where a connection comes from and which portal took it. */
export interface ConnectionOrigin {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly portal: Portal;
}

/** An address initiators reach a target through. */
export interface Portal {
  readonly host: string;
  readonly port: number;
  /** 0 to 65535; portals of one tag can carry the connections of one session. */
  readonly groupTag: number;
}

/** One logical unit under a target's number. */
export interface LunMapping {
  readonly lun: number;
  readonly unit: LogicalUnit;
}

/** An iSCSI target as it is handed to the server. */
export interface TargetDefinition {
  /** iqn., eui. or naa. name. */
  readonly name: string;
  readonly alias?: string;
  readonly auth?: TargetAuth;
  /** Initiator names let in; anyone where left out. */
  readonly initiators?: readonly string[];
  /** Portal group tags it is reached through; all where left out. */
  readonly portalGroups?: readonly number[];
  readonly luns: readonly LunMapping[];
  readonly offers?: OperationalOffers;
  /** ALUA target port group by portal group tag; the tag itself where left out. */
  readonly portGroups?: ReadonlyMap<number, number>;
}

/** Bounds that keep a hostile or broken peer from taking more than its share. */
export interface ServerLimits {
  readonly connections: number;
  /** Connections that have not logged in yet. */
  readonly unauthenticated: number;
  readonly sessions: number;
  /** From accept to full feature phase. */
  readonly loginMs: number;
  /** A PDU that has begun must be whole within this time. */
  readonly partialPduMs: number;
  /** A connection that takes nothing of what is queued for it for this long is closed. */
  readonly sendStallMs: number;
  /** A write whose data does not come for this long is ended. */
  readonly dataOutMs: number;
  /** Queued output from which on no more work is begun for a connection. */
  readonly queuedBytes: number;
  /** Memory for data on its way in, over all sessions. */
  readonly writeBytes: number;
  readonly writeBytesPerSession: number;
  /** Memory for commands that came before their turn, over all sessions. */
  readonly heldBytes: number;
  /** What a connection keeps for retransmission at error recovery level 1 and up. */
  readonly replayBytes: number;
  /** Commands a session may have outstanding. */
  readonly window: number;
  /** Immediate commands in progress beyond which they are rejected. */
  readonly immediateCommands: number;
}

/** The bounds used where nothing else is said. */
export const DEFAULT_LIMITS: ServerLimits = {
  connections: 1024,
  unauthenticated: 128,
  sessions: 256,
  loginMs: 15_000,
  partialPduMs: 30_000,
  sendStallMs: 60_000,
  dataOutMs: 60_000,
  queuedBytes: 4 * 1024 * 1024,
  writeBytes: 256 * 1024 * 1024,
  writeBytesPerSession: 64 * 1024 * 1024,
  heldBytes: 64 * 1024 * 1024,
  replayBytes: 32 * 1024 * 1024,
  window: 128,
  immediateCommands: 32,
};

/** What the machine cannot make itself. */
export interface ServerEnvironment {
  readonly random: RandomBytes;
  readonly chapDigest: ChapDigest;
  readonly crc32c: Crc32c;
  /** Bytes that need not be zeroed; plain zeroed memory where left out. */
  readonly allocate?: (length: number) => Uint8Array;
  /** Takes back memory that nobody looks at any more. */
  readonly release?: (bytes: Uint8Array) => void;
}

/** How often the target asks a silent initiator whether it is there. */
export interface KeepAlive {
  /** Silence after which a NOP-In is sent; zero for never. */
  readonly intervalMs: number;
  /** How long its answer may take. */
  readonly timeoutMs: number;
}

/** How a server is set up. */
export interface ServerConfig {
  readonly environment: ServerEnvironment;
  readonly discoveryAuth?: TargetAuth;
  readonly limits?: Partial<ServerLimits>;
  readonly keepAlive?: KeepAlive;
  readonly offers?: OperationalOffers;
  /** Whether the first command of a new nexus meets UNIT ATTENTION 29/00. On where left out. */
  readonly powerOnUnitAttention?: boolean;
}

/** An initiator that is logged in, as people are shown it. */
export interface SessionInfo {
  readonly tsih: number;
  readonly type: 'Normal' | 'Discovery';
  readonly initiatorName: string;
  readonly initiatorAlias: string | null;
  readonly isid: string;
  readonly targetName: string | null;
  readonly chapUser: string | null;
  readonly connections: readonly {
    readonly cid: number;
    readonly remoteAddress: string;
    readonly remotePort: number;
  }[];
  readonly commands: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What goes on at a server. */
export type ServerEvent =
  | { readonly kind: 'connectionOpened'; readonly origin: ConnectionOrigin }
  | { readonly kind: 'connectionClosed'; readonly origin: ConnectionOrigin; readonly reason: string }
  | { readonly kind: 'sessionOpened'; readonly session: SessionInfo }
  | { readonly kind: 'sessionClosed'; readonly session: SessionInfo; readonly reason: string }
  /** A mistake of this target's own; the connection was closed over it. */
  | { readonly kind: 'internalError'; readonly origin: ConnectionOrigin; readonly error: unknown }
  | {
      readonly kind: 'loginRefused';
      readonly origin: ConnectionOrigin;
      readonly initiatorName: string | null;
      readonly targetName: string | null;
      readonly statusClass: number;
      readonly statusDetail: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'command';
      readonly tsih: number;
      readonly initiatorName: string;
      readonly targetName: string;
      readonly lun: number;
      /** An owned copy. */
      readonly cdb: Uint8Array;
      readonly status: number;
      readonly bytesIn: number;
      readonly bytesOut: number;
    };

export type ServerListener = (event: ServerEvent) => void;
