import {
  lastTop,
  locate,
  moveCursor,
  reveal,
  rowOf,
  rowStart,
  selectionRange,
  within,
  type DiskStructure,
  type FieldNode,
  type Move,
  type RowGeometry,
  type Selection,
} from '../../../core/browser.ts';
import type { BlockFacts, Bookmark } from '../../../electron/contract/blocks.ts';
import { Pages, type PageReader } from './pages.ts';
import { nextRange, type Range } from './ranges.ts';
import type { RowLayout } from './row-text.ts';

/** What the sector view shows; replaced as a whole at each change. */
export interface ViewState extends RowLayout {
  /** Whether byte addresses stand beside blocks and offsets. */
  readonly addresses: boolean;
  readonly top: bigint;
  readonly visible: number;
  readonly selection: Selection;
  /** Where typing and arrows act: in the digits or in the text. */
  readonly side: 'hex' | 'text';
  /** In order of their places. */
  readonly hits: readonly Range[];
  /** In order of their places. */
  readonly differences: readonly (Range & { readonly unknown: boolean })[];
  readonly bookmarks: readonly Bookmark[];
  readonly structures: readonly DiskStructure[];
  /** What the person chose in the tree or by clicking. */
  readonly marked: Range | null;
  /** Counts up when bytes arrive. */
  readonly arrivals: number;
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
}

const MOST_HISTORY = 200;

const INITIAL = {
  addresses: false,
  top: 0n,
  visible: 1,
  columns: 16,
  group: 1,
  endian: 'little',
  encoding: 'ascii',
  selection: { anchor: 0n, cursor: 0n },
  side: 'hex',
  hits: [],
  differences: [],
  bookmarks: [],
  structures: [],
  marked: null,
  arrivals: 0,
  canGoBack: false,
  canGoForward: false,
} as const satisfies ViewState;

/** The sector view of one LUN: what is in view, what is selected, where one has been. It holds no element and draws nothing. */
export class BlockView {
  readonly facts: BlockFacts;
  readonly size: bigint;
  readonly blockSize: number;
  readonly pages: Pages;
  #state: ViewState;
  readonly #listeners = new Set<() => void>();
  readonly #history: bigint[] = [];
  #historyAt = -1;

  constructor(facts: BlockFacts, reader: PageReader, rows: Partial<RowLayout & { readonly addresses: boolean }> = {}) {
    this.facts = facts;
    this.#state = { ...INITIAL, ...rows };
    this.size = BigInt(facts.bytes);
    this.blockSize = facts.blockSize;
    this.pages = new Pages(reader, { size: this.size, blockSize: facts.blockSize }, () =>
      this.set({ arrivals: this.#state.arrivals + 1 }),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): ViewState => this.#state;

  get geometry(): RowGeometry {
    return { size: this.size, columns: this.#state.columns };
  }

  get range(): Range {
    return selectionRange(this.#state.selection);
  }

  set(change: Partial<ViewState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Puts a row to the top, no farther than the last row allows, and asks for what is then in view. */
  scrollTo(row: bigint): void {
    const top = within(row, 0n, lastTop(this.geometry, this.#state.visible));
    const heading = top < this.#state.top ? -1 : 1;
    if (top !== this.#state.top) this.set({ top });
    this.#look(heading);
  }

  /** Takes another number of rows; a cursor that was in sight stays there. */
  resize(visible: number): void {
    const { top, visible: before, selection } = this.#state;
    if (visible === before) return;
    const row = rowOf(this.geometry, selection.cursor);
    this.set({ visible });
    if (row >= top && row < top + BigInt(before)) this.#reveal(selection.cursor);
    else this.scrollTo(top);
  }

  /** Changes how rows are laid out; the byte at the top stays there. */
  relayout(change: Partial<RowLayout & Pick<ViewState, 'addresses'>>): void {
    const address = rowStart(this.geometry, this.#state.top);
    this.set(change);
    this.scrollTo(rowOf(this.geometry, address));
  }

  move(move: Move, extend: boolean): void {
    const { columns, visible, selection } = this.#state;
    const cursor = moveCursor(selection.cursor, move, { size: this.size, columns, visible, blockSize: this.blockSize });
    const paged = move === 'page-up' || move === 'page-down';
    const rows = BigInt(Math.max(1, visible - 1));
    this.set({ selection: { anchor: extend ? selection.anchor : cursor, cursor }, marked: null });
    if (paged) this.scrollTo(this.#state.top + (move === 'page-down' ? rows : -rows));
    this.#reveal(cursor);
  }

  select(anchor: bigint, cursor: bigint, side: ViewState['side'] = this.#state.side): void {
    const last = this.size - 1n;
    this.set({ selection: { anchor: within(anchor, 0n, last), cursor: within(cursor, 0n, last) }, side });
    this.#reveal(within(cursor, 0n, last));
  }

  /** Goes somewhere, and remembers where one was. */
  goTo(offset: bigint, length = 1n): void {
    const at = within(offset, 0n, this.size - 1n);
    const end = within(at + (length > 0n ? length : 1n) - 1n, at, this.size - 1n);
    this.#remember(this.#state.selection.cursor);
    this.#remember(at);
    this.#show(at, end);
  }

  back(): void {
    this.#step(-1);
  }

  forward(): void {
    this.#step(1);
  }

  /** Goes to the next of sorted ranges after the cursor, or the one before it; round the ends. */
  stepThrough(sorted: readonly Range[], step: 1 | -1): void {
    const next = nextRange(sorted, this.range.offset, step);
    if (next !== undefined) this.goTo(next.offset, next.length);
  }

  /** Which structure and field the cursor stands in. */
  located(): { readonly path: readonly DiskStructure[]; readonly field: FieldNode | undefined } {
    return locate(this.#state.structures, this.#state.selection.cursor);
  }

  #show(at: bigint, end: bigint): void {
    this.set({ selection: { anchor: end, cursor: at } });
    const row = rowOf(this.geometry, at);
    const { top, visible } = this.#state;
    const inView = row >= top && row < top + BigInt(visible);
    this.scrollTo(inView ? top : row - BigInt(Math.min(4, visible >> 2)));
  }

  #reveal(address: bigint): void {
    this.scrollTo(reveal(this.geometry, this.#state.top, rowOf(this.geometry, address), this.#state.visible));
  }

  #look(heading: 1 | -1): void {
    const { top, visible } = this.#state;
    const from = rowStart(this.geometry, top);
    const to = rowStart(this.geometry, top + BigInt(visible) + 1n);
    this.pages.look(from, to < this.size ? to : this.size - 1n, heading);
  }

  #remember(address: bigint): void {
    if (this.#history[this.#historyAt] === address) return;
    this.#history.splice(this.#historyAt + 1, this.#history.length, address);
    if (this.#history.length > MOST_HISTORY) this.#history.shift();
    this.#historyAt = this.#history.length - 1;
    this.#tellHistory();
  }

  #step(step: 1 | -1): void {
    const address = this.#history[this.#historyAt + step];
    if (address === undefined) return;
    this.#historyAt += step;
    this.#show(address, address);
    this.#tellHistory();
  }

  #tellHistory(): void {
    this.set({ canGoBack: this.#historyAt > 0, canGoForward: this.#historyAt < this.#history.length - 1 });
  }
}
