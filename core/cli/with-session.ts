import { CancelledError, TransportError, UsageError } from '../errors/index.ts';
import { connect, type Session } from '../initiator/index.ts';
import type { TraceRecording } from '../node/trace-recording.ts';
import type { Flags } from './flags.ts';
import { note, toJson, type CliIo } from './io.ts';
import { targetFrom } from './session-flags.ts';

/** A path for a recording that was given no name; earlier ones of that kind are purged. */
async function nameTrace(io: CliIo): Promise<string> {
  // As with the recording itself, loaded only for those who record.
  const { purgeUnnamedTraces, UNNAMED_LIMITS, unnamedTracePath } = await import('../node/unnamed-traces.ts');
  const { bytes, days } = UNNAMED_LIMITS;
  const path = await unnamedTracePath();
  const deleted = purgeUnnamedTraces(UNNAMED_LIMITS);
  note(io, `The trace goes to ${path}.`);
  if (deleted > 0)
    note(
      io,
      `${deleted} earlier traces without a name went: ${days} days and ${bytes / 2 ** 30} GiB of them are kept.`,
    );
  return path;
}

/** Starts the recording --trace asks for; off unless it does. */
export async function startTrace(flags: Flags, io: CliIo): Promise<TraceRecording | undefined> {
  const keepChap = flags.has('keep-chap');
  const mode = flags.text('trace') ?? (flags.has('trace-file') ? 'headers' : 'off');
  if (mode === 'off' && keepChap)
    throw new UsageError('BAD_ARGUMENT', '--keep-chap works on what is recorded: add --trace headers or --trace full.');
  if (mode === 'off') return undefined;
  if (mode !== 'headers' && mode !== 'full')
    throw new UsageError('BAD_ARGUMENT', `--trace takes off, headers or full, not "${mode}".`);
  const path = flags.text('trace-file') ?? (await nameTrace(io));
  if (keepChap) note(io, 'warning: CHAP responses are kept in the trace; whoever has it can guess a weak secret.');
  // Loaded only for those who record: it brings the whole trace library.
  const node = await import('../node/trace-recording.ts');
  return new node.TraceRecording(path, { mode, keepChapResponses: keepChap, uncached: true });
}

/** Says when the connection goes and comes back; with --json standard error is for one object, and --verbose tells it anyway. */
function tellOfLosses(session: Session, flags: Flags, io: CliIo): void {
  if (flags.has('json') || flags.has('verbose')) return;
  let away = false;
  session.on('state', (to, _from, reason) => {
    if (to === 'recovering' && !away)
      note(io, `The connection is being re-established. ${reason?.message ?? 'It was lost.'}`);
    else if (to === 'full' && away) note(io, 'The connection is back.');
    away = to === 'recovering';
  });
}

/** Ends a recording, and says what it lacks: with --json as an error is said. */
export async function endTrace(trace: TraceRecording | undefined, flags: Flags, io: CliIo): Promise<void> {
  if (trace === undefined) return;
  await trace.close();
  const { stopped, path } = trace.spool;
  const { lost } = trace.tap.counts;
  if (stopped === undefined && lost === 0) return;
  const { code, message, hint } =
    stopped ??
    new TransportError('IO_FAILED', `${lost} PDUs are missing from ${path}: its disk could not keep up.`, {
      hint: 'Record to a faster disk, or headers only.',
    });
  const words = hint === undefined ? message : `${message} ${hint}`;
  note(
    io,
    flags.has('json') ? toJson({ code, message, hint: hint ?? null, details: { path, lost } }) : `warning: ${words}`,
  );
  io.onIncompleteTrace?.();
}

/** Logs in to the target of a link, runs `use`, and logs out whatever happens. */
export async function withSession<T>(
  flags: Flags,
  io: CliIo,
  use: (session: Session, lun: number | undefined) => Promise<T>,
): Promise<T> {
  const { portal, options, lun } = await targetFrom(flags, io);
  const trace = await startTrace(flags, io);
  try {
    const session = await connect(portal, trace === undefined ? options : { ...options, tap: trace.tap });
    tellOfLosses(session, flags, io);
    const onAbort = (): void => {
      session.destroy(new CancelledError('CANCELLED', 'Called off.', { cause: io.signal.reason }));
    };
    io.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await use(session, lun);
    } finally {
      io.signal.removeEventListener('abort', onAbort);
      await session.logout().catch(() => undefined);
    }
  } finally {
    await endTrace(trace, flags, io);
  }
}
