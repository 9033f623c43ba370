import { UsageError } from '../errors/index.ts';
import { folderOf } from '../node/files.ts';
import { exportTraceFile } from '../node/trace-export.ts';
import {
  checkCaptureName,
  checkTraceName,
  deleteTrace,
  moveTrace,
  traceExists,
  traceSize,
  UNDER_WAY,
} from '../node/trace-files.ts';
import { TraceFile } from '../node/trace-open.ts';
import { parseFlags } from './flags.ts';
import { note, type CliIo } from './io.ts';
import { isCaptureName, estimateText } from './trace-names.ts';
import { remarksOf } from './trace-remarks.ts';
import type { Verb } from './verb.ts';

const FLAGS = {
  out: { value: true, help: 'file to record to; .pcapng writes a capture for Wireshark' },
  headers: { value: false, help: 'keep headers and the first 64 data bytes only' },
  'keep-chap': { value: false, help: 'keep CHAP responses, which let a weak secret be guessed' },
  'server-port': { value: true, help: 'port the target gets in a .pcapng' },
} as const;

const RECORDABLE: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['discover', async () => (await import('./discover.ts')).DISCOVER],
  ['luns', async () => (await import('./luns.ts')).LUNS],
  ['info', async () => (await import('./info.ts')).INFO],
  ['read', async () => (await import('./read.ts')).READ],
  ['write', async () => (await import('./write.ts')).WRITE],
  ['bench', async () => (await import('./bench.ts')).BENCH],
]);

async function verbNamed(name: string | undefined): Promise<Verb> {
  const load = RECORDABLE.get(name ?? '');
  if (load === undefined)
    throw new UsageError('BAD_ARGUMENT', `record runs one of ${[...RECORDABLE.keys()].join(', ')} after "--".`, {
      hint: 'For example: record iscsi://host/target/0 --out trace.pcapng -- read --lba 0 --count 8',
    });
  return load();
}

async function toCapture(recorded: string, out: string, serverPort: number | undefined, io: CliIo): Promise<void> {
  const file = new TraceFile({ scratchParent: folderOf(out) });
  try {
    await file.read(recorded);
    note(io, estimateText(file.trace, 'pcapng', out));
    const { pdus, bytes } = await exportTraceFile(file.trace, out, serverPort === undefined ? {} : { serverPort });
    note(io, `${pdus} PDUs, ${bytes} bytes, in ${out}`);
    for (const remark of remarksOf(file.trace)) note(io, `note: ${remark}`);
  } finally {
    file.close();
  }
}

/** Bytes that a recording without a PDU stays under: no more than what it says of a loop that ran late. */
const BARE_BYTES = 1 << 20;

/** Whether no PDU was recorded. */
async function isBare(recorded: string): Promise<boolean> {
  if (traceSize(recorded) > BARE_BYTES) return false;
  const file = new TraceFile({ scratchParent: folderOf(recorded) });
  try {
    await file.read(recorded);
    return file.trace.length === 0;
  } finally {
    file.close();
  }
}

/** Runs another verb and records what goes over the wire, login included. */
export const RECORD: Verb = {
  usage: 'record URL --out F -- VERB...',
  help: 'run a verb and record its PDUs',
  flags: FLAGS,
  async run(args, io) {
    const cut = args.indexOf('--');
    const own = cut < 0 ? args : args.slice(0, cut);
    const [name, ...rest] = cut < 0 ? [] : args.slice(cut + 1);
    const flags = parseFlags(own, FLAGS, [1, 1]);
    const out = flags.needed('out');
    const verb = await verbNamed(name);
    const url = flags.positionals[0] ?? '';
    const recorded = `${out}${UNDER_WAY}`;
    const capture = isCaptureName(out);
    const serverPort = flags.integer('server-port', 1, 65_535);
    if (serverPort !== undefined && !capture)
      throw new UsageError('BAD_ARGUMENT', '--server-port changes packets, and only a .pcapng holds some.', {
        hint: 'Let --out end in .pcapng, or give the port to decode --write later.',
      });
    if (capture) checkCaptureName(out);
    else checkTraceName(out);
    if (traceExists(recorded))
      throw new UsageError('BAD_ARGUMENT', `${recorded} is there from a recording that was cut short.`, {
        hint: 'Look at it with decode and delete it, or choose another --out.',
      });
    const mode = flags.has('headers') ? 'headers' : 'full';
    const trace = ['--trace', mode, '--trace-file', recorded, ...(flags.has('keep-chap') ? ['--keep-chap'] : [])];
    let code = 1;
    const kept = { whole: true };
    const onIncompleteTrace = (): void => {
      kept.whole = false;
    };
    try {
      code = await verb.run([url, ...rest, ...trace], { ...io, onIncompleteTrace });
    } finally {
      // What led to a failure is what a recording is for: it is kept either way.
      if (!traceExists(recorded)) note(io, 'Nothing was recorded.');
      else if (await isBare(recorded)) {
        deleteTrace(recorded);
        note(io, traceExists(out) ? `Nothing was recorded; ${out} is as it was.` : 'Nothing was recorded.');
      } else if (capture) {
        await toCapture(recorded, out, serverPort, io);
        deleteTrace(recorded);
      } else moveTrace(recorded, out);
    }
    return kept.whole ? code : 1;
  },
};
