import type { TcpFlow } from './flow.ts';

/** Flows in the order in which they last spoke; the links lie in the flows, so that nothing is made for a packet. */
export class FlowList {
  /** Flows there are. */
  size = 0;
  /** The flow that has been silent for longest. */
  oldest: TcpFlow | undefined;
  #newest: TcpFlow | undefined;

  /** Adds a flow that lies in no list, as the one that spoke last. */
  add(flow: TcpFlow): void {
    flow.older = this.#newest;
    flow.newer = undefined;
    if (this.#newest === undefined) this.oldest = flow;
    else this.#newest.newer = flow;
    this.#newest = flow;
    this.size += 1;
  }

  /** Takes a flow of this list out of it. */
  remove(flow: TcpFlow): void {
    if (flow.older === undefined) this.oldest = flow.newer;
    else flow.older.newer = flow.newer;
    if (flow.newer === undefined) this.#newest = flow.older;
    else flow.newer.older = flow.older;
    flow.older = flow.newer = undefined;
    this.size -= 1;
  }

  /** A flow of this list has spoken. */
  touch(flow: TcpFlow): void {
    if (flow === this.#newest) return;
    this.remove(flow);
    this.add(flow);
  }
}
