/** Where the address bar counts from. */
export interface AddressContext {
  readonly blockSize: number;
  /** Size of the device in bytes. */
  readonly size: bigint;
  /** The byte the cursor is on. */
  readonly cursor: bigint;
}

/** An address, or a sentence that says why there is none. */
export type ParsedAddress =
  { readonly ok: true; readonly address: bigint } | { readonly ok: false; readonly problem: string };

const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1n << 10n,
  m: 1n << 20n,
  g: 1n << 30n,
  t: 1n << 40n,
  p: 1n << 50n,
  e: 1n << 60n,
};
const LONGEST = 64;
const PER_CENT_SCALE = 1_000_000;

const no = (problem: string): ParsedAddress => ({ ok: false, problem });

/** A whole number, decimal or 0x hex, with a binary unit; spaces and underscores between digits are passed over. */
function parseNumber(text: string): bigint | undefined {
  const clean = text.replace(/[\s_\u202f]/gu, '');
  if (/^0x[0-9a-f]+$/iu.test(clean)) return BigInt(clean);
  const match = /^(\d+)(?:([bkmgtpe])(?:i?b)?)?$/iu.exec(clean);
  if (match === null) return undefined;
  const unit = UNITS[(match[2] ?? '').toLowerCase()];
  return unit === undefined ? undefined : BigInt(match[1] ?? '') * unit;
}

function target(text: string, context: AddressContext): bigint | string {
  const { blockSize, size, cursor } = context;
  const block = BigInt(blockSize);
  const last = size - 1n;
  if (text === 'end' || text === 'last') return last;
  if (text === 'start') return 0n;
  const percent = /^(\d{1,3})(?:[.,](\d{1,6}))?%$/u.exec(text);
  if (percent !== null) {
    const millionths = BigInt(`${percent[1] ?? ''}${(percent[2] ?? '').padEnd(6, '0')}`);
    if (millionths > 100n * BigInt(PER_CENT_SCALE)) return 'A disk ends at 100%.';
    // Rounded down to a block, since nobody means the middle of one.
    const at = (size * millionths) / (100n * BigInt(PER_CENT_SCALE));
    return at >= size ? (last / block) * block : (at / block) * block;
  }
  const lba = /^(?:lba|block|sector)\s*[:= ]\s*([+-]?)(.+)$/u.exec(text);
  if (lba !== null) {
    const count = parseNumber(lba[2] ?? '');
    if (count === undefined) return notUnderstood;
    if (lba[1] === '') return count * block;
    return (cursor / block + (lba[1] === '-' ? -count : count)) * block;
  }
  const relative = /^([+-])(.+)$/u.exec(text);
  if (relative !== null) {
    const step = parseNumber(relative[2] ?? '');
    if (step === undefined) return notUnderstood;
    return cursor + (relative[1] === '-' ? -step : step);
  }
  return parseNumber(text) ?? notUnderstood;
}

const notUnderstood = 'Write an address such as 4096, 0x1000, lba:2048, +4k, -1, 50% or end.';

/**
 * Reads what a person writes into the address bar: `lba:2048` and `lba:+1` count blocks; `0x1000`, `4096`, `16M` are byte
 * addresses; `+4k` and `-1` count bytes from the cursor; `50%`, `start` and `end` are places on the device.
 */
export function parseAddress(input: string, context: AddressContext): ParsedAddress {
  const text = input.trim().toLowerCase();
  if (text === '' || text.length > LONGEST) return no(notUnderstood);
  const at = target(text, context);
  if (typeof at === 'string') return no(at);
  if (at < 0n) return no('That lies before the first byte.');
  if (at >= context.size) {
    const blocks = context.size / BigInt(context.blockSize);
    return no(
      `That lies past the end; the last byte is 0x${(context.size - 1n).toString(16)}, in block ${String(blocks - 1n)}.`,
    );
  }
  return { ok: true, address: at };
}
