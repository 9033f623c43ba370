import { PDU_COLUMNS, type PduPage } from './columns.ts';
import { PagedTable, type PageStore } from './pages.ts';

/** A PDU on its way into the index; one object is used for all of them. */
export interface PduArrival {
  timeNs: number;
  connection: number;
  /** Where the header lies in `bytes`, with the additional headers right behind it. */
  bytes: Uint8Array;
  at: number;
  /** Data bytes at hand, for text and sense; may be fewer than were kept. */
  data: Uint8Array;
  dataAt: number;
  dataLength: number;
  /** Data bytes that can be read back later. */
  stored: number;
  /** Where the PDU can be read back: a place in the data, or a row of the piece table. */
  offset: number;
  marks: number;
}

const EMPTY = new Uint8Array(0);

/** A blank arrival. */
export function createArrival(): PduArrival {
  return {
    timeNs: 0,
    connection: 0,
    bytes: EMPTY,
    at: 0,
    data: EMPTY,
    dataAt: 0,
    dataLength: 0,
    stored: 0,
    offset: 0,
    marks: 0,
  };
}

const TWO_32 = 2 ** 32;

/** Rows of a page of the index, as a power of two. */
export const PDU_PAGE_SHIFT = 14;

/** The columnar index: 64 bytes a PDU, in pages that may live on disk. */
export class PduIndex {
  readonly table: PagedTable<typeof PDU_COLUMNS>;

  constructor(store?: PageStore, residentPages?: number) {
    this.table = new PagedTable(PDU_COLUMNS, PDU_PAGE_SHIFT, store, residentPages);
  }

  /** PDUs there are. */
  get length(): number {
    return this.table.length;
  }

  /** The page that holds `row`; the row within it is `row & table.mask`. */
  pageOf(row: number): PduPage {
    return this.table.page(row >> PDU_PAGE_SHIFT);
  }

  /** Adds a PDU that belongs to `task`; answers its row. */
  append(pdu: PduArrival, task: number): number {
    const { bytes, at } = pdu;
    const row = this.table.append();
    const page = this.table.writable(row >> PDU_PAGE_SHIFT);
    const i = row & this.table.mask;
    const high = Math.floor(pdu.offset / TWO_32);
    page.time[i] = pdu.timeNs;
    page.offsetLow[i] = pdu.offset - high * TWO_32;
    page.offsetHigh[i] = high;
    page.connection[i] = pdu.connection;
    page.task[i] = task;
    page.itt[i] = word(bytes, at + 16);
    page.word20[i] = word(bytes, at + 20);
    page.word24[i] = word(bytes, at + 24);
    page.word28[i] = word(bytes, at + 28);
    page.word32[i] = word(bytes, at + 32);
    page.word36[i] = word(bytes, at + 36);
    page.word40[i] = word(bytes, at + 40);
    page.word44[i] = word(bytes, at + 44);
    page.lengths[i] = word(bytes, at + 4);
    page.stored[i] = pdu.stored;
    page.opcode[i] = bytes[at] as number;
    page.flags[i] = bytes[at + 1] as number;
    page.marks[i] = pdu.marks;
    page.status[i] = bytes[at + 3] as number;
    return row;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** The place a row's bytes lie at. */
export function offsetOf(page: PduPage, i: number): number {
  return (page.offsetHigh[i] as number) * TWO_32 + (page.offsetLow[i] as number);
}
