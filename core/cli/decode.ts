import { CancelledError, UsageError } from '../errors/index.ts';
import { exportTraceFile, exportTraceLines, refuseOwnSource } from '../node/trace-export.ts';
import { writeText } from '../node/terminal.ts';
import { folderOf, kindAt, readsFile } from '../node/files.ts';
import { TraceFile } from '../node/trace-open.ts';
import {
  compileFilter,
  csvHeader,
  findProblems,
  formatFinding,
  formatRow,
  matchRows,
  needsFile,
  rowToCsv,
  rowToJson,
  SettlingFilter,
  SHARE_RULES,
  type FilterNode,
  type Trace,
} from '../trace/index.ts';
import { parseFlags, type Flags } from './flags.ts';
import { note, type CliIo } from './io.ts';
import { exportFormatOf, estimateText } from './trace-names.ts';
import { readFilter, remarksOf } from './trace-remarks.ts';
import type { Verb } from './verb.ts';

const FLAGS = {
  json: { value: false, help: 'print one JSON object a PDU' },
  csv: { value: false, help: 'print CSV' },
  follow: {
    value: false,
    help: 'go on as the file grows, until Ctrl+C, as is always done with a pipe; a --filter on how commands end (ok, latency) shows each at its end',
  },
  filter: { value: true, help: "only PDUs it lets through, such as 'scsi.opcode == read10 && latency > 20ms'" },
  findings: { value: false, help: 'print what is wrong, with the PDUs that prove it' },
  secrets: { value: false, help: 'with --json: show CHAP responses' },
  'share-table': { value: false, help: 'print what --safe-to-share does with each field, and nothing else' },
  write: { value: true, help: 'write a file instead of printing, by its name: .pcapng, .jsonl or .csv' },
  'safe-to-share': { value: false, help: 'with --write: zero data, hash names and addresses' },
  'server-port': { value: true, help: 'with --write: port the targets get, 3260 for Wireshark' },
} as const;

type Format = 'text' | 'json' | 'csv';

interface DecodeOptions {
  readonly path: string;
  readonly follow: boolean;
  readonly format: Format;
  readonly findings: boolean;
  readonly secrets: boolean;
  readonly filter: FilterNode | undefined;
  readonly output: string | undefined;
  readonly safe: boolean;
  readonly serverPort: number | undefined;
}

/** Refuses flags that one of the others leaves without a meaning, rather than pass over them. */
function refuseIdle(flags: Flags): void {
  const refuse = (message: string, hint: string): never => {
    throw new UsageError('BAD_ARGUMENT', message, { hint });
  };
  if (flags.has('csv') && (flags.has('json') || flags.has('findings')))
    refuse(
      `--csv does not go with --${flags.has('json') ? 'json' : 'findings'}.`,
      'PDUs are printed as text, --json or --csv; findings as text or --json.',
    );
  if (flags.has('findings') && flags.has('filter') && !flags.has('write'))
    refuse(
      '--findings looks at the whole trace and takes no --filter.',
      'Write what the filter lets through with --write OUT.pcapng, and look for findings in that.',
    );
  if (flags.has('csv') && flags.has('write'))
    refuse('--csv prints lines, and --write prints none.', 'Write to a name that ends in .csv.');
  if (flags.has('secrets') && (!flags.has('json') || flags.has('findings') || flags.has('write')))
    refuse('--secrets shows CHAP responses in PDUs printed with --json only.', 'Add --json, or leave it out.');
}

function readOptions(args: readonly string[]): DecodeOptions {
  const flags = parseFlags(args, FLAGS, [1, 1]);
  refuseIdle(flags);
  const filter = flags.text('filter');
  for (const name of ['safe-to-share', 'server-port'])
    if (flags.has(name) && !flags.has('write'))
      throw new UsageError('BAD_ARGUMENT', `--${name} works on what is written to a file: add --write OUT.pcapng.`, {
        hint: 'Without --write nothing would be hidden or changed.',
      });
  const output = flags.text('write');
  const written = output === undefined ? undefined : exportFormatOf(output);
  if (output !== undefined && written !== 'pcapng' && flags.has('server-port'))
    throw new UsageError('BAD_ARGUMENT', `${output} holds no packets, so it has no --server-port.`);
  return {
    path: flags.positionals[0] ?? '-',
    follow: flags.has('follow'),
    format: flags.has('json') ? 'json' : flags.has('csv') ? 'csv' : 'text',
    findings: flags.has('findings'),
    secrets: flags.has('secrets'),
    filter: filter === undefined ? undefined : readFilter(filter, !flags.has('json')),
    output,
    safe: flags.has('safe-to-share'),
    serverPort: flags.integer('server-port', 1, 65_535),
  };
}

function write(io: CliIo, text: string): Promise<void> {
  return writeText(io.stdout, text, io.signal);
}

const LINES = 500;

/** Prints rows in batches, so that a slow reader holds the decoder back. */
class RowPrinter {
  readonly #trace: Trace;
  readonly #io: CliIo;
  readonly #options: DecodeOptions;
  readonly #filter: SettlingFilter | undefined;
  /** Whether the input has ended since it was told to. */
  inputStopped = false;
  #taken = 0;
  #headed = false;
  #work: Promise<void> = Promise.resolve();

  constructor(trace: Trace, io: CliIo, options: DecodeOptions) {
    this.#trace = trace;
    this.#io = io;
    this.#options = options;
    this.#filter = options.filter === undefined ? undefined : new SettlingFilter(options.filter, trace);
  }

  /** Prints what has come since the last call, and what comes while it prints. */
  printNew(): Promise<void> {
    return this.#queue(async () => {
      do await this.#print(false);
      while (this.#taken < this.#trace.length);
    });
  }

  /** Prints what is left, what the filter held back too. */
  printLast(): Promise<void> {
    return this.#queue(() => this.#print(true));
  }

  /** Resolves once nothing is being printed any more. */
  async idle(): Promise<void> {
    await this.#work;
  }

  #queue(print: () => Promise<void>): Promise<void> {
    const work = this.#work.then(print);
    this.#work = work.catch(() => undefined);
    return work;
  }

  async #print(last: boolean): Promise<void> {
    const from = this.#taken;
    this.#taken = this.#trace.length;
    const rows = this.#filter?.take(last);
    const count = rows?.length ?? this.#taken - from;
    const { format, secrets } = this.#options;
    if (format === 'csv' && !this.#headed && this.#taken > 0) await this.#write(csvHeader());
    this.#headed ||= this.#taken > 0;
    let lines: string[] = [];
    for (let k = 0; k < count; k += 1) {
      const row = rows === undefined ? from + k : (rows[k] as number);
      lines.push(this.#line(row, format, secrets));
      if (lines.length < LINES && k < count - 1) continue;
      await this.#write(lines.join('\n'));
      lines = [];
    }
  }

  async #write(text: string): Promise<void> {
    await write(this.#io, `${text}\n`);
    // What has no end of its own is printed to where it was stopped, yet for no reader who does not keep up.
    const { stdout, signal } = this.#io;
    const lasting = this.#options.follow || this.inputStopped;
    if (signal.aborted && (!lasting || stdout.writableNeedDrain))
      throw new CancelledError('CANCELLED', 'Printing was called off.');
  }

  #line(row: number, format: Format, secrets: boolean): string {
    if (format === 'json') return JSON.stringify(rowToJson(this.#trace, row, { secrets }));
    return format === 'csv' ? rowToCsv(this.#trace, row, { secrets }) : formatRow(this.#trace, row);
  }
}

async function printShareTable(format: Format, io: CliIo): Promise<void> {
  const width = Math.max(...SHARE_RULES.map(({ field }) => field.length));
  for (const rule of SHARE_RULES) {
    const { field, treatment, why } = rule;
    const line = format === 'json' ? JSON.stringify(rule) : `${field.padEnd(width)}  ${treatment.padEnd(6)}  ${why}`;
    await write(io, `${line}\n`);
  }
}

async function printFindings(trace: Trace, io: CliIo, format: Format): Promise<void> {
  for (const finding of findProblems(trace))
    await write(io, `${format === 'json' ? JSON.stringify(finding) : formatFinding(finding)}\n`);
}

/** Whether an input comes as it is made, from a pipe or a terminal, and not from a file that is there already. */
function isLive(path: string, io: CliIo): boolean {
  return path === '-' ? !readsFile(io.stdin) : kindAt(path) === 'pipe';
}

async function decode(options: DecodeOptions, io: CliIo): Promise<void> {
  let pending: Promise<void> | undefined;
  let broken: Error | undefined;
  const prints = !options.findings && options.output === undefined;
  const early = prints && (options.follow || options.filter === undefined);
  const file = new TraceFile({
    follow: options.follow,
    ...(options.path === '-' ? {} : { scratchParent: folderOf(options.path) }),
    signal: io.signal,
    onProgress: () => {
      if (!early || pending !== undefined) return;
      pending = printer
        .printNew()
        .catch((error: unknown) => {
          broken = error instanceof Error ? error : new Error(String(error));
        })
        .finally(() => {
          pending = undefined;
        });
    },
  });
  const printer = new RowPrinter(file.trace, io, options);
  if (options.filter !== undefined && needsFile(options.filter) && options.format !== 'json')
    note(io, 'note: the filter asks for what the index does not have, so the file is read again for it.');
  try {
    await file.read(options.path, io.stdin);
    printer.inputStopped = io.signal.aborted;
    if (prints) await printer.printLast();
    if (broken !== undefined) throw broken;
    // Where nothing could be read, nothing takes another file's place.
    const unread = file.failure !== undefined && file.trace.length === 0;
    if (options.output !== undefined && !unread) await writeExport(file.trace, options, io, options.output);
    if (options.findings) await printFindings(file.trace, io, options.format);
    if (options.format === 'text')
      for (const remark of remarksOf(file.trace)) if (remark !== file.failure?.message) note(io, `note: ${remark}`);
    if (file.failure !== undefined) throw file.failure;
  } finally {
    await printer.idle();
    file.close();
  }
}

async function writeExport(trace: Trace, options: DecodeOptions, io: CliIo, output: string): Promise<void> {
  const rows = options.filter === undefined ? undefined : matchRows(compileFilter(options.filter, trace), trace);
  // What ended the input is no word against writing what came of it.
  const until = io.signal.aborted ? {} : { signal: io.signal };
  const how = { ...(rows === undefined ? {} : { rows }), safeToShare: options.safe, ...until };
  const format = exportFormatOf(output);
  refuseOwnSource(trace, output);
  if (options.format !== 'json') note(io, estimateText(trace, format, output, rows));
  const port = options.serverPort === undefined ? {} : { serverPort: options.serverPort };
  const { packets, ...done } =
    format === 'pcapng'
      ? await exportTraceFile(trace, output, { ...how, ...port })
      : { ...(await exportTraceLines(trace, output, format, how)), packets: undefined };
  const inPackets = packets === undefined ? '' : ` in ${packets} packets`;
  if (done.pdus === 0 && options.format !== 'json')
    note(io, `note: there was no PDU to write${trace.length === 0 ? '' : ': none passes the filter'}.`);
  if (options.format === 'json') await write(io, `${JSON.stringify({ file: output, packets, ...done })}\n`);
  else await write(io, `${done.pdus} PDUs${inPackets}, ${done.bytes} bytes, to ${output}\n`);
}

/** Reads a capture or a trace and prints it. */
export const DECODE: Verb = {
  usage: 'decode FILE|- [--follow] [--filter EXPR] [--findings | --write OUT]',
  help: 'explain a capture or trace, one line a PDU',
  flags: FLAGS,
  async run(args, io) {
    if (args.includes('--share-table')) {
      await printShareTable(args.includes('--json') ? 'json' : 'text', io);
      return 0;
    }
    const options = readOptions(args);
    await decode({ ...options, follow: options.follow || isLive(options.path, io) }, io);
    return 0;
  },
};
