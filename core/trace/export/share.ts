import { joinBytes } from '../../bytes/index.ts';
import { OPCODES, type TextPair } from '../../pdu/index.ts';
import type { ConversationFace } from './conversation.ts';
import type { TraceConnection } from '../connection.ts';
import { NO_TASK } from '../columns.ts';
import { TEXT_OPCODES } from '../fields-of.ts';
import { boundCarried, continuedPairs, textStart } from '../text-chain.ts';
import { TEXT_LIMIT } from '../text-pairs.ts';
import type { Trace } from '../trace.ts';
import { asksWhatItIs } from '../unit-types.ts';
import { shareSense } from './share-sense.ts';

/** What becomes of a field in a trace that is safe to share. */
export interface ShareRule {
  readonly field: string;
  readonly treatment: 'kept' | 'hashed' | 'zeroed';
  readonly why: string;
}

/** Per field, what a safe export does with it. */
export const SHARE_RULES: readonly ShareRule[] = [
  { field: 'Headers, sequence numbers, tags, lengths', treatment: 'kept', why: 'They are what a trace is read for.' },
  { field: 'CDBs and LUNs', treatment: 'kept', why: 'They say what was asked, not what is stored.' },
  { field: 'SCSI status', treatment: 'kept', why: 'It says how a command ended.' },
  { field: 'Sense: format, key, codes, lengths', treatment: 'kept', why: 'They say why a command failed.' },
  {
    field: 'Sense: information marked valid',
    treatment: 'kept',
    why: 'Mostly the block of a failure, which the CDB tells as well.',
  },
  {
    field: 'Sense: all else, such as FRU, command-specific and vendor bytes',
    treatment: 'zeroed',
    why: 'Vendors put serial numbers there.',
  },
  { field: 'Data of reads and writes', treatment: 'zeroed', why: 'It is what the disks hold.' },
  {
    field: 'INQUIRY: the type of device',
    treatment: 'kept',
    why: 'Commands mean other things to a tape or a changer.',
  },
  {
    field: 'INQUIRY: all else, VPD pages 80 and 83, serial numbers',
    treatment: 'zeroed',
    why: 'They are data of commands.',
  },
  { field: 'Reservation keys and TransportIDs', treatment: 'zeroed', why: 'They are data of commands.' },
  { field: 'Data of NOP, Reject past the header, and events', treatment: 'zeroed', why: 'Nobody needs it.' },
  {
    field: 'InitiatorName, TargetName, SendTargets, aliases',
    treatment: 'hashed',
    why: 'The same name keeps the same hash within one export.',
  },
  { field: 'CHAP_N', treatment: 'hashed', why: 'It is an account.' },
  { field: 'CHAP_R and CHAP_C', treatment: 'zeroed', why: 'Together they let secrets be guessed.' },
  { field: 'TargetAddress', treatment: 'hashed', why: 'The port and the group tag are kept.' },
  {
    field: 'Addresses of both ends',
    treatment: 'hashed',
    why: 'Replaced by addresses for documentation; ports are kept.',
  },
  { field: 'Negotiated keys of RFC 7143', treatment: 'kept', why: 'They are what a login is read for.' },
  {
    field: 'Values of private keys (X-...) and unknown ones',
    treatment: 'zeroed',
    why: 'Nobody knows what they hold.',
  },
  { field: 'Names of private keys and unknown ones', treatment: 'hashed', why: 'They tell who made what is in use.' },
  { field: 'Private values of negotiated keys (X-, Y-, Z-)', treatment: 'hashed', why: 'They name a vendor.' },
  { field: 'iSNS and portal addresses in other text', treatment: 'zeroed', why: 'They are values of unknown keys.' },
  {
    field: 'Comments, section comment',
    treatment: 'kept',
    why: 'None of them quotes text, names or data.',
  },
  { field: 'Names block', treatment: 'zeroed', why: 'It names hosts; it is left out.' },
  { field: 'Your marks and comments', treatment: 'zeroed', why: 'They may say anything; they are left out.' },
  { field: 'ISID and TSIH', treatment: 'kept', why: 'They tell sessions apart.' },
];

/** Turns text into bytes nobody can turn back: a keyed digest with a key of this export alone. */
export type ShareHash = (text: string) => Uint8Array;

const NAME_KEYS: ReadonlySet<string> = new Set([
  'InitiatorName',
  'TargetName',
  'InitiatorAlias',
  'TargetAlias',
  'CHAP_N',
]);
const KEPT_KEYS: ReadonlySet<string> = new Set([
  'AuthMethod',
  'CHAP_A',
  'CHAP_I',
  'DataDigest',
  'DataPDUInOrder',
  'DataSequenceInOrder',
  'DefaultTime2Retain',
  'DefaultTime2Wait',
  'ErrorRecoveryLevel',
  'FirstBurstLength',
  'HeaderDigest',
  'IFMarker',
  'IFMarkInt',
  'ImmediateData',
  'InitialR2T',
  'MaxBurstLength',
  'MaxConnections',
  'MaxOutstandingR2T',
  'MaxRecvDataSegmentLength',
  'OFMarker',
  'OFMarkInt',
  'SessionType',
  'TargetPortalGroupTag',
  'TaskReporting',
  'iSCSIProtocolLevel',
]);
const OTHER_KEYS: ReadonlySet<string> = new Set(['SendTargets', 'TargetAddress', 'CHAP_R', 'CHAP_C']);
/** A value of a negotiated list that a vendor made up (RFC 7143 13.24, 13.25). */
const PRIVATE_VALUE = /(?<=^|,)[XYZ][-#][^,]*/gu;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const STAR = 0x2a;
const REJECT_KEPT = 48;
const CHAIN_LIMIT = 64;
const NOTHING = new Uint8Array(0);

/** Text of a PDU as it may be told, and what the PDUs before have of the pair that it goes on with. */
interface SharedText {
  readonly own: Uint8Array;
  readonly carried: Uint8Array;
}

/** Makes the PDUs of one export fit to leave the house. */
export class Sharer {
  readonly #trace: Trace;
  readonly #hash: ShareHash;
  readonly #texts = new Map<number, SharedText>();
  readonly #addresses = new Map<string, Uint32Array>();

  constructor(trace: Trace, hash: ShareHash) {
    this.#trace = trace;
    this.#hash = hash;
  }

  /** The data of a PDU with what must not be told taken out; as long as before. */
  readonly filter = (row: number, opcode: number, data: Uint8Array): Uint8Array => {
    if (TEXT_OPCODES.has(opcode)) return this.#text(row, data).own;
    if (opcode === OPCODES.scsiResponse) return shareSense(data);
    const out = new Uint8Array(data.length);
    if (opcode === OPCODES.reject) out.set(data.subarray(0, REJECT_KEPT));
    else if (opcode === OPCODES.dataIn && this.#tellsDeviceType(row)) out.set(data.subarray(0, 1));
    return out;
  };

  /** Whether a Data-In begins the standard data of INQUIRY, whose first byte is the type of the device (SPC-5 6.7.2). */
  #tellsDeviceType(row: number): boolean {
    const [page, i] = this.#trace.at(row);
    const task = page.task[i] as number;
    if (task === NO_TASK || page.word40[i] !== 0) return false;
    const [tasks, k] = this.#trace.taskAt(task);
    return tasks.opcode[k] === OPCODES.scsiCommand && asksWhatItIs(tasks.cdb0[k] as number);
  }

  /** The ends of a connection behind addresses meant for documentation. */
  face(connection: TraceConnection, face: ConversationFace): ConversationFace {
    return {
      ...face,
      initiator: this.#address(connection.endpoints.initiatorHost, face.initiator),
      target: this.#address(connection.endpoints.targetHost, face.target),
    };
  }

  /** A text value as it may be told. */
  value(key: string, value: string): string {
    if (NAME_KEYS.has(key) || (key === 'SendTargets' && value !== 'All' && value !== '')) return this.#name(value);
    if (key === 'TargetAddress') {
      const cut = /(?::\d+)?(?:,\d+)?$/u.exec(value)?.index ?? value.length;
      return this.#scramble(value.slice(0, cut), /[0-9a-zA-Z]/u) + value.slice(cut);
    }
    if (key === 'SendTargets') return value;
    if (!KEPT_KEYS.has(key)) return '*'.repeat(new TextEncoder().encode(value).length);
    return value.replace(PRIVATE_VALUE, (name) => name.slice(0, 2) + this.#scramble(name.slice(2), /[^]/u));
  }

  /** The name of a key as it may be told: those of RFC 7143 as they are, others by their hash. */
  key(key: string): string {
    if (KEPT_KEYS.has(key) || NAME_KEYS.has(key) || OTHER_KEYS.has(key)) return key;
    const prefix = /^X[-#]/u.exec(key)?.[0] ?? '';
    return prefix + this.#scramble(key.slice(prefix.length), /[^]/u);
  }

  /** Pairs of a text PDU as they may be told. */
  pairs(row: number): readonly TextPair[] {
    const { own, carried } = this.#text(row, this.#trace.readPdu(row).data);
    return continuedPairs(carried, own);
  }

  #name(name: string): string {
    const prefix = /^(?:iqn\.|eui\.|naa\.)/u.exec(name)?.[0] ?? '';
    return prefix + this.#scramble(name.slice(prefix.length), /[^]/u);
  }

  /** Every character that fits `which` becomes one drawn from the hash of the whole. */
  #scramble(text: string, which: RegExp): string {
    let out = '';
    let block: Uint8Array = new Uint8Array(0);
    const length = new TextEncoder().encode(text).length;
    const source = length === text.length ? text : 'x'.repeat(length);
    for (let i = 0; i < source.length; i += 1) {
      if (i % 32 === 0) block = this.#hash(`${Math.floor(i / 32)}:${text}`);
      const char = source.charAt(i);
      out += which.test(char) ? LETTERS.charAt((block[i % 32] ?? 0) % LETTERS.length) : char;
    }
    return out;
  }

  #address(host: string, words: Uint32Array): Uint32Array {
    // A host that is not known has different words at either end.
    const key = `${host} ${words.join('.')}`;
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const number = this.#addresses.size + 1;
    // 198.18.0.0/15 for IPv4 (RFC 2544), 2001:db8::/32 for IPv6 (RFC 3849).
    const four = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
    const face = four
      ? Uint32Array.of(0, 0, 0xffff, (0xc6120000 + (number & 0x1ffff)) >>> 0)
      : Uint32Array.of(0x20010db8, 0, 0, number);
    this.#addresses.set(key, face);
    return face;
  }

  /** Text may go on over several PDUs, and a value may be cut by their border: the whole of it is treated at once. */
  #text(row: number, data: Uint8Array): SharedText {
    if (!this.#texts.has(row)) this.#shareText(row);
    const ready = this.#texts.get(row);
    this.#texts.delete(row);
    return ready?.own.length === data.length
      ? ready
      : { own: new Uint8Array(data.length).fill(STAR), carried: NOTHING };
  }

  #shareText(row: number): void {
    // What an export leaves out may hold the name of a value's key.
    const rows = this.#chain(textStart(this.#trace, row));
    const parts = rows.map((each) => this.#trace.readPdu(each, TEXT_LIMIT).data);
    const whole = this.#treat(parts);
    let at = 0;
    parts.forEach((part, k) => {
      const begun = at === 0 ? NOTHING : whole.slice(whole.lastIndexOf(0, at - 1) + 1, at);
      this.#texts.set(rows[k] as number, { own: whole.slice(at, at + part.length), carried: boundCarried(begun) });
      at += part.length;
    });
  }

  /** Rows of the text that begins at `row`, as far as its C bit carries it on. */
  #chain(row: number): number[] {
    const rows = [row];
    const [first, k] = this.#trace.at(row);
    const [opcode, connection] = [(first.opcode[k] as number) & 0x3f, first.connection[k]];
    let goesOn = ((first.flags[k] as number) & 0x40) !== 0;
    for (let next = row + 1; goesOn && next < this.#trace.length && rows.length < CHAIN_LIMIT; next += 1) {
      const [page, i] = this.#trace.at(next);
      if (((page.opcode[i] as number) & 0x3f) !== opcode || page.connection[i] !== connection) continue;
      rows.push(next);
      goesOn = ((page.flags[i] as number) & 0x40) !== 0;
    }
    return rows;
  }

  #treat(parts: readonly Uint8Array[]): Uint8Array {
    const whole = joinBytes(parts);
    for (let from = 0; from < whole.length;) {
      const nul = whole.indexOf(0, from);
      const end = nul < 0 ? whole.length : nul;
      this.#treatPair(whole, from, end);
      from = end + 1;
    }
    return whole;
  }

  #treatPair(bytes: Uint8Array, from: number, to: number): void {
    const cut = bytes.subarray(from, to).indexOf(0x3d);
    if (cut < 0) {
      bytes.fill(STAR, from, to);
      return;
    }
    const decode = new TextDecoder();
    const key = decode.decode(bytes.subarray(from, from + cut));
    const value = decode.decode(bytes.subarray(from + cut + 1, to));
    const told = new TextEncoder().encode(this.value(key, value));
    if (told.length === to - from - cut - 1) bytes.set(told, from + cut + 1);
    else bytes.fill(STAR, from + cut + 1, to);
    const name = new TextEncoder().encode(this.key(key));
    if (name.length === cut) bytes.set(name, from);
    else bytes.fill(STAR, from, from + cut);
  }
}

/** Whether a PDU's own description quotes text that a safe export hides. */
export function quotesText(opcode: number): boolean {
  return TEXT_OPCODES.has(opcode);
}
