import type { Bridge, StreamListener } from '../../electron/contract/bridge.ts';
import type { Answer } from '../../electron/contract/errors.ts';
import type { RequestName, StreamName } from '../../electron/contract/names.ts';
import type { RequestInput, RequestOutput } from '../../electron/contract/requests.ts';
import type { StreamItem, StreamParams } from '../../electron/contract/streams.ts';

declare global {
  interface Window {
    readonly lunascope: Bridge;
  }
}

/** Asks the main process; the answer says whether it went well. */
export function request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<Answer<RequestOutput<N>>> {
  return window.lunascope.requests[name](input);
}

/** Subscribes to a stream; gives the function that ends it. */
export function subscribe<N extends StreamName>(
  name: N,
  params: StreamParams<N>,
  listener: StreamListener<StreamItem<N>>,
): () => void {
  return window.lunascope.streams[name](params, listener);
}
