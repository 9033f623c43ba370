import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useEffect } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BlockFacts } from '../../electron/contract/blocks.ts';
import type { Bridge } from '../../electron/contract/bridge.ts';
import type { RequestInput } from '../../electron/contract/requests.ts';
import { HexGrid } from '../../renderer/features/blocks/hex-grid.tsx';
import { HexMenu } from '../../renderer/features/blocks/hex-menu.tsx';
import { InspectorPanel } from '../../renderer/features/blocks/inspector-panel.tsx';
import { PositionBar } from '../../renderer/features/blocks/position-bar.tsx';
import { useBlockView } from '../../renderer/features/blocks/use-block-view.ts';
import type { PageReader } from '../../renderer/features/blocks/pages.ts';
import { BlockView } from '../../renderer/features/blocks/view-model.ts';

const place = { id: 's1', lun: '0000000000000000' };
const facts = (blocks: bigint): BlockFacts => ({
  identity: 'unit',
  unit: 1,
  title: 'LUN 0',
  blockSize: 512,
  blocks: String(blocks),
  bytes: String(blocks * 512n),
  writeProtected: false,
  thin: false,
  readsZero: false,
});
/** A disk whose bytes count up. */
const counting: PageReader = {
  read: (_offset, length) =>
    Promise.resolve({ ok: true, value: { bytes: Uint8Array.from({ length }, (_, at) => at & 0xff), bad: [] } }),
  cancel: () => undefined,
};

async function readView(blocks = 1000n): Promise<BlockView> {
  const view = new BlockView(facts(blocks), counting);
  view.resize(20);
  await vi.waitFor(() => expect(view.pages.cell(0n)).toBe(0));
  return view;
}

const ok = <T,>(value: T) => Promise.resolve({ ok: true as const, value });
let copied: RequestInput<'blocks.copy'>[] = [];
let bytesNow = String(1000 * 512);
let unitNow = 1;
let nameNow = 'unit';
let unitsRead: (number | undefined)[] = [];
beforeEach(() => {
  copied = [];
  unitNow = 1;
  nameNow = 'unit';
  unitsRead = [];
  bytesNow = String(1000 * 512);
  const requests: Partial<Bridge['requests']> = {
    'blocks.copy': (input) => {
      copied.push(input);
      return ok(undefined);
    },
    'blocks.open': () => ok({ ...facts(BigInt(bytesNow) / 512n), unit: unitNow, identity: nameNow }),
    'blocks.read': ({ length, unit }) => {
      unitsRead.push(unit);
      return ok({ bytes: new Uint8Array(length), bad: [] });
    },
  };
  Object.assign(window, {
    lunascope: {
      requests: new Proxy(requests, {
        get: (own, name: keyof Bridge['requests']) => own[name] ?? (() => ok(undefined)),
      }),
      streams: new Proxy({}, { get: () => () => () => undefined }),
    },
  });
});
afterEach(cleanup);

describe('the bytes on the screen', () => {
  it('stand in rows under numbered columns, with where they are', async () => {
    const view = await readView();
    const { container } = render(<HexGrid view={view} id="grid" onCopy={() => undefined} />);
    expect(container.querySelector('.hex-head')?.textContent).toBe(
      '   LBA +off  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  ASCII',
    );
    // Nothing has a height here, so the grid saw room for one row.
    act(() => view.resize(20));
    const rows = screen.getAllByRole('row').map(({ textContent }) => textContent);
    expect(rows[4]).toBe('       +040  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO');
  });

  it('are copied from their menu in the form that was chosen', async () => {
    const view = await readView();
    render(
      <HexMenu view={view} place={place}>
        <HexGrid view={view} id="grid" onCopy={() => undefined} />
      </HexMenu>,
    );
    act(() => view.select(16n, 31n));
    fireEvent.contextMenu(screen.getByRole('grid'), { clientX: 10, clientY: 10 });
    await userEvent.click(await screen.findByRole('menuitem', { name: /Copy as Rust array/ }));
    expect(copied).toEqual([{ ...place, offset: '16', length: '16', form: 'rust' }]);
  });

  it('are read in both byte orders at once; pointing at a reading marks its bytes, and a click selects them', async () => {
    const view = await readView();
    render(<InspectorPanel view={view} place={place} />);
    act(() => view.select(0x41n, 0x41n));
    const row = screen.getByRole('row', { name: /^Unsigned 32/ });
    const values = within(row).getAllByRole('cell');
    expect(values.map(({ textContent }) => textContent)).toEqual([String(0x44434241), String(0x41424344)]);
    const marked = { offset: 7n, length: 1n };
    act(() => view.set({ marked }));
    const user = userEvent.setup();
    await user.hover(row);
    expect(view.snapshot().marked).toEqual({ offset: 0x41n, length: 4n });
    await user.click(row);
    expect(view.range).toEqual({ offset: 0x41n, length: 4n });
    await user.unhover(row);
    expect(view.snapshot().marked).toEqual(marked);
  });

  it('scroll by the keys of the bar to the very end', async () => {
    const view = await readView();
    render(<PositionBar view={view} controls="grid" />);
    const bar = screen.getByRole('scrollbar');
    bar.focus();
    await userEvent.keyboard('{End}');
    expect(view.snapshot().top).toBe(1000n * 32n - 20n);
    expect(bar.getAttribute('aria-valuenow')).toBe('100');
  });
});

interface ShownProps {
  readonly listedBytes: string;
  readonly up: boolean;
  readonly logins?: number;
}

function Shown({ listedBytes, up, logins = 1 }: ShownProps) {
  const {
    view,
    place: from,
    readAgain,
    other,
    openOther,
  } = useBlockView({ ...place, up, logins, listed: listedBytes });
  useEffect(() => view?.resize(20), [view]);
  if (other !== null)
    return (
      <button type="button" onClick={openOther} title={`unit ${String(from.unit)}`}>
        {`${other.identity} in the place of ${view?.facts.identity ?? ''}`}
      </button>
    );
  return (
    <button type="button" onClick={readAgain} title={`unit ${String(from.unit)}`}>
      {view === null ? 'nothing' : `${view.facts.bytes} at ${String(view.range.offset)}`}
    </button>
  );
}

describe('the view of a LUN', () => {
  it('is made anew when the LUN has another size, and stays where the reader was', async () => {
    const { rerender } = render(<Shown up listedBytes={bytesNow} />);
    await screen.findByText('512000 at 0');
    bytesNow = String(2000 * 512);
    await userEvent.click(screen.getByRole('button'));
    await screen.findByText('1024000 at 0');
    bytesNow = String(500 * 512);
    rerender(<Shown up listedBytes={bytesNow} />);
    await screen.findByText('256000 at 0');
  });

  it('stays in sight while the session is away', async () => {
    const { rerender } = render(<Shown up listedBytes={bytesNow} />);
    await screen.findByText('512000 at 0');
    rerender(<Shown up={false} listedBytes={bytesNow} />);
    expect(screen.getByText('512000 at 0')).toBeDefined();
  });

  it('is made anew when the session comes back to a unit of the same name that is known anew', async () => {
    const { rerender } = render(<Shown up listedBytes={bytesNow} />);
    await screen.findByTitle('unit 1');
    rerender(<Shown up={false} listedBytes={bytesNow} />);
    unitNow = 2;
    await vi.waitFor(() => expect(unitsRead).toContain(1));
    unitsRead = [];
    rerender(<Shown up listedBytes={bytesNow} />);
    await screen.findByTitle('unit 2');
    await vi.waitFor(() => expect(unitsRead).toContain(2));
    expect(unitsRead).not.toContain(1);
  });

  it('says that another unit is there, reads nothing of it, and opens it when asked to', async () => {
    const { rerender } = render(<Shown up listedBytes={bytesNow} />);
    await vi.waitFor(() => expect(unitsRead).toContain(1));
    unitNow = 2;
    nameNow = 'twin';
    rerender(<Shown up listedBytes={`${bytesNow} anew`} />);
    await screen.findByText('twin in the place of unit');
    expect(screen.getByRole('button').title).toBe('unit 1');
    expect(unitsRead).not.toContain(2);
    await userEvent.click(screen.getByRole('button'));
    await screen.findByTitle('unit 2');
    await vi.waitFor(() => expect(unitsRead).toContain(2));
  });

  it('asks and reads anew after a reconnect so short that the session was never seen away', async () => {
    const { rerender } = render(<Shown up listedBytes={bytesNow} />);
    await vi.waitFor(() => expect(unitsRead).toContain(1));
    unitsRead = [];
    rerender(<Shown up listedBytes={bytesNow} logins={2} />);
    await vi.waitFor(() => expect(unitsRead).toContain(1));
    unitNow = 2;
    nameNow = 'twin';
    rerender(<Shown up listedBytes={bytesNow} logins={3} />);
    await screen.findByText('twin in the place of unit');
  });
});
