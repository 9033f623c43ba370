import { decodeBhs, OPCODES, RESERVED_TAG, type TextPair } from '../pdu/index.ts';
import { toHex } from '../bytes/index.ts';
import type { TapEndpoints } from './tap.ts';
import { readPairs, TextGather } from './text-pairs.ts';

/** Whether a digest travels on a connection; unknown until a login or the bytes themselves have told. */
export type DigestState = 'none' | 'crc32c' | 'unknown';

const NAME_LIMIT = 224;
/** A kind of SNACK that asks for nothing. */
const DATA_ACK = 2;
/** Tasks that are remembered to have been asked about again. */
const SNACK_LIMIT = 1 << 16;

interface Heard {
  byTarget: boolean;
  last: string;
}

/** What is known of one TCP connection of a trace. */
export class TraceConnection {
  readonly id: number;
  readonly endpoints: TapEndpoints;
  openedNs: number;
  closedNs = NaN;
  closeReason = '';
  /** Who ended it, where the trace has seen it, and whether with a reset. */
  closedBy: 'initiator' | 'target' | '' = '';
  reset = false;
  /** Whether its beginning was seen, so that nothing came before. */
  fromStart = false;
  /** Whether the capture lacks bytes behind the last PDU of a side. */
  readonly lostAtEnd = { initiator: false, target: false };
  /** When the target, and at 1 the initiator, was heard last. */
  readonly heardNs: [number, number] = [-Infinity, -Infinity];
  /** Whether it comes from an export that left PDUs of it out. */
  isPartial = false;
  firstPdu = -1;
  lastPdu = -1;
  pdus = 0;
  outstanding = 0;
  headerDigest: DigestState = 'unknown';
  dataDigest: DigestState = 'unknown';
  initiatorName = '';
  targetName = '';
  sessionType = '';
  isid = '';
  tsih = 0;
  cid = 0;
  loginSeen = false;
  loggedIn = false;
  loginStatus = -1;
  /** What was asked for again: tags of tasks, and any status. */
  readonly #snacked = new Set<number>();
  /** Only while text of a login goes on in a later PDU. */
  readonly #texts: [TextGather | undefined, TextGather | undefined] = [undefined, undefined];
  /** Whether text of its login is missing, so that what was agreed may be as well. */
  #isTextCut = false;
  #heard: { HeaderDigest?: Heard; DataDigest?: Heard } | undefined;

  constructor(id: number, endpoints: TapEndpoints, openedNs: number) {
    this.id = id;
    this.endpoints = endpoints;
    this.openedNs = openedNs;
  }

  /** Follows a login PDU; `data` is its text segment, whole or cut short. */
  watchLogin(bytes: Uint8Array, at: number, data: Uint8Array, isCut: boolean): void {
    const bhs = bytes.subarray(at, at + 48);
    const request = ((bytes[at] as number) & 0x3f) === OPCODES.loginRequest;
    const fields = request ? decodeBhs('loginRequest', bhs) : decodeBhs('loginResponse', bhs);
    this.loginSeen = true;
    this.isid = toHex(fields.isid);
    if (request) this.cid = decodeBhs('loginRequest', bhs).cid;
    this.#isTextCut ||= isCut;
    // The last pair of what is cut may be half a pair.
    const text = isCut ? data.subarray(0, data.lastIndexOf(0) + 1) : data;
    for (const pair of this.#gather(request ? 0 : 1, text, !fields.continue)) this.#hear(pair, request);
    if (request) return;
    const response = decodeBhs('loginResponse', bhs);
    this.loginStatus = response.statusClass * 256 + response.statusDetail;
    if (response.statusClass !== 0 || !response.transit || response.nsg !== 3) return;
    this.loggedIn = true;
    this.forgetTexts();
    this.tsih = response.tsih;
    this.headerDigest = this.#agreed('HeaderDigest', this.headerDigest);
    this.dataDigest = this.#agreed('DataDigest', this.dataDigest);
  }

  /** A SNACK asks for data of a task again, or for statuses, whose tasks it does not name (RFC 7143 11.16). */
  noteSnack(type: number, itt: number): void {
    if (type !== DATA_ACK && this.#snacked.size < SNACK_LIMIT) this.#snacked.add(itt);
  }

  /** Whether an answer with this tag may be a repetition that was asked for. */
  isAskedAgain(itt: number): boolean {
    return this.#snacked.has(itt) || this.#snacked.has(RESERVED_TAG);
  }

  /** Bytes of memory that login text takes whose end has not come. */
  get textWeight(): number {
    return (this.#texts[0]?.weight ?? 0) + (this.#texts[1]?.weight ?? 0);
  }

  /** Lets go of login text whose end has not come. */
  forgetTexts(): void {
    this.#texts[0] = this.#texts[1] = undefined;
  }

  #gather(side: 0 | 1, data: Uint8Array, last: boolean): readonly TextPair[] {
    const begun = this.#texts[side];
    if (begun === undefined && last) return readPairs(data);
    const text = (this.#texts[side] ??= new TextGather());
    if (last) this.#texts[side] = undefined;
    return text.add(data, last);
  }

  #hear({ key, value }: TextPair, byInitiator: boolean): void {
    const kept = value.slice(0, NAME_LIMIT);
    if (key === 'InitiatorName') this.initiatorName = kept;
    else if (key === 'TargetName') this.targetName = kept;
    else if (key === 'SessionType') this.sessionType = kept;
    else if (key === 'HeaderDigest' || key === 'DataDigest') {
      this.#heard ??= {};
      const heard = (this.#heard[key] ??= { byTarget: false, last: '' });
      heard.byTarget ||= !byInitiator;
      heard.last = kept;
    }
  }

  /** What was said last holds once the target has spoken (RFC 7143 6.2), and else what is known already; the offer itself may be missing from a capture. */
  #agreed(key: 'HeaderDigest' | 'DataDigest', known: DigestState): DigestState {
    const heard = this.#heard?.[key];
    if (heard?.byTarget !== true) return known === 'crc32c' || this.#isTextCut ? known : 'none';
    if (heard.last === 'CRC32C') return 'crc32c';
    // Whoever refuses the key may send digests all the same, as istgt does.
    return heard.last === 'None' ? 'none' : 'unknown';
  }
}
