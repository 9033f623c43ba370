/** How wide the gutters of a device are, in characters. */
export interface Gutter {
  readonly lba: number;
  readonly offset: number;
  /** 0 where byte addresses are not shown. */
  readonly address: number;
}

/** Wide enough for the last block and the last byte, so that nothing moves while one scrolls. */
export function gutterOf(size: bigint, blockSize: number, addresses: boolean): Gutter {
  const blocks = size / BigInt(blockSize);
  return {
    lba: Math.max(6, String(blocks > 0n ? blocks - 1n : 0n).length),
    offset: (blockSize - 1).toString(16).length,
    address: addresses ? Math.max(8, (size - 1n).toString(16).length) : 0,
  };
}

/** The gutters of the row at `address`: block, offset within it, byte address; the block is named in its first row and at the top. */
export function gutterText(
  gutter: Gutter,
  address: bigint,
  blockSize: number,
  columns: number,
  isTop: boolean,
): string {
  const block = BigInt(blockSize);
  const within = Number(address % block);
  const shown = within < columns || isTop ? String(address / block) : '';
  const offset = within.toString(16).padStart(gutter.offset, '0');
  const bytes = gutter.address === 0 ? '' : `${address.toString(16).padStart(gutter.address, '0')}  `;
  return `${shown.padStart(gutter.lba)} +${offset}  ${bytes}`;
}

/** Characters of the gutters. */
export const gutterWidth = ({ lba, offset, address }: Gutter): number =>
  lba + offset + 4 + (address === 0 ? 0 : address + 2);

/** What stands above the gutters. */
export function gutterHead({ lba, offset, address }: Gutter): string {
  const head = `${'LBA'.padStart(lba)} ${'+off'.padEnd(offset + 1)}  `;
  return address === 0 ? head : `${head}${'address'.padStart(address)}  `;
}
