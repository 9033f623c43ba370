import type { CliIo } from '../node/terminal.ts';

export type { CliIo } from '../node/terminal.ts';

/** Writes a line of the result. */
export function print(io: CliIo, line: string): void {
  io.stdout.write(`${line}\n`);
}

/** Writes a line that is not part of the result. */
export function note(io: CliIo, line: string): void {
  io.stderr.write(`${line}\n`);
}

/** Writes one JSON object; 64-bit numbers become strings, bytes hex. */
export function printJson(io: CliIo, value: unknown): void {
  io.stdout.write(`${toJson(value)}\n`);
}

/** JSON with 64-bit numbers as strings and bytes as hex. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'bigint') return each.toString();
    if (each instanceof Uint8Array) return Buffer.from(each).toString('hex');
    return each;
  });
}
