import { crc32c, type Crc32c } from '../../bytes/index.ts';
import type { Trace } from '../trace.ts';
import { TcpFlow, type FlowHost } from './flow.ts';
import type { Segment } from './packets.ts';

/** Flows of one generation; twice as many are remembered at most. */
export const FLOW_LIMIT = 8192;

type Bucket = TcpFlow | TcpFlow[];

/** Finds the flow of a segment. Flows that stay silent while many others speak are forgotten, so that memory stays bounded. */
export class FlowTable implements FlowHost {
  readonly trace: Trace;
  readonly crc: Crc32c;
  heldBytes = 0;
  readonly #limit: number;
  #young = new Map<number, Bucket>();
  #old = new Map<number, Bucket>();
  #youngCount = 0;
  #last: TcpFlow | undefined;
  #forgotten = 0;

  constructor(trace: Trace, crc: Crc32c = crc32c, limit = FLOW_LIMIT) {
    this.trace = trace;
    this.crc = crc;
    this.#limit = limit;
  }

  /** Takes a segment to its flow. */
  handle(segment: Segment): void {
    let flow = this.#last;
    let from = flow === undefined ? -1 : directionOf(flow, segment);
    if (flow === undefined || from < 0) {
      const hash = hashOf(segment);
      flow = this.#find(hash, segment) ?? this.#add(hash, segment);
      from = directionOf(flow, segment);
      this.#last = flow;
    }
    if ((segment.flags & 2) !== 0 && flow.isReplacedBy(segment, from as 0 | 1)) {
      flow.finish();
      const hash = hashOf(segment);
      this.#remove(this.#young, hash, flow);
      flow = this.#add(hash, segment);
      from = 0;
      this.#last = flow;
    }
    flow.handle(segment, from as 0 | 1);
  }

  /** The capture ends. */
  finish(): void {
    for (const table of [this.#old, this.#young])
      for (const bucket of table.values()) for (const flow of flowsIn(bucket)) flow.finish();
    if (this.#forgotten > 0)
      this.trace.note(
        `${this.#forgotten} silent TCP connections were forgotten to bound memory; had they spoken again, they would appear as new ones.`,
      );
  }

  #find(hash: number, segment: Segment): TcpFlow | undefined {
    const young = this.#search(this.#young, hash, segment);
    if (young !== undefined) return young;
    const old = this.#search(this.#old, hash, segment);
    if (old === undefined) return undefined;
    this.#remove(this.#old, hash, old);
    this.#put(hash, old);
    return old;
  }

  #search(table: Map<number, Bucket>, hash: number, segment: Segment): TcpFlow | undefined {
    const bucket = table.get(hash);
    if (bucket === undefined) return undefined;
    return flowsIn(bucket).find((flow) => directionOf(flow, segment) >= 0);
  }

  #remove(table: Map<number, Bucket>, hash: number, flow: TcpFlow): void {
    const bucket = table.get(hash);
    if (bucket === flow) table.delete(hash);
    else if (Array.isArray(bucket))
      table.set(
        hash,
        bucket.filter((other) => other !== flow),
      );
  }

  #add(hash: number, segment: Segment): TcpFlow {
    const flow = new TcpFlow(this, segment);
    this.#put(hash, flow);
    return flow;
  }

  #put(hash: number, flow: TcpFlow): void {
    if (this.#youngCount >= this.#limit) {
      const silent = this.#old;
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCount = 0;
      this.#forget(silent);
    }
    this.#store(hash, flow);
  }

  /** Lets go of flows that were silent for two generations; iSCSI connections that are open stay as long as they are not too many. */
  #forget(silent: ReadonlyMap<number, Bucket>): void {
    let kept = 0;
    for (const [hash, bucket] of silent)
      for (const flow of flowsIn(bucket)) {
        if (flow.isOpen && kept < this.#limit / 2) {
          kept += 1;
          this.#store(hash, flow);
          continue;
        }
        flow.finish();
        this.#forgotten += 1;
      }
  }

  #store(hash: number, flow: TcpFlow): void {
    const bucket = this.#young.get(hash);
    if (bucket === undefined) this.#young.set(hash, flow);
    else this.#young.set(hash, [...flowsIn(bucket), flow]);
    this.#youngCount += 1;
  }
}

function flowsIn(bucket: Bucket): readonly TcpFlow[] {
  return Array.isArray(bucket) ? bucket : [bucket];
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

/** The same for both directions. */
function hashOf({ from, to, fromPort, toPort }: Segment): number {
  const mix = (words: Uint32Array, port: number): number =>
    Math.imul(
      (words[0] as number) ^
        (words[1] as number) ^
        Math.imul((words[3] as number) ^ (words[2] as number), 0x85ebca6b) ^
        port,
      0x9e3779b1,
    ) >>> 7;
  return mix(from, fromPort) + mix(to, toPort);
}
