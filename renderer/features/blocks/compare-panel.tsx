import { useEffect, useMemo, useRef, useState } from 'react';
import type { CompareItem } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { StreamParams } from '../../../electron/contract/streams.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { request, subscribe } from '../../lib/client.ts';
import { formatCount, formatCountOf } from '../../lib/format.ts';
import { useExplorer } from '../../state/explorer-store.ts';
import { useImages } from './images.ts';
import { addRanges, type Range } from './ranges.ts';
import { usePart } from './use-view.ts';
import type { BlockView } from './view-model.ts';
import './panels.css';

const ROW = 22;
const isNumber = (text: string): boolean => /^\d{0,20}$/.test(text.trim());
type Other = StreamParams<'blocks.compare'>['other'];

interface ComparePanelProps {
  readonly view: BlockView;
  readonly place: { readonly id: string; readonly lun: string };
}

/** Compares the selected blocks, or the whole LUN, with a file, another LUN, or an earlier snapshot. */
export function ComparePanel({ view, place }: ComparePanelProps) {
  const differences = usePart(view, (state) => state.differences);
  usePart(view, (state) => state.selection);
  const sessions = useExplorer((store) => store.sessions);
  const snapshots = useImages((store) => store.snapshots).filter(({ identity }) => identity === view.facts.identity);
  const [other, setOther] = useState('file');
  const [whole, setWhole] = useState(false);
  const [beside, setBeside] = useState('');
  const [ended, setEnded] = useState<CompareItem['ended'] | 'running' | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const stop = useRef<(() => void) | null>(null);
  // A view that is closed leaves nobody to look at what is found.
  useEffect(() => () => stop.current?.(), []);
  const { offset, length } = view.range;
  const block = BigInt(view.blockSize);
  const firstLba = whole ? 0n : offset / block;
  const blocks = whole ? BigInt(view.facts.blocks) : (offset + length + block - 1n) / block - firstLba;

  const luns = sessions
    .filter(({ state }) => state === 'full')
    .flatMap((session) =>
      (session.luns ?? [])
        .filter(({ readable, lun }) => readable && !(session.id === place.id && lun === place.lun))
        .map((lun) => ({
          key: `lun ${session.id} ${lun.lun}`,
          id: session.id,
          lun: lun.lun,
          title: `LUN ${lun.text} ${lun.product} (${session.alias ?? session.target})`,
        })),
    );

  const isSnapshot = snapshots.some(({ id }) => id === other);
  const chosen = async (): Promise<{
    readonly other: Other;
    readonly first: bigint;
    readonly count: bigint;
  } | null> => {
    const lun = luns.find(({ key }) => key === other);
    const wanted = beside.trim() === '' ? null : beside.trim();
    if (lun !== undefined)
      return {
        other: { kind: 'lun', id: lun.id, lun: lun.lun, firstLba: wanted ?? String(firstLba) },
        first: firstLba,
        count: blocks,
      };
    const kept = snapshots.find(({ id }) => id === other);
    if (kept !== undefined)
      return {
        other: { kind: 'snapshot', snapshot: kept.id },
        first: BigInt(kept.firstLba),
        count: BigInt(kept.blocks),
      };
    const answer = await request('blocks.chooseFile', undefined);
    if (!answer.ok) setError(answer.error);
    const path = answer.ok ? answer.value.path : null;
    return path === null ? null : { other: { kind: 'file', path, firstLba: wanted }, first: firstLba, count: blocks };
  };
  const compare = async (): Promise<void> => {
    setError(null);
    const asked = await chosen();
    if (asked === null) return;
    stop.current?.();
    view.set({ differences: [] });
    setEnded('running');
    stop.current = subscribe(
      'blocks.compare',
      { ...place, firstLba: String(asked.first), blocks: String(asked.count), other: asked.other },
      {
        onItems: (items) => {
          const found = items.flatMap((item) =>
            item.differences.map((one) => ({
              offset: BigInt(one.offset),
              length: BigInt(one.length),
              unknown: one.unknown,
            })),
          );
          if (found.length > 0) view.set({ differences: addRanges(view.snapshot().differences, found) });
          const last = items.at(-1);
          if (last !== undefined && last.ended !== 'no') setEnded(last.ended);
        },
        onEnd: (reason) => {
          setError(reason);
          if (reason !== null) setEnded(null);
        },
      },
    );
  };
  const drop = async (): Promise<void> => {
    setError(null);
    const answer = await request('blocks.deleteSnapshot', { id: other });
    if (answer.ok) setOther('file');
    else setError(answer.error);
  };
  const keep = async (): Promise<void> => {
    setError(null);
    const answer = await request('blocks.snapshot', { ...place, firstLba: String(firstLba), blocks: String(blocks) });
    if (!answer.ok) setError(answer.error);
  };
  const differing = useMemo(() => differences.filter((one) => !one.unknown), [differences]);
  const unknown = useMemo(() => differences.filter((one) => one.unknown), [differences]);
  const unknownBlocks = unknown.reduce((sum, one) => sum + one.length / block, 0n);
  const count = formatCountOf(BigInt(differing.length), 'difference');
  const apart =
    unknownBlocks === 0n
      ? ''
      : ` Not known: ${formatCountOf(unknownBlocks, 'block')}, which one side could not read or has not saved.`;
  const said = {
    running: `${count} so far.`,
    done: differing.length > 0 ? `${count}.` : apart === '' ? 'Not one byte differs.' : 'No known byte differs.',
    limit: `Stopped after ${count}.`,
    cancelled: `Stopped; ${count} so far.`,
    no: '',
  };
  return (
    <div className="hex-compare">
      <label className="field">
        <span className="field-label">Compare with</span>
        <select className="input" value={other} onChange={(event) => setOther(event.target.value)}>
          <option value="file">A file</option>
          {snapshots.map((one) => (
            <option key={one.id} value={one.id}>
              {`Snapshot of ${new Date(one.at).toLocaleString()}, ${formatCountOf(BigInt(one.blocks), 'block')} from ${one.firstLba}${one.bad.length === 0 ? '' : `, ${one.bad.length} unreadable`}`}
            </option>
          ))}
          {luns.map(({ key, title }) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label className="hex-check">
        <input type="checkbox" checked={whole} onChange={(event) => setWhole(event.target.checked)} /> The whole LUN
      </label>
      {isSnapshot ? null : (
        <TextField
          label="Its first block"
          mono
          value={beside}
          placeholder={other === 'file' ? '0, or as it was saved' : String(firstLba)}
          error={isNumber(beside) ? null : 'Write the number of a block.'}
          onChange={setBeside}
        />
      )}
      <p className="muted mono">{`${formatCountOf(blocks, 'block')} from ${formatCount(firstLba)}`}</p>
      <div className="hex-actions">
        <Button primary disabled={!isSnapshot && !isNumber(beside)} onClick={() => void compare()}>
          Compare
        </Button>
        {ended === 'running' ? <Button onClick={() => stop.current?.()}>Stop</Button> : null}
        <Button onClick={() => void keep()}>Keep a snapshot</Button>
        {isSnapshot && ended !== 'running' ? <Button onClick={() => void drop()}>Delete this snapshot</Button> : null}
      </div>
      <p className="muted" role="status">
        {ended === null ? '' : `${said[ended]}${apart}`}
      </p>
      {error === null ? null : <ErrorNotice error={error} />}
      {differing.length === 0 ? null : (
        <>
          <div className="hex-actions">
            <Button onClick={() => view.stepThrough(differing, -1)}>Previous difference</Button>
            <Button onClick={() => view.stepThrough(differing, 1)}>Next difference</Button>
          </div>
          <Places view={view} places={differing} label="Differences" />
        </>
      )}
      {unknown.length === 0 ? null : (
        <>
          <h2>Not known</h2>
          <Places view={view} places={unknown} label="Not known" />
        </>
      )}
    </div>
  );
}

/** Stretches of the disk in a list; a click goes there. */
function Places({
  view,
  places,
  label,
}: {
  readonly view: BlockView;
  readonly places: readonly Range[];
  readonly label: string;
}) {
  return (
    <VirtualRows className="hex-hits" count={places.length} rowHeight={ROW} label={label} role="group">
      {(index) => {
        const one = places[index];
        if (one === undefined) return null;
        return (
          <button
            key={index}
            type="button"
            className="hex-hit-row mono button-reset"
            onClick={() => view.goTo(one.offset, one.length)}
          >
            <span>{`0x${one.offset.toString(16)}`}</span>
            <span className="muted">{formatCountOf(one.length, 'byte')}</span>
          </button>
        );
      }}
    </VirtualRows>
  );
}
