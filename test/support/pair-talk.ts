import { LunascopeError } from '../../core/errors/index.ts';
import type { Task } from '../../core/session/index.ts';
import { Pair, type PairOptions } from './pair-sim.ts';
import { read10, write10 } from './raw-sim.ts';

const READ_AT = 5;
const WRITE_AT = 20;
const WRITE_BLOCKS = 5;
const LUN_RESET = 5;
const WRITE = 0x2a;
/** Longer than every deadline of a conversation after one another. */
const PATIENCE = 60_000;

/** How a conversation went: what each request ended with, and whatever should not have been. */
export interface Talk {
  readonly ends: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
  readonly pair: Pair;
}

/** A login with CHAP, reads, a write of every kind of data, a ping, text, task management, and a logout. */
export async function talk(options: PairOptions): Promise<Talk> {
  const pair = new Pair({ chap: true, ...options });
  const { sim } = pair;
  const { machine } = sim;
  const ends: Record<string, string> = {};
  const faults: string[] = [];
  const ended = (name: string, error: LunascopeError | undefined): void => {
    if (name in ends) faults.push(`${name} ended twice`);
    if (error !== undefined && !(error instanceof LunascopeError)) faults.push(`${name} ended untyped`);
    ends[name] = error?.code ?? 'ok';
  };
  const whenDone = async (...names: string[]): Promise<void> => {
    await sim.run(PATIENCE, () => names.every((name) => name in ends));
    for (const name of names) if (!(name in ends)) faults.push(`${name} never ended`);
  };
  const before = pair.bytes.slice();
  const data = Uint8Array.from({ length: WRITE_BLOCKS * 512 }, (_, i) => (i * 3 + 1) & 0xff);
  const follow = (name: string, task: Task, check: (task: Task) => boolean): void => {
    task.onDone = (done) => {
      if (done.error === undefined && done.status !== 0) ends[name] = `status ${String(done.status)}`;
      else ended(name, done.error);
      if (ends[name] === 'ok' && !check(done)) faults.push(`${name} brought wrong data`);
    };
    if (task.state === 'done') task.onDone(task);
  };
  const read = (name: string, lba: number, blocks: number, expected: () => Uint8Array): void => {
    const dataIn = new Uint8Array(blocks * 512);
    follow(name, sim.submit({ cdb: read10(lba, blocks), dataIn, whole: true, idempotent: true }), () => {
      return Buffer.compare(dataIn, expected()) === 0;
    });
  };
  const began = sim.clock;
  machine.start((_result, error) => {
    ended('login', error);
  });
  await whenDone('login');
  if (ends['login'] === 'ok') {
    await pair.rememberUnit();
    read('read', READ_AT, 4, () => before.subarray(READ_AT * 512, (READ_AT + 4) * 512));
    const cdb = write10(WRITE_AT, WRITE_BLOCKS);
    follow('write', sim.submit({ cdb, dataOut: data, whole: true }), () => {
      return Buffer.compare(pair.bytes.subarray(WRITE_AT * 512, (WRITE_AT + WRITE_BLOCKS) * 512), data) === 0;
    });
    machine.ping(Uint8Array.of(1, 2, 3), 1500, (_trip, error) => {
      ended('ping', error);
    });
    machine.text([{ key: 'SendTargets', value: '' }], 1500, (pairs, error) => {
      ended('text', error);
      if (error === undefined && pairs?.[0]?.key !== 'TargetName') faults.push('text brought something else');
    });
    await whenDone('read', 'write', 'ping', 'text');
    machine.manageTasks({ function: LUN_RESET, lun: 0n, timeoutMs: 1500 }, (_response, error) => {
      ended('tmf', error);
    });
    const now = pair.bytes.slice(WRITE_AT * 512, (WRITE_AT + WRITE_BLOCKS) * 512);
    await whenDone('tmf');
    // The reset is told to the next command; what is read after it is what was there.
    await sim.execute({ cdb: new Uint8Array(6), idempotent: true });
    read('read back', WRITE_AT, WRITE_BLOCKS, () => now);
    await whenDone('read back');
  }
  machine.logout(1000, (_answer, error) => {
    ended('logout', error);
  });
  await whenDone('logout');
  await sim.run(5);
  if (sim.clock - began > PATIENCE) faults.push('it took too long');
  const { core } = machine;
  if (core.state !== 'closed') faults.push(`the session is ${core.state} at the end`);
  if (core.tasks.size + core.controls.size + core.queue.size + core.probes.size + core.connections.size > 0)
    faults.push('something is left over');
  if (machine.deadline !== Infinity) {
    sim.machine.timeout();
  }
  const writes = pair.carriedOut.filter(({ opcode, status }) => opcode === WRITE && status === 0).length;
  if (writes > 1) faults.push('the write was carried out twice');
  for (let at = 0; at < pair.bytes.length; at += 512) {
    const block = pair.bytes.subarray(at, at + 512);
    const place = at - WRITE_AT * 512;
    const isOld = Buffer.compare(block, before.subarray(at, at + 512)) === 0;
    const isNew = place >= 0 && place < data.length && Buffer.compare(block, data.subarray(place, place + 512)) === 0;
    if (!isOld && !isNew) faults.push(`block ${String(at / 512)} is neither old nor new`);
    if (ends['write'] === 'ok' && place >= 0 && place < data.length && !isNew) faults.push('the write is not there');
  }
  for (const mistake of pair.mistakes) faults.push(`the target made a mistake: ${String(mistake)}`);
  return { ends, faults, pair };
}
