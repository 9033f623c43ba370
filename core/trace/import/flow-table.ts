import { crc32c, type Crc32c } from '../../bytes/index.ts';
import type { Trace } from '../trace.ts';
import { createArrival } from '../pdu-index.ts';
import type { ConnectionRemark } from '../connection-remark.ts';
import type { PduRemark } from '../remark.ts';
import { FlowList } from './flow-list.ts';
import { TcpFlow, type FlowHost } from './flow.ts';
import { STANDINGS, type Standing } from './standing.ts';
import { HeldPool } from './held.ts';
import { TCP, type Segment } from './packets.ts';

/** Flows of one standing that are remembered at most. */
export const FLOW_LIMIT = 8192;
/** Bytes held over all flows before what came early, or is not whole, is given up. */
export const HELD_LIMIT = 32 << 20;

/** Flows whose addresses fall on one place; more of them were made to do so. */
const CHAIN_LIMIT = 64;
/** How often flows that hold something look at the time, and how many of them at once. */
const SETTLE_NS = 1e6;
const SETTLED_AT_ONCE = 16;
/** Flows that may wait at a time for what was captured late: there may be very many, made up to displace others. */
const WAITING_LIMIT = 64;
/** Whose held bytes go first. */
const SHED_ORDER: readonly Standing[] = [STANDINGS.undecided, STANDINGS.unproven, STANDINGS.done, STANDINGS.proven];

/**
 * Finds the flow of a segment. Of each standing so many flows are remembered and the one that was silent for longest is
 * forgotten first, so that no number of others displaces a conversation.
 */
export class FlowTable implements FlowHost {
  readonly trace: Trace;
  readonly crc: Crc32c;
  readonly arrival = createArrival();
  readonly pool = new HeldPool();
  heldBytes = 0;
  /** Whether this program wrote what is read. */
  isOwn = false;
  /** What is said of the PDU that the next segment completes. */
  remark: PduRemark | undefined;
  /** What is said of the connection that the next segment opens. */
  connectionRemark: ConnectionRemark | undefined;
  readonly #limit: number;
  readonly #heldLimit: number;
  readonly #heads: (TcpFlow | undefined)[];
  readonly #lists: Readonly<Record<Standing, FlowList>>;
  /** Forgotten flows that are used again: without garbage memory stays what the limits say. */
  readonly #spare: TcpFlow[] = [];
  readonly #holders = new Set<TcpFlow>();
  readonly #waiting = new Set<TcpFlow>();
  #last: TcpFlow | undefined;
  #settledNs = 0;
  #forgotten = 0;
  #forgottenIscsi = 0;
  #cutShort = 0;
  #early = 0;

  constructor(trace: Trace, crc: Crc32c = crc32c, limit = FLOW_LIMIT, heldLimit = HELD_LIMIT) {
    this.trace = trace;
    this.crc = crc;
    this.#limit = limit;
    this.#heldLimit = heldLimit;
    this.#heads = new Array<TcpFlow | undefined>(2 ** Math.ceil(Math.log2(limit * 2))).fill(undefined);
    this.#lists = [new FlowList(), new FlowList(), new FlowList(), new FlowList()];
  }

  /** Flows that are remembered. */
  get size(): number {
    return this.#lists[0].size + this.#lists[1].size + this.#lists[2].size + this.#lists[3].size;
  }

  leaveOut(early: number): void {
    this.#early += early;
  }

  hold(flow: TcpFlow, bytes: number): void {
    this.heldBytes += bytes;
    if (flow.heldBytes === 0) this.#holders.delete(flow);
    else if (flow.heldBytes === bytes) this.#holders.add(flow);
  }

  /** Takes a segment to its flow. */
  handle(segment: Segment): void {
    const opens = (segment.flags & TCP.syn) !== 0;
    let flow = this.#last;
    let from = flow === undefined ? -1 : directionOf(flow, segment);
    if (flow === undefined || from < 0) {
      flow = this.#find(segment);
      // What neither opens a connection nor carries data of one tells nothing.
      if (flow === undefined && segment.length === 0 && !opens) return;
      flow ??= this.#add(segment);
      from = directionOf(flow, segment);
    }
    if ((opens || flow.standing === STANDINGS.done) && flow.isReplacedBy(segment, from as 0 | 1)) {
      this.#drop(flow);
      flow = this.#add(segment);
      from = 0;
    }
    this.#last = flow;
    this.#lists[flow.listed].touch(flow);
    if (this.#waiting.size > 0 && segment.length > 0 && flow.isTelling) this.#hurryOthers(flow);
    flow.handle(segment, from as 0 | 1);
    this.remark = this.connectionRemark = undefined;
    this.#place(flow);
    this.#watch(flow);
    if (this.#holders.size === 0) return;
    if (this.heldBytes > this.#heldLimit) this.#shed();
    const since = segment.timeNs - this.#settledNs;
    if (since >= SETTLE_NS || since < 0) this.#settle(segment.timeNs);
  }

  /** Where another flow than the one that speaks waits, none does so any more: PDUs stand in the order they were captured in. */
  #hurryOthers(flow: TcpFlow): void {
    if (this.#waiting.size === 1 && this.#waiting.has(flow)) return;
    for (const waiting of this.#waiting) {
      this.#hurry(waiting);
      if (waiting !== flow) this.#place(waiting);
    }
  }

  #hurry(flow: TcpFlow): void {
    this.#waiting.delete(flow);
    flow.stopWaiting();
  }

  /** Remembers whether a flow waits; the one that did so for longest stops where too many do. */
  #watch(flow: TcpFlow): void {
    if (!flow.isWaiting) {
      if (this.#waiting.size > 0) this.#waiting.delete(flow);
      return;
    }
    this.#waiting.add(flow);
    if (this.#waiting.size <= WAITING_LIMIT) return;
    for (const oldest of this.#waiting) {
      this.#hurry(oldest);
      this.#place(oldest);
      return;
    }
  }

  /** Puts a flow where it belongs by now. */
  #place(flow: TcpFlow): void {
    if (flow.gone) this.#drop(flow);
    else if (flow.standing !== flow.listed) this.#move(flow);
  }

  /** Lets some of the flows that hold something look at the time, in turn, so that none falls behind the others for long. */
  #settle(timeNs: number): void {
    this.#settledNs = timeNs;
    let left = SETTLED_AT_ONCE;
    for (const flow of this.#holders) {
      if (left === 0) return;
      left -= 1;
      flow.settle(timeNs);
      this.#place(flow);
      if (this.#holders.delete(flow)) this.#holders.add(flow);
    }
  }

  /** The capture ends. */
  finish(): void {
    for (const flow of this.#waiting) this.#hurry(flow);
    for (const standing of SHED_ORDER)
      for (let flow = this.#lists[standing].oldest; flow !== undefined; flow = flow.newer) flow.finish();
    const { trace } = this;
    if (this.#forgotten > 0)
      trace.note(
        `${this.#forgotten} silent TCP connections were forgotten to bound memory, ${this.#forgottenIscsi} of them with iSCSI; had they spoken again, they would appear as new ones.`,
      );
    if (this.#early > 0)
      trace.note(
        `${this.#early} segments came after what follows them, at the place where the capture joins their connection; what they hold from before it was left out.`,
      );
    if (this.#cutShort > 0)
      trace.note(
        `What came early or was not whole was given up ${this.#cutShort} times to bound memory; PDUs cut short and gaps mark the places.`,
      );
  }

  #find(segment: Segment): TcpFlow | undefined {
    let flow = this.#heads[hashOf(segment) & (this.#heads.length - 1)];
    while (flow !== undefined && directionOf(flow, segment) < 0) flow = flow.sibling;
    return flow;
  }

  #add(segment: Segment): TcpFlow {
    this.#makeRoom(STANDINGS.undecided);
    const place = hashOf(segment) & (this.#heads.length - 1);
    this.#shorten(place);
    const flow = this.#spare.pop() ?? new TcpFlow(this);
    flow.begin(segment);
    flow.place = place;
    flow.sibling = this.#heads[place];
    this.#heads[place] = flow;
    flow.listed = flow.standing;
    this.#lists[flow.listed].add(flow);
    return flow;
  }

  #move(flow: TcpFlow): void {
    this.#lists[flow.listed].remove(flow);
    this.#makeRoom(flow.standing);
    flow.listed = flow.standing;
    this.#lists[flow.listed].add(flow);
  }

  #makeRoom(standing: Standing): void {
    const list = this.#lists[standing];
    if (list.size >= this.#limit && list.oldest !== undefined) this.#forget(list.oldest);
  }

  /** Keeps a chain short, so that no choice of addresses makes finding slow. */
  #shorten(place: number): void {
    let length = 0;
    let worst: TcpFlow | undefined;
    for (let flow = this.#heads[place]; flow !== undefined; flow = flow.sibling) {
      length += 1;
      if (worst === undefined || flow.standing !== STANDINGS.proven || worst.standing === STANDINGS.proven)
        worst = flow;
    }
    if (length >= CHAIN_LIMIT && worst !== undefined) this.#forget(worst);
  }

  #forget(flow: TcpFlow): void {
    this.#drop(flow);
    if (flow.standing === STANDINGS.done) return;
    this.#forgotten += 1;
    if (flow.standing !== STANDINGS.undecided) this.#forgottenIscsi += 1;
  }

  #drop(flow: TcpFlow): void {
    flow.finish();
    flow.release();
    this.#waiting.delete(flow);
    this.#lists[flow.listed].remove(flow);
    const first = this.#heads[flow.place];
    if (first === flow) this.#heads[flow.place] = flow.sibling;
    else
      for (let each = first; each !== undefined; each = each.sibling)
        if (each.sibling === flow) each.sibling = flow.sibling;
    flow.sibling = undefined;
    if (this.#last === flow) this.#last = undefined;
    this.#spare.push(flow);
  }

  /** Gives up what flows hold, those that began to first, and those that have shown themselves last. */
  #shed(): void {
    const goal = this.#heldLimit * 0.75;
    for (const standing of SHED_ORDER)
      for (const flow of this.#holders) {
        if (this.heldBytes <= goal) return;
        if (flow.standing !== standing) continue;
        flow.shed();
        this.#cutShort += 1;
      }
  }
}

function sameWords(a: Uint32Array, b: Uint32Array): boolean {
  return a[3] === b[3] && a[2] === b[2] && a[1] === b[1] && a[0] === b[0];
}

/** 0 where the segment goes from the flow's first side, 1 from its second, -1 where it is another flow's. */
function directionOf(flow: TcpFlow, segment: Segment): number {
  const [a, b] = flow.sides;
  const { fromPort, toPort, from, to } = segment;
  if (a.port === fromPort && b.port === toPort && sameWords(a.address, from) && sameWords(b.address, to)) return 0;
  if (a.port === toPort && b.port === fromPort && sameWords(a.address, to) && sameWords(b.address, from)) return 1;
  return -1;
}

function mix(words: Uint32Array, port: number): number {
  let hash = port;
  for (let i = 0; i < 4; i += 1) hash = Math.imul(hash ^ (words[i] as number), 0x9e3779b1) ^ (hash >>> 15);
  return Math.imul(hash, 0x85ebca6b);
}

/** A number that is the same for both directions of a flow. */
export function hashOf({ from, to, fromPort, toPort }: Segment): number {
  const hash = (mix(from, fromPort) + mix(to, toPort)) | 0;
  return hash ^ (hash >>> 15);
}
