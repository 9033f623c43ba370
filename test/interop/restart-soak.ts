import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LunascopeError } from '../../core/errors/index.ts';
import { connect, type Disk, type Session } from '../../core/initiator/index.ts';
import { seeded } from '../support/session-sim.ts';
import { Keystream } from './evidence.ts';
import { diskOf, type San } from './san.ts';
import { startIstgtSan } from './san-istgt.ts';
import { portalOf } from './sessions.ts';
import { startTgtSan } from './san-tgt.ts';

const usage = `node test/interop/restart-soak.ts [--rounds 200] [--seed 1] [--target tgt|istgt] [--verbose]

Kills a real target at random moments of reads and writes, starts it again, and holds what the same session brings
afterwards to what must be on the disk: a read is right or fails, a block that was written is the old or the new one.
Prints the rounds, how the commands ended and how long the session took to come back; a round takes some three seconds, longer with istgt.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', default: 'tgt' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const PIECE = 64 * 1024;
const PIECES = 256;

interface Tally {
  reads: number;
  writes: number;
  readsFailed: number;
  unknown: number;
  readonly backMs: number[];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The bytes of a piece in its n-th version. */
function version(piece: number, n: number): Uint8Array {
  return new Keystream(`piece ${String(piece)} version ${String(n)}`).next(PIECE);
}

async function round(
  san: San,
  session: Session,
  disk: Disk,
  versions: number[],
  random: () => number,
  tally: Tally,
): Promise<void> {
  const blocks = PIECE / disk.blockSize;
  const writes = random() < 0.5;
  const first = Math.floor(random() * (PIECES - 32));
  const work = Array.from({ length: 32 }, async (_, i) => {
    const piece = first + i;
    const lba = BigInt(piece * blocks);
    const known = versions[piece] ?? 0;
    if (writes) {
      tally.writes += 1;
      try {
        await disk.write(lba, version(piece, known + 1));
        versions[piece] = known + 1;
      } catch (error) {
        if (!(error instanceof LunascopeError)) throw error;
        tally.unknown += 1;
        if (values.verbose) say(`piece ${String(piece)}: ${error.code}: ${error.message}`);
        const now = await disk.read(lba, blocks);
        // A write cut short may have reached some of the blocks only; each is the old or the new one.
        const before = version(piece, known);
        const after = version(piece, known + 1);
        for (let at = 0; at < PIECE; at += disk.blockSize) {
          const block = now.subarray(at, at + disk.blockSize);
          const old = before.subarray(at, at + disk.blockSize);
          const fresh = after.subarray(at, at + disk.blockSize);
          assert.ok(
            Buffer.compare(block, old) === 0 || Buffer.compare(block, fresh) === 0,
            `piece ${String(piece)} is neither`,
          );
        }
        await disk.write(lba, version(piece, known));
      }
      return;
    }
    tally.reads += 1;
    try {
      assert.equal(
        Buffer.compare(await disk.read(lba, blocks), version(piece, known)),
        0,
        `piece ${String(piece)} is wrong`,
      );
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      tally.readsFailed += 1;
    }
  });
  // What fails while the target is away is looked at below.
  void Promise.allSettled(work);
  await delay(random() * 12);
  await san.kill();
  const killed = performance.now();
  await delay(random() * 300);
  await san.revive();
  // The target itself asks for a pause after a loss (DefaultTime2Wait), however soon it is there again.
  const returned = Math.max(performance.now(), killed + session.parameters.defaultTime2Wait * 1000);
  const generation = session.generation;
  await disk.read(0n, 1);
  const backMs = Math.max(0, performance.now() - returned);
  tally.backMs.push(backMs);
  assert.ok(session.generation >= generation);
  // A login that began while the target was starting is lost, and costs its time once more.
  assert.ok(backMs < 2 * san.loginMs + 2000, `back only ${backMs.toFixed(0)} ms after the target`);
  await Promise.all(work);
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const rounds = Number(values.rounds);
  if (!(Number.isInteger(rounds) && rounds > 0) || !Number.isInteger(Number(values.seed))) {
    process.stderr.write(`--rounds and --seed are whole numbers.\n\n${usage}`);
    return 2;
  }
  if (values.target !== 'tgt' && values.target !== 'istgt') {
    process.stderr.write(`There is no target ${values.target} here.\n\n${usage}`);
    return 2;
  }
  const random = seeded(Number(values.seed));
  const san = await (values.target === 'istgt' ? startIstgtSan() : startTgtSan());
  try {
    const where = diskOf(san, 'gibibyte');
    const session = await connect(portalOf(san), {
      target: where.target,
      onEvent: (event) => {
        if (values.verbose && 'text' in event) say(event.text);
      },
    });
    const disk = await session.disk(where.lun);
    const versions = Array.from({ length: PIECES }, () => 0);
    for (let piece = 0; piece < PIECES; piece += 1)
      await disk.write(BigInt(piece * (PIECE / disk.blockSize)), version(piece, 0));
    const tally: Tally = { reads: 0, writes: 0, readsFailed: 0, unknown: 0, backMs: [] };
    for (let n = 1; n <= rounds; n += 1) {
      await round(san, session, disk, versions, random, tally);
      if (n % 20 === 0) say(`${String(n)} of ${String(rounds)} rounds`);
    }
    const sorted = [...tally.backMs].sort((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(0);
    say(
      `rounds ${String(rounds)}, reads ${String(tally.reads)} (${String(tally.readsFailed)} failed typed, none wrong), ` +
        `writes ${String(tally.writes)} (${String(tally.unknown)} unknown, none lost), back after ${at(0.5)} ms (median), ${at(1)} ms (longest)`,
    );
    await session.logout();
    return 0;
  } finally {
    await san.stop();
  }
}

process.exitCode = await main();
