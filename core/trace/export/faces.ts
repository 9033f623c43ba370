import type { TraceConnection } from '../connection.ts';
import { parseAddress } from '../import/addresses.ts';
import type { ConversationFace } from './conversation.ts';

/** Addresses where a trace has none that can be written in a packet: RFC 5737's for documentation. */
const NO_INITIATOR = Uint32Array.of(0, 0, 0xffff, 0xc0000201);
const NO_TARGET = Uint32Array.of(0, 0, 0xffff, 0xc0000202);
const ISCSI_PORT = 3260;
/** Where made-up ports begin: the ones systems give to clients (RFC 6335). */
const FIRST_PORT = 49_152;
const PORTS = 0x10000;

/** A connection on its way into a capture: when it opens and closes there, and the ends it would have. */
export interface Appearance {
  readonly id: number;
  readonly openNs: number;
  readonly closeNs: number;
  readonly face: ConversationFace;
}

/** Which ends connections get, and how many of them are made up. */
export interface Faces {
  readonly byId: ReadonlyMap<number, ConversationFace>;
  readonly madeUp: number;
}

function addressOf(host: string): Uint32Array | undefined {
  const address = parseAddress(host);
  return address === undefined || isUnspecified(address) ? undefined : address;
}

function isUnspecified(address: Uint32Array): boolean {
  return address[0] === 0 && address[1] === 0 && (address[2] === 0 || address[2] === 0xffff) && address[3] === 0;
}

/** The face of a connection as it was; what is not known of its ends is the addresses for documentation and port 0. */
export function faceOf(connection: TraceConnection, serverPort?: number): ConversationFace {
  const { initiatorHost, initiatorPort, targetHost, targetPort } = connection.endpoints;
  return {
    initiator: addressOf(initiatorHost) ?? NO_INITIATOR,
    target: addressOf(targetHost) ?? NO_TARGET,
    initiatorPort,
    targetPort: serverPort ?? (targetPort === 0 ? ISCSI_PORT : targetPort),
    turn: 0,
  };
}

function keyOf({ initiator, target, initiatorPort, targetPort }: ConversationFace): string {
  const ends = [`${initiator.join('.')} ${initiatorPort}`, `${target.join('.')} ${targetPort}`];
  return ends.sort().join(' ');
}

/** Whether packets between these ends tell which way they go. */
function isTwoEnded(face: ConversationFace): boolean {
  return face.initiatorPort !== face.targetPort || face.initiator.some((word, i) => word !== face.target[i]);
}

/**
 * Keeps conversations apart: connections, in the order they open, that would have the ends of one that is not over get a made-up initiator
 * port, and so do those whose port is not known. One after another they may have the same.
 */
export function keepApart(connections: readonly Appearance[]): Faces {
  const natural = new Set(connections.map(({ face }) => keyOf(face)));
  const taken = new Map<string, { closeNs: number; turn: number }>();
  const nextPort = new Map<string, number>();
  const byId = new Map<number, ConversationFace>();
  let madeUp = 0;
  for (const { id, face, openNs, closeNs } of connections) {
    const known = face.initiatorPort !== 0 && isTwoEnded(face);
    const before = known ? taken.get(keyOf(face)) : undefined;
    const free = known && (before === undefined || before.closeNs < openNs);
    const turn = before === undefined ? 0 : before.turn + 1;
    const own = free ? { ...face, turn } : withFreePort(face, natural, nextPort);
    if (!free) madeUp += 1;
    else taken.set(keyOf(own), { closeNs, turn });
    byId.set(id, own);
  }
  return { byId, madeUp };
}

function withFreePort(face: ConversationFace, natural: Set<string>, nextPort: Map<string, number>): ConversationFace {
  const group = keyOf({ ...face, initiatorPort: 0 });
  for (let port = nextPort.get(group) ?? FIRST_PORT; port < FIRST_PORT + PORTS; port += 1) {
    const own = { ...face, initiatorPort: port % PORTS };
    nextPort.set(group, port + 1);
    if (own.initiatorPort !== 0 && isTwoEnded(own) && !natural.has(keyOf(own))) return own;
  }
  return face;
}
