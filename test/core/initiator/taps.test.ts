import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PduTap } from '../../../core/session/index.ts';
import { RawTarget } from '../../hostile/peers/raw-target.ts';
import { TapList } from '../../../core/initiator/tap-list.ts';
import { connectRaw } from './raw-peer.ts';
import { Cleanup } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Catches what callers' hooks threw, which would else surface as uncaught. */
function surfaced(): unknown[] {
  const errors: unknown[] = [];
  const spy = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => {
    try {
      run();
    } catch (error) {
      errors.push(error);
    }
  });
  cleanup.add(() => {
    spy.mockRestore();
    return Promise.resolve();
  });
  return errors;
}

function recorder(number: number): PduTap & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    openConnection: (_timeMs, { targetHost }) => {
      lines.push(`open ${targetHost}`);
      return number;
    },
    recordPdu: (connection, fromInitiator, _timeMs, bytes, at) =>
      void lines.push(`${String(connection)} ${fromInitiator ? 'out' : 'in'} ${String((bytes[at] ?? 0) & 0x3f)}`),
    recordLag: () => undefined,
    closeConnection: (connection, _timeMs, reason) => void lines.push(`close ${String(connection)}: ${reason}`),
  };
}

const PING = ['out 0', 'in 32'];

describe('a list of taps', () => {
  const ends = { initiatorHost: '10.0.0.1', initiatorPort: 1, targetHost: '10.0.0.2', targetPort: 3260 };
  const ping = new Uint8Array(48);

  it('tells each its own numbers, as taps and connections come and go', () => {
    const list = new TapList();
    const opened: number[] = [];
    const tap = (name: string, lines: string[], first: number): PduTap => {
      let next = first;
      return {
        ...recorder(0),
        openConnection: () => {
          opened.push(next);
          return next++;
        },
        recordPdu: (connection) => void lines.push(`${name}${String(connection)}`),
        closeConnection: (connection, _timeMs, _reason, end) =>
          void lines.push(`${name}${String(connection)} ${String(end)}`),
      };
    };
    const lines: string[] = [];
    const tell = (connection: number): void => {
      list.recordPdu(connection, true, 1, ping, 0, 0, ping, 0, 0);
    };
    const removeA = list.add(tap('a', lines, 10));
    const [one, two] = [list.openConnection(0, ends), list.openConnection(0, ends)];
    for (const connection of [one, one, two, one]) tell(connection);
    const removeB = list.add(tap('b', lines, 20));
    for (const connection of [one, two]) tell(connection);
    removeA();
    for (const connection of [one, two, two]) tell(connection);
    list.closeConnection(two, 1, 'gone', 'target-closed');
    tell(one);
    removeB();
    tell(one);
    list.add(tap('c', lines, 30));
    tell(one);
    expect(lines).toEqual(
      [
        'a10',
        'a10',
        'a11',
        'a10',
        'a10',
        'b20',
        'a11',
        'b21',
        'a10 goes-on',
        'a11 goes-on',
        'b20',
        'b21',
        'b21',
      ].concat(['b21 target-closed', 'b20', 'b20 goes-on', 'c30']),
    );
    expect(opened).toEqual([10, 11, 20, 21, 30]);
  });
});

describe('a tap', () => {
  it('notices nothing of another that comes and goes', async () => {
    const first = recorder(4);
    const session = await connectRaw(cleanup, new RawTarget(), { tap: first });
    expect(first.lines.shift()).toBe('open 127.0.0.1');
    first.lines.length = 0;
    const second = recorder(9);
    const stop = session.addTap(second);
    await session.protocol.ping();
    stop();
    await session.protocol.ping();
    expect(first.lines).toEqual([...PING, ...PING].map((line) => `4 ${line}`));
    expect(second.lines).toEqual(['open 127.0.0.1', ...PING.map((line) => `9 ${line}`), 'close 9: Recording ended.']);
  });

  it('learns when a PDU was written, and not when what it answers came', async () => {
    const answers: number[] = [];
    let heardAt = Infinity;
    const recordPdu: PduTap['recordPdu'] = (_connection, fromInitiator, timeMs) => {
      if (!fromInitiator) heardAt = timeMs;
      else if (heardAt !== Infinity) answers.push(timeMs - heardAt);
    };
    await connectRaw(cleanup, new RawTarget(), { tap: { ...recorder(1), recordPdu } });
    expect(answers.length).toBeGreaterThan(0);
    expect(Math.min(...answers)).toBeGreaterThan(0);
  });

  it('that is taken away twice takes no other with it', async () => {
    const session = await connectRaw(cleanup, new RawTarget());
    const [first, second] = [recorder(1), recorder(2)];
    session.addTap(first);
    const stop = session.addTap(second);
    stop();
    stop();
    await session.protocol.ping();
    expect(first.lines).toHaveLength(3);
    expect(second.lines).toEqual([]);
  });

  it('is told when its connection ends, once', async () => {
    const session = await connectRaw(cleanup, new RawTarget());
    const tap = recorder(3);
    const stop = session.addTap(tap);
    const late = recorder(5);
    await session.protocol.ping();
    session.addTap(late);
    session.destroy();
    stop();
    expect(tap.lines.filter((line) => line.startsWith('close'))).toEqual(['close 3: The session was closed.']);
    // One that has seen nothing of it is not told of its end.
    expect(late.lines).toEqual([]);
  });

  it('that fails harms neither the session nor another tap', async () => {
    const errors = surfaced();
    const fails = (): never => {
      throw new Error('A hook that fails.');
    };
    const session = await connectRaw(cleanup, new RawTarget(), { onPdu: fails });
    const during = errors.length;
    expect(during).toBeGreaterThan(3);
    const good = recorder(7);
    session.addTap({ openConnection: fails, recordPdu: fails, recordLag: fails, closeConnection: fails });
    session.addTap(good);
    await session.protocol.ping();
    session.addTap({ openConnection: () => 0, recordPdu: fails, recordLag: fails, closeConnection: fails })();
    expect(good.lines).toEqual(['open 127.0.0.1', ...PING.map((line) => `7 ${line}`)]);
    // Two PDUs, to two that fail.
    expect(errors.length - during).toBe(4);
    expect(session.state).toBe('full');
  });
});

describe('the PDU hook', () => {
  it('sees basic header and data of every PDU, both ways, as copies', async () => {
    const seen: [string, Uint8Array][] = [];
    const session = await connectRaw(cleanup, new RawTarget(), {
      onPdu: (direction, pdu) => seen.push([direction, pdu]),
    });
    seen.length = 0;
    const payload = Uint8Array.of(1, 2, 3);
    await session.protocol.ping(payload);
    expect(seen.map(([direction, pdu]) => [direction, pdu.length, (pdu[0] ?? 0) & 0x3f])).toEqual([
      ['sent', 51, 0x00],
      ['received', 51, 0x20],
    ]);
    expect(seen.every(([, pdu]) => pdu.subarray(48).join() === payload.join())).toBe(true);
    session.destroy();
    expect(seen).toHaveLength(2);
  });
});

describe('listeners', () => {
  it('each hear of an event, whatever another throws', async () => {
    const errors = surfaced();
    const heard: string[] = [];
    const fails = (): never => {
      throw new Error('A listener that fails.');
    };
    const target = new RawTarget();
    const session = await connectRaw(cleanup, target, {
      onEvent: fails,
      onAsync: fails,
      logger: { debug: fails, info: fails, warn: fails },
    });
    session.on('event', (event) => heard.push(`event ${event.kind}`));
    session.on('async', fails);
    const told = new Promise<void>((resolve) => {
      session.on('async', (event) => {
        heard.push(`async ${String(event.event)}`);
        resolve();
      });
    });
    errors.length = 0;
    target.connections[0]?.send({ opcode: 0x32, flags: 0x80, byte2: 0, word36: 0xff000000 });
    await told;
    expect(heard).toEqual(['event async', 'async 255']);
    // onEvent, the log, onAsync and the first listener.
    expect(errors).toHaveLength(4);
  });
});
