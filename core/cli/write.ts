import { UsageError } from '../errors/index.ts';
import { InputFile } from '../node/files.ts';
import { parseFlags } from './flags.ts';
import { note, print, printJson } from './io.ts';
import { neededLun, SESSION_FLAGS } from './session-flags.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

const FLAGS = {
  ...SESSION_FLAGS,
  lba: { value: true, help: 'first block' },
  in: { value: true, help: 'file whose bytes are written; whole blocks' },
  yes: { value: false, help: 'yes, overwrite these blocks' },
} as const;

const PIECE_BYTES = 4 * 1024 * 1024;

/** What a write that was not finished leaves behind. */
function progress(lba: bigint, done: number, blockSize: number): string {
  const next = lba + BigInt(done / blockSize);
  const written =
    done === 0
      ? 'No block is known to be written'
      : `Blocks ${String(lba)} to ${String(next - 1n)} were written, and not flushed`;
  return `${written}; those from ${String(next)} on may be old or new.`;
}

/** Writes blocks from a file. */
export const WRITE: Verb = {
  usage: 'write URL --lba N --in F --yes',
  help: 'overwrite blocks with the content of a file',
  flags: FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, FLAGS, [0, 1]);
    const lba = flags.wideNeeded('lba');
    const path = flags.needed('in');
    if (!flags.has('yes'))
      throw new UsageError('BAD_ARGUMENT', 'Writing overwrites what is there, so nothing was sent.', {
        hint: 'Add --yes when that is what you want.',
      });
    const file = await InputFile.open(path);
    try {
      const { size } = file;
      await withSession(flags, io, async (session, lun) => {
        const disk = await session.disk(neededLun(lun), { signal: io.signal });
        if (size === 0 || size % disk.blockSize !== 0)
          throw new UsageError(
            'BAD_ARGUMENT',
            `${path} has ${String(size)} bytes; only whole blocks of ${String(disk.blockSize)} bytes are written.`,
            { hint: 'Lengthen or cut a copy of it to whole blocks; `truncate -s` does.' },
          );
        const count = BigInt(size / disk.blockSize);
        if (lba + count > disk.blocks)
          throw new UsageError(
            'OUT_OF_RANGE',
            `Blocks ${String(lba)} to ${String(lba + count - 1n)} lie past the end; the last block is ${String(disk.blocks - 1n)}.`,
          );
        const piece = new Uint8Array(Math.max(1, Math.floor(PIECE_BYTES / disk.blockSize)) * disk.blockSize);
        let done = 0;
        try {
          for (; done < size;) {
            const part = piece.subarray(0, Math.min(piece.length, size - done));
            await file.readAt(done, part);
            await disk.write(lba + BigInt(done / disk.blockSize), part, { signal: io.signal });
            done += part.length;
          }
          await disk.flush({ signal: io.signal });
        } catch (error) {
          if (!flags.has('json') && !(error instanceof UsageError)) note(io, progress(lba, done, disk.blockSize));
          throw error;
        }
        if (flags.has('json')) printJson(io, { lba, count, blockSize: disk.blockSize, bytes: size });
        else
          print(
            io,
            `${String(size)} bytes written to blocks ${String(lba)} to ${String(lba + count - 1n)} and flushed.`,
          );
      });
    } finally {
      await file.close();
    }
    return 0;
  },
};
