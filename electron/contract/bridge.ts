import type { Answer, WireError } from './errors.ts';
import type { RequestName, StreamName } from './names.ts';
import type { RequestInput, RequestOutput } from './requests.ts';
import type { StreamItem, StreamParams } from './streams.ts';

/** What main tells a subscriber: a batch of items, or the end. */
export type StreamMessage<T = unknown> =
  | { readonly id: number; readonly kind: 'items'; readonly items: readonly T[] }
  | { readonly id: number; readonly kind: 'end'; readonly error: WireError | null };

/** What a subscriber gives: it is credited for the next batch once `onItems` has returned or resolved. */
export interface StreamListener<T> {
  readonly onItems: (items: readonly T[]) => void | Promise<void>;
  readonly onEnd: (error: WireError | null) => void;
}

/** The one object the preload script puts into the window: a function per request and per stream, nothing generic. */
export interface Bridge {
  readonly requests: { readonly [N in RequestName]: (input: RequestInput<N>) => Promise<Answer<RequestOutput<N>>> };
  readonly streams: {
    readonly [N in StreamName]: (params: StreamParams<N>, listener: StreamListener<StreamItem<N>>) => () => void;
  };
}
