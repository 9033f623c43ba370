import { padded } from '../../bytes/index.ts';

/** Options of pcapng blocks. */
export const OPTIONS = { end: 0, comment: 1, userApplication: 4, tsresol: 9, tsoffset: 14 } as const;

/** Hands on the options between two places, each with where its value begins; answers false where one leaves them. */
export function readOptions(
  view: DataView,
  from: number,
  end: number,
  little: boolean,
  take: (code: number, at: number, size: number) => void,
): boolean {
  for (let at = from; at + 4 <= end;) {
    const code = view.getUint16(at, little);
    const size = view.getUint16(at + 2, little);
    if (code === OPTIONS.end) return true;
    if (at + 4 + size > end) return false;
    take(code, at + 4, size);
    at += 4 + padded(size);
  }
  return true;
}
