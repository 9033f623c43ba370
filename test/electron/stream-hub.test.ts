import { describe, expect, it } from 'vitest';
import type { StreamMessage } from '../../electron/contract/bridge.ts';
import { INITIAL_CREDIT } from '../../electron/contract/names.ts';
import { StreamHub, type Sink, type Sources, type Subscriber } from '../../electron/main/ipc/stream-hub.ts';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp() {
  const sinks: Sink<never>[] = [];
  let stopped = 0;
  const sources = new Proxy({} as Sources, {
    get: () => (_params: undefined, sink: Sink<never>) => {
      sinks.push(sink);
      return () => (stopped += 1);
    },
  });
  const messages: StreamMessage[] = [];
  const subscriber: Subscriber = { send: (message) => messages.push(message) };
  const hub = new StreamHub(sources, () => undefined);
  const push = (item: unknown) => sinks[0]?.push(item as never);
  return { hub, subscriber, messages, sinks, push, stopped: () => stopped };
}

describe('streams to the window', () => {
  it('batches what was pushed in one turn', async () => {
    const { hub, subscriber, messages, push } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    push('start.show');
    push('demo.show');
    await tick();
    expect(messages).toEqual([{ id: 1, kind: 'items', items: ['start.show', 'demo.show'] }]);
  });

  it('sends no more batches than there is credit, and goes on when credited', async () => {
    const { hub, subscriber, messages, push } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    for (let i = 0; i < INITIAL_CREDIT + 3; i += 1) {
      push(`item ${i}`);
      await tick();
    }
    expect(messages).toHaveLength(INITIAL_CREDIT);
    hub.credit(subscriber, 1, 1);
    await tick();
    expect(messages).toHaveLength(INITIAL_CREDIT + 1);
    expect(messages.at(-1)).toEqual({ id: 1, kind: 'items', items: ['item 4', 'item 5', 'item 6'] });
  });

  it('never lets a subscriber bank more credit than it began with', async () => {
    const { hub, subscriber, messages, push } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    for (let i = 0; i < 20; i += 1) hub.credit(subscriber, 1, 64);
    for (let i = 0; i < INITIAL_CREDIT + 5; i += 1) {
      push(i);
      await tick();
    }
    expect(messages).toHaveLength(INITIAL_CREDIT);
  });

  it('ends a stream whose window does not keep up, in bounded memory', () => {
    const { hub, subscriber, messages, push, stopped } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    for (let i = 0; i <= 50_000; i += 1) push(i);
    expect(messages.at(-1)).toMatchObject({ id: 1, kind: 'end', error: { code: 'LIMIT_REACHED' } });
    expect(stopped()).toBe(1);
    expect(hub.size).toBe(0);
  });

  it('stops the source when the subscriber closes, and sends nothing more', async () => {
    const { hub, subscriber, messages, push, stopped } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    hub.close(subscriber, 1);
    push('late');
    await tick();
    expect(stopped()).toBe(1);
    expect(messages).toEqual([]);
  });

  it('stops every source when the subscriber goes', () => {
    const { hub, subscriber, stopped } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    hub.open(subscriber, 2, 'demo.state', undefined);
    hub.closeAll(subscriber);
    expect(stopped()).toBe(2);
    expect(hub.size).toBe(0);
  });

  it('delivers what was queued before it says the end', async () => {
    const { hub, subscriber, messages, push, sinks } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    push('last');
    sinks[0]?.end();
    await tick();
    expect(messages).toEqual([
      { id: 1, kind: 'items', items: ['last'] },
      { id: 1, kind: 'end', error: null },
    ]);
  });

  it.each([
    ['a stream there is not', 1, 'no.such', undefined],
    ['a name of the prototype', 1, 'constructor', undefined],
    ['parameters that are not valid', 1, 'app.commands', { more: true }],
  ])('refuses %s', (_what, id, name, params) => {
    const { hub, subscriber, messages } = setUp();
    hub.open(subscriber, id, name, params);
    expect(messages).toMatchObject([{ id, kind: 'end', error: { code: 'BAD_REQUEST' } }]);
    expect(hub.size).toBe(0);
  });

  it('refuses a number that is in use, and leaves the first stream alone', async () => {
    const { hub, subscriber, messages, push } = setUp();
    hub.open(subscriber, 1, 'app.commands', undefined);
    hub.open(subscriber, 1, 'app.commands', undefined);
    expect(messages).toMatchObject([{ id: 1, kind: 'end' }]);
    push('still here');
    await tick();
    expect(messages.at(-1)).toEqual({ id: 1, kind: 'items', items: ['still here'] });
  });

  it('refuses more streams than a window can want', () => {
    const { hub, subscriber, messages } = setUp();
    for (let id = 0; id < 300; id += 1) hub.open(subscriber, id, 'app.commands', undefined);
    expect(hub.size).toBe(256);
    expect(messages).toHaveLength(44);
  });
});
