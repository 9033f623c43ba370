import type { DigestState } from '../connection.ts';
import type { PduArrival } from '../pdu-index.ts';

/** What a cutter learns from and tells its connection. */
export interface CutterPeer {
  /** Whether this side is the initiator; undefined until one header has told. */
  roleOf(cutter: object): boolean | undefined;
  /** The same as its port tells: whether the other side has that of targets; undefined where none has it, or both. */
  portRoleOf(cutter: object): boolean | undefined;
  /** Whether this program wrote what is read: then every segment that no PDU goes on in begins one, whatever that looks like. */
  readonly isOwn: boolean;
  /** Whether something else than its bytes says that a header of this opcode may be the first one of a stream, or be one at all. */
  vouches(opcode: number): boolean;
  /** Whether it is beyond doubt that the stream is iSCSI. */
  readonly isProven: boolean;
  /** Whether a task with this tag is under way. */
  knowsTask(itt: number): boolean;
  /** What was believed to be a PDU is followed by none: where nothing else proves the stream, it is looked at afresh. */
  doubt(): void;
  /** A first header was believed. Answers false where the connection cannot be taken. */
  confirm(cutter: object, fromInitiator: boolean, timeNs: number): boolean;
  /** Digests in force for the next PDU of either side. */
  headerDigest(): DigestState;
  dataDigest(): DigestState;
  learnDigest(which: 'headerDigest' | 'dataDigest', state: DigestState): void;
  /** Takes a whole PDU; `pieces` lists offset and length by turns where it does not lie in one run. */
  accept(arrival: PduArrival, fromInitiator: boolean, pieces: readonly number[]): void;
  /** The cutter holds so many bytes more for a PDU that is not whole. */
  hold(bytes: number): void;
}
