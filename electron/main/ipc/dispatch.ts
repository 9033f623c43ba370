import { LunascopeError, ScsiError } from '../../../core/errors/index.ts';
import type { Answer, WireError } from '../../contract/errors.ts';
import type { RequestName } from '../../contract/names.ts';
import { requests, type ParsedInput, type RequestOutput } from '../../contract/requests.ts';

/** One handler per request: leaving one out does not compile. */
export type Handlers = {
  readonly [N in RequestName]: (input: ParsedInput<N>) => RequestOutput<N> | Promise<RequestOutput<N>>;
};

/** `instanceof` alone would leave the code's type open. */
const isCoreError = (error: unknown): error is LunascopeError => error instanceof LunascopeError;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function rawAnswer(error: LunascopeError): WireError['raw'] {
  if (!(error instanceof ScsiError)) return null;
  return { status: error.status, sense: hex(error.sense), cdb: hex(error.cdb) };
}

const recordings = new WeakMap<Error, string>();

/** Says which sign-in or discovery an error ended, so that its PDUs can be found. */
export function nameRecording(error: unknown, about: string): void {
  if (error instanceof Error) recordings.set(error, about);
}

/** Anything thrown, as the window may see it. */
export function toWireError(error: unknown, log: (error: unknown) => void): WireError {
  if (isCoreError(error)) {
    const { name, code, message, hint, retryable, details } = error;
    const about = recordings.get(error);
    const recorded = about === undefined ? {} : { recorded: about };
    return { name, code, message, hint: hint ?? null, retryable, details, raw: rawAnswer(error), ...recorded };
  }
  log(error);
  return wireError('INTERNAL', 'Lunascope met an error of its own.', 'The log file has the details; please report it.');
}

/** An error of the boundary itself. */
export function wireError(code: WireError['code'], message: string, hint: string | null = null): WireError {
  return { name: 'BoundaryError', code, message, hint, retryable: false, details: {}, raw: null };
}

/** Parses a request, runs its handler and answers; it never throws. */
export async function answerRequest<N extends RequestName>(
  handlers: Handlers,
  name: N,
  input: unknown,
  log: (error: unknown) => void,
): Promise<Answer<RequestOutput<N>>> {
  const parsed = requests[name].input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? 'its input' : issue.path.join('.');
    return { ok: false, error: wireError('BAD_REQUEST', `The request ${name} was refused: ${where} is not valid.`) };
  }
  try {
    const value = await handlers[name](parsed.data as ParsedInput<N>);
    // Parsing what leaves drops every field the contract does not name.
    return { ok: true, value: requests[name].output.parse(value) as RequestOutput<N> };
  } catch (error) {
    return { ok: false, error: toWireError(error, log) };
  }
}
