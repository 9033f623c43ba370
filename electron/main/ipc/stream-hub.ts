import type { StreamMessage } from '../../contract/bridge.ts';
import { INITIAL_CREDIT, STREAM_NAMES, type StreamName } from '../../contract/names.ts';
import { parseParams, type ParsedParams, type StreamItem } from '../../contract/streams.ts';
import { toWireError, wireError } from './dispatch.ts';

/** Where a source puts its items. */
export interface Sink<T> {
  /** Queues an item; a subscriber that lets the queue overflow is ended with an error. */
  readonly push: (item: T) => void;
  readonly end: (error?: unknown) => void;
}

/** One source per stream: it starts when somebody subscribes and gives the function that stops it. */
export type Sources = {
  readonly [N in StreamName]: (params: ParsedParams<N>, sink: Sink<StreamItem<N>>) => () => void;
};

/** One window, or one test, that streams are sent to. */
export interface Subscriber {
  readonly send: (message: StreamMessage) => void;
}

interface Subscription {
  credit: number;
  queue: unknown[];
  scheduled: boolean;
  stop: () => void;
}

const MAX_QUEUED = 50_000;
const MAX_BATCH = 2_000;
const MAX_SUBSCRIPTIONS = 256;

const isStreamName = (name: string): name is StreamName => (STREAM_NAMES as readonly string[]).includes(name);

const NO_SUCH_STREAM = 'There is no such stream.';

/** Why a stream cannot be opened, or null. */
function refuse(own: ReadonlyMap<number, unknown>, id: number, name: string, params: unknown): string | null {
  if (own.has(id)) return `Stream number ${id} is already open.`;
  if (own.size >= MAX_SUBSCRIPTIONS) return 'Too many streams are open.';
  if (!isStreamName(name)) return NO_SUCH_STREAM;
  if (!parseParams(name, params).success) return `The parameters of the stream ${name} are not valid.`;
  return null;
}

/** Batches items to subscribers, no faster than they hand back credit, and ends every stream when its subscriber goes. */
export class StreamHub {
  readonly #sources: Sources;
  readonly #log: (error: unknown) => void;
  readonly #open = new Map<Subscriber, Map<number, Subscription>>();

  constructor(sources: Sources, log: (error: unknown) => void) {
    this.#sources = sources;
    this.#log = log;
  }

  /** How many streams are open, over all subscribers. */
  get size(): number {
    let count = 0;
    for (const subscriptions of this.#open.values()) count += subscriptions.size;
    return count;
  }

  open(subscriber: Subscriber, id: number, name: string, params: unknown): void {
    const own = this.#open.get(subscriber) ?? new Map<number, Subscription>();
    this.#open.set(subscriber, own);
    const refusal = refuse(own, id, name, params);
    if (refusal !== null || !isStreamName(name)) {
      subscriber.send({ id, kind: 'end', error: wireError('BAD_REQUEST', refusal ?? NO_SUCH_STREAM) });
      return;
    }
    const parsed = parseParams(name, params).data;

    const subscription: Subscription = { credit: INITIAL_CREDIT, queue: [], scheduled: false, stop: () => undefined };
    own.set(id, subscription);
    const alive = (): boolean => own.get(id) === subscription;
    const end = (error?: unknown): void => {
      if (!alive()) return;
      this.#flush(subscriber, id, subscription, true);
      this.#drop(subscriber, id);
      subscriber.send({ id, kind: 'end', error: error === undefined ? null : toWireError(error, this.#log) });
    };
    const push = (item: unknown): void => {
      if (!alive()) return;
      if (subscription.queue.length >= MAX_QUEUED) {
        this.#drop(subscriber, id);
        subscriber.send({
          id,
          kind: 'end',
          error: wireError('LIMIT_REACHED', `The window did not keep up with ${name}.`, 'Close and reopen the view.'),
        });
        return;
      }
      subscription.queue.push(item);
      this.#schedule(subscriber, id, subscription);
    };
    try {
      const start = this.#sources[name] as (params: unknown, sink: Sink<unknown>) => () => void;
      const stop = start(parsed, { push, end });
      if (alive()) subscription.stop = stop;
      else stop();
    } catch (error) {
      end(error);
    }
  }

  credit(subscriber: Subscriber, id: number, credit: number): void {
    const subscription = this.#open.get(subscriber)?.get(id);
    if (subscription === undefined) return;
    subscription.credit = Math.min(subscription.credit + credit, INITIAL_CREDIT);
    this.#flush(subscriber, id, subscription, false);
  }

  close(subscriber: Subscriber, id: number): void {
    this.#drop(subscriber, id);
  }

  /** Ends everything a subscriber had open, without a word to it. */
  closeAll(subscriber: Subscriber): void {
    for (const id of [...(this.#open.get(subscriber)?.keys() ?? [])]) this.#drop(subscriber, id);
    this.#open.delete(subscriber);
  }

  #drop(subscriber: Subscriber, id: number): void {
    const subscription = this.#open.get(subscriber)?.get(id);
    if (subscription === undefined) return;
    this.#open.get(subscriber)?.delete(id);
    subscription.queue = [];
    subscription.stop();
  }

  #schedule(subscriber: Subscriber, id: number, subscription: Subscription): void {
    if (subscription.scheduled || subscription.credit === 0) return;
    subscription.scheduled = true;
    queueMicrotask(() => {
      subscription.scheduled = false;
      this.#flush(subscriber, id, subscription, false);
    });
  }

  #flush(subscriber: Subscriber, id: number, subscription: Subscription, last: boolean): void {
    while (subscription.queue.length > 0 && (subscription.credit > 0 || last)) {
      const items = subscription.queue.splice(0, MAX_BATCH);
      subscription.credit -= 1;
      subscriber.send({ id, kind: 'items', items });
    }
  }
}
