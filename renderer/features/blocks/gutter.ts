/** How wide the gutters of a device are, in characters. */
export interface Gutter {
  readonly lba: number;
  readonly offset: number;
  readonly address: number;
}

/** Wide enough for the last block and the last byte, so that nothing moves while one scrolls. */
export function gutterOf(size: bigint, blockSize: number): Gutter {
  const blocks = size / BigInt(blockSize);
  return {
    lba: Math.max(6, String(blocks > 0n ? blocks - 1n : 0n).length),
    offset: (blockSize - 1).toString(16).length,
    address: Math.max(8, (size - 1n).toString(16).length),
  };
}

/** The gutters of the row at `address`: block, offset within it, byte address; the block is named where it begins or at the top. */
export function gutterText(
  gutter: Gutter,
  address: bigint,
  blockSize: number,
  columns: number,
  isTop: boolean,
): string {
  const block = BigInt(blockSize);
  const within = Number(address % block);
  const begins = within === 0 || within + columns > blockSize;
  const lba = begins && within !== 0 ? address / block + 1n : address / block;
  const shown = within === 0 || isTop ? String(address / block) : begins ? String(lba) : '';
  const offset = within.toString(16).padStart(gutter.offset, '0');
  return `${shown.padStart(gutter.lba)}  +${offset}  ${address.toString(16).padStart(gutter.address, '0')}  `;
}

/** Characters of the gutters. */
export const gutterWidth = ({ lba, offset, address }: Gutter): number => lba + offset + address + 7;
