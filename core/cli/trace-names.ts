import { sizeText } from '../disk/values.ts';
import { UsageError } from '../errors/index.ts';
import { kindAt } from '../node/files.ts';
import { estimateFile, type LineFormat, type Trace } from '../trace/index.ts';

/** What an export may be written as. */
export type ExportFormat = LineFormat | 'pcapng';

const FORMATS: ReadonlyMap<string, ExportFormat> = new Map([
  ['pcapng', 'pcapng'],
  ['jsonl', 'jsonl'],
  ['json', 'jsonl'],
  ['csv', 'csv'],
]);
/** Names of other formats, which a recording must not bear. */
const FOREIGN: ReadonlySet<string> = new Set(['pcap', 'cap', 'json', 'jsonl', 'csv', 'txt', 'gz']);

function extensionOf(path: string): string | undefined {
  return /[^/\\]\.([^./\\]+)$/u.exec(path)?.[1]?.toLowerCase();
}

/** A name that says pcapng. */
function asPcapng(path: string): string {
  return path.replace(/(?:\.pcapng)?\.[^./\\]+$/u, '.pcapng');
}

/** The format that the name of an export asks for; a UsageError where it is none that is written here. */
export function exportFormatOf(path: string): ExportFormat {
  const extension = extensionOf(path);
  const format = extension === undefined ? 'pcapng' : FORMATS.get(extension);
  if (format !== undefined) return format;
  // A device or a pipe goes by any name.
  const kind = kindAt(path);
  if (kind === 'pipe' || kind === 'other') return 'pcapng';
  throw new UsageError('BAD_ARGUMENT', `No format that is written here has names ending in .${extension ?? ''}.`, {
    hint: `${asPcapng(path)} would be a capture for Wireshark and tcpdump; .jsonl and .csv are lines of text.`,
  });
}

/** Whether a recording of this name is to be a capture; a UsageError where the name promises another format. */
export function isCaptureName(path: string): boolean {
  const extension = extensionOf(path);
  if (extension === 'pcapng') return true;
  if (extension === undefined || !FOREIGN.has(extension)) return false;
  throw new UsageError('BAD_ARGUMENT', `A recording cannot be written as .${extension}.`, {
    hint: `Name it ${asPcapng(path)} for a capture that Wireshark and tcpdump read, or .lstrace for a trace that decode --write turns into other formats.`,
  });
}

/** What is said before an export is written. */
export function estimateText(trace: Trace, format: ExportFormat, path: string, rows?: readonly number[]): string {
  return `Writing about ${sizeText(BigInt(estimateFile(trace, format, rows)))} to ${path}.`;
}
