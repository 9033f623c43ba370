import { UsageError } from '../errors/index.ts';
import type { Disk } from '../initiator/index.ts';
import { OutputFile } from '../node/files.ts';
import { writeText } from '../node/terminal.ts';
import { parseFlags } from './flags.ts';
import { printJson, print, type CliIo } from './io.ts';
import { neededLun, SESSION_FLAGS } from './session-flags.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

const FLAGS = {
  ...SESSION_FLAGS,
  lba: { value: true, help: 'first block' },
  count: { value: true, help: 'how many blocks' },
  out: { value: true, help: 'file to write; a hex dump on the terminal otherwise' },
} as const;

const PIECE_BYTES = 1024 * 1024;
const LARGEST_DUMP = 1024 * 1024;

/** Reads a range piece by piece, the next one while the last is used; a piece is valid until the next is asked for. */
async function* pieces(
  disk: Disk,
  lba: bigint,
  count: bigint,
  signal: AbortSignal,
): AsyncGenerator<{ at: bigint; data: Uint8Array }> {
  const most = BigInt(Math.max(1, Math.floor(PIECE_BYTES / disk.blockSize)));
  const buffers = [0, 1].map(() => new Uint8Array(Number(count < most ? count : most) * disk.blockSize));
  const start = (done: bigint, index: number): Promise<Uint8Array> => {
    const blocks = Number(count - done < most ? count - done : most);
    const into = (buffers[index % 2] as Uint8Array).subarray(0, blocks * disk.blockSize);
    const reading = disk.read(lba + done, blocks, { signal, into });
    // Failure is met where the piece is awaited, which may be later.
    reading.catch(() => undefined);
    return reading;
  };
  let next = count > 0n ? start(0n, 0) : undefined;
  for (let done = 0n, index = 0; next !== undefined; index += 1) {
    const data = await next;
    const at = lba + done;
    done += BigInt(data.length / disk.blockSize);
    next = done < count ? start(done, index + 1) : undefined;
    yield { at, data };
  }
}

/** A hex dump of blocks, sixteen bytes a line, with the byte offset on the device. */
export function hexDump(data: Uint8Array, offset: bigint): string {
  const lines: string[] = [];
  for (let at = 0; at < data.length; at += 16) {
    const row = data.subarray(at, at + 16);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const halves = `${hex.slice(0, 8).join(' ').padEnd(23)}  ${hex.slice(8).join(' ').padEnd(23)}`;
    lines.push(`${(offset + BigInt(at)).toString(16).padStart(12, '0')}  ${halves}  |${text}|`);
  }
  return lines.join('\n');
}

async function toFile(
  disk: Disk,
  lba: bigint,
  count: bigint,
  path: string,
  io: CliIo,
): Promise<{ bytes: number; sha256: string }> {
  const file = await OutputFile.create(path);
  let written = { bytes: 0, sha256: '' };
  try {
    for await (const { data } of pieces(disk, lba, count, io.signal)) await file.write(data);
  } finally {
    written = await file.close();
  }
  return written;
}

/** Reads blocks. */
export const READ: Verb = {
  usage: 'read URL --lba N --count N [--out F]',
  help: 'read blocks to a file, or as a hex dump',
  flags: FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, FLAGS, [0, 1]);
    const lba = flags.wide('lba') ?? 0n;
    const count = flags.wide('count') ?? 1n;
    const out = flags.text('out');
    await withSession(flags, io, async (session, lun) => {
      const disk = await session.disk(neededLun(lun), { signal: io.signal });
      if (lba + count > disk.blocks)
        throw new UsageError(
          'OUT_OF_RANGE',
          `Blocks ${String(lba)} to ${String(lba + count - 1n)} lie past the end; the last block is ${String(disk.blocks - 1n)}.`,
        );
      if (out !== undefined) {
        const written = await toFile(disk, lba, count, out, io);
        if (flags.has('json')) printJson(io, { lba, count, blockSize: disk.blockSize, ...written, file: out });
        else print(io, `${String(written.bytes)} bytes to ${out}, SHA-256 ${written.sha256}`);
        return;
      }
      if (flags.has('json')) {
        if (count * BigInt(disk.blockSize) > BigInt(LARGEST_DUMP))
          throw new UsageError('OUT_OF_RANGE', 'More than 1 MiB is written to a file: add --out.');
        printJson(io, {
          lba,
          count,
          blockSize: disk.blockSize,
          data: await disk.read(lba, Number(count), { signal: io.signal }),
        });
        return;
      }
      for await (const { at, data } of pieces(disk, lba, count, io.signal)) {
        await writeText(io.stdout, `${hexDump(data, at * BigInt(disk.blockSize))}\n`, io.signal);
      }
    });
    return 0;
  },
};
