import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestName } from '../../electron/contract/names.ts';
import type { RequestInput, RequestOutput } from '../../electron/contract/requests.ts';
import type { SessionDetail, SessionEntry } from '../../electron/contract/sessions.ts';
import { answerRequest } from '../../electron/main/ipc/dispatch.ts';
import type { Subscriber } from '../../electron/main/ipc/stream-hub.ts';
import { createBackend, type Backend } from '../../electron/main/services/index.ts';
import { addressChange, Interruptions } from '../../electron/main/services/interruptions.ts';
import { LogBook } from '../../electron/main/services/log-book.ts';
import { createNodeHost } from '../e2e/support/node-host.ts';
import { FaultProxy } from '../support/fault-proxy.ts';

describe('the words for a network that changed', () => {
  it('name what is gone and what is there', () => {
    expect(addressChange(['eth0 10.0.0.5'], ['eth0 10.0.0.5'])).toBeNull();
    expect(addressChange(['eth0 10.0.0.5'], ['wlan0 192.168.1.7'])).toBe(
      'The network of this computer changed: eth0 10.0.0.5 is gone, wlan0 192.168.1.7 is there.',
    );
  });
});

describe('the watch over addresses', () => {
  it('has sessions checked once for each change, and not while the computer sleeps', async () => {
    let addresses = ['eth0 10.0.0.5'];
    let power: (event: 'sleep' | 'wake') => void = () => undefined;
    const checks: string[] = [];
    const notes: string[] = [];
    let looked = 0;
    const until = async (count: number): Promise<void> => {
      const target = looked + count;
      await expect.poll(() => looked, { interval: 5 }).toBeGreaterThanOrEqual(target);
    };
    const watch = new Interruptions({
      host: {
        onPower: (listener) => {
          power = listener;
          return () => undefined;
        },
        addresses: () => {
          looked += 1;
          return addresses;
        },
      },
      sessions: {
        checkAll: (kind, what) => checks.push(`${kind}: ${what}`),
        noteAll: (kind) => void notes.push(kind),
      },
      book: new LogBook(),
      lookMs: 5,
    });
    addresses = [];
    await until(3);
    expect(checks).toEqual(['network: The network of this computer changed: eth0 10.0.0.5 is gone.']);
    power('sleep');
    addresses = ['eth0 10.0.0.9'];
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(checks).toHaveLength(1);
    power('wake');
    expect(notes).toEqual(['sleep']);
    expect(checks[1]).toMatch(/^wake: The computer woke after 0 s\. The network .* eth0 10\.0\.0\.9 is there\.$/);
    watch.close();
  });
});

describe('a session and a computer that sleeps', () => {
  let power: (event: 'sleep' | 'wake') => void = () => undefined;
  const node = {
    ...createNodeHost(),
    onPower: (listener: typeof power) => {
      power = listener;
      return () => undefined;
    },
  };
  let backend: Backend;
  let proxy: FaultProxy;
  let session: SessionEntry;
  let detail: SessionDetail | null = null;
  const valueOf = async <N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> => {
    const answer = await answerRequest(backend.handlers, name, input, (error) => {
      throw error;
    });
    if (!answer.ok) throw new Error(answer.error.message);
    return answer.value;
  };
  const happened = () => detail?.events.map(({ kind, text }) => `${kind}: ${text}`) ?? [];

  beforeAll(async () => {
    backend = await createBackend(node, (error) => {
      throw error;
    });
    const demo = await valueOf('demo.start', undefined);
    proxy = await FaultProxy.start(demo.portals[0]!);
    session = await valueOf('sessions.login', {
      attempt: 'one',
      host: proxy.host,
      port: proxy.port,
      target: 'iqn.2026-01.org.lunascope.demo:disks',
      chap: null,
      options: { keepaliveIntervalMs: 0 },
      save: false,
      keepSecrets: false,
    });
    const sink: Subscriber = {
      send: (message) => {
        if (message.kind !== 'items') return;
        detail = message.items.at(-1) as SessionDetail;
        backend.hub.credit(sink, 1, 1);
      },
    };
    backend.hub.open(sink, 1, 'sessions.detail', { id: session.id });
  });
  afterAll(async () => {
    await backend.close();
    await proxy.stop();
    rmSync(node.dataDir, { recursive: true, force: true });
  });

  it('says that it is still there when the target answers', async () => {
    power('sleep');
    power('wake');
    await expect.poll(() => happened().at(-1)).toMatch(/^check: The target answered in/);
    expect(happened()).toContain('sleep: The computer goes to sleep.');
    expect(happened()).toContain('wake: The computer woke after 0 s.');
  });

  it('reconnects when the target stays silent, and says why', async () => {
    proxy.faults.silent = true;
    power('wake');
    await expect.poll(() => happened().at(-1), { timeout: 10_000 }).toMatch(/attempt 1|did not survive/);
    proxy.faults.silent = false;
    await expect.poll(() => detail?.history.at(-1)?.to, { timeout: 20_000 }).toBe('full');
    const lost = detail?.history.find(({ to }) => to === 'recovering');
    expect(lost?.reason?.message).toContain('has not answered a ping');
    expect(happened().join('\n')).toMatch(/check: The session did not survive: .*has not answered a ping/);
  });
});
