import type { FieldNode } from '../bytes/index.ts';

/** Something that was found on a disk: which bytes it is, what they say, what is wrong with them, what lies inside. */
export interface DiskStructure {
  /** A short fixed word, such as `gpt-header`, `partition` or `ext4`. */
  readonly kind: string;
  readonly label: string;
  /** The most telling facts in a few words. */
  readonly detail: string;
  /** Byte address on the disk. */
  readonly offset: bigint;
  readonly length: bigint;
  /** Fields with offsets relative to the structure; none for a mere stretch such as a partition. */
  readonly fields: readonly FieldNode[];
  readonly problems: readonly string[];
  readonly children: readonly DiskStructure[];
}

/** Fills in what a finder leaves out. */
export function structure(
  kind: string,
  label: string,
  offset: bigint,
  length: bigint | number,
  more: Partial<Pick<DiskStructure, 'detail' | 'fields' | 'problems' | 'children'>> = {},
): DiskStructure {
  return { kind, label, offset, length: BigInt(length), detail: '', fields: [], problems: [], children: [], ...more };
}

/** The innermost structure and field that hold the byte at `address`. */
export function locate(
  structures: readonly DiskStructure[],
  address: bigint,
): { readonly path: readonly DiskStructure[]; readonly field: FieldNode | undefined } {
  const paths: DiskStructure[][] = [];
  const walk = (list: readonly DiskStructure[], path: readonly DiskStructure[]): void => {
    for (const each of list) {
      const inside = address >= each.offset && address < each.offset + each.length;
      const here = [...path, each];
      if (inside) paths.push(here);
      walk(each.children, here);
    }
  };
  walk(structures, []);
  const last = (path: readonly DiskStructure[]): DiskStructure => path[path.length - 1] as DiskStructure;
  const hit = (path: readonly DiskStructure[]): FieldNode | undefined =>
    innermost(last(path).fields, Number(address - last(path).offset));
  const size = (path: readonly DiskStructure[]): bigint => last(path).length;
  // Of several structures over one byte, one whose field holds it says most, then the smallest.
  paths.sort((a, b) => {
    const fields = Number(hit(b) !== undefined) - Number(hit(a) !== undefined);
    return fields !== 0 ? fields : size(a) < size(b) ? -1 : size(a) > size(b) ? 1 : b.length - a.length;
  });
  const best = paths[0];
  return best === undefined ? { path: [], field: undefined } : { path: best, field: hit(best) };
}

function innermost(fields: readonly FieldNode[], at: number): FieldNode | undefined {
  for (const field of fields) {
    if (at < field.offset || at >= field.offset + field.length) continue;
    return innermost(field.children ?? [], at) ?? field;
  }
  return undefined;
}
