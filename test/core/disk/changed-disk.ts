import { examineDisk, type DiskStructure } from '../../../core/disk/index.ts';
import { loadImage, memorySource } from './images.ts';

export const MIB = 1024 * 1024;

/** The disk as a test changes it. */
export interface Bytes {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  zero(at: number, length: number): void;
  put(at: number, ...values: number[]): void;
}

/** A disk after someone has changed some of its bytes. */
export async function after(
  disk: string | number,
  change: (disk: Bytes) => void,
  length?: number,
): Promise<{ all: DiskStructure[]; problems: string[]; map: readonly string[] }> {
  const bytes = typeof disk === 'number' ? new Uint8Array(disk) : loadImage(disk).bytes.slice();
  const view = new DataView(bytes.buffer);
  change({
    bytes,
    view,
    zero: (at, count) => bytes.fill(0, at, at + count),
    put: (at, ...values) => {
      bytes.set(values, at);
    },
  });
  const map = await examineDisk(memorySource(length === undefined ? bytes : bytes.slice(0, length)));
  const flatten = (list: readonly DiskStructure[]): DiskStructure[] =>
    list.flatMap((each) => [each, ...flatten(each.children)]);
  const all = flatten(map.structures);
  return { all, problems: all.flatMap((each) => each.problems), map: map.problems };
}

/** Letters as the bytes a disk holds. */
export const text = (letters: string): number[] => [...Buffer.from(letters, 'latin1')];
