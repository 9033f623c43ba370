import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import type { BlockFacts } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { NoPath, PathOffer, PathTrouble, ReadPathPicker } from '../../components/read-path.tsx';
import { StatusContent } from '../../components/slots.tsx';
import { formatBytes, formatCount, formatCountOf } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useScreenCommands } from '../../state/commands.ts';
import type { TabProps } from '../../state/plugs.ts';
import { useLunSession } from '../../state/read-path.ts';
import { takeJump, useJumps } from '../../state/sectors-jump.ts';
import { addBookmark, loadBookmarks } from './bookmarks.ts';
import { BookmarksPanel } from './bookmarks-panel.tsx';
import { ComparePanel } from './compare-panel.tsx';
import { copySelection } from './copy-selection.ts';
import { FindPanel, type FindHandle } from './find-panel.tsx';
import { HexGrid } from './hex-grid.tsx';
import { HexMenu } from './hex-menu.tsx';
import { watchImages } from './images.ts';
import { InspectorPanel } from './inspector-panel.tsx';
import type { UnitPlace } from './pages.ts';
import { PositionBar } from './position-bar.tsx';
import { SECTOR_COMMANDS } from './sector-commands.ts';
import { StructurePanel } from './structure-panel.tsx';
import { TakePanel } from './take-panel.tsx';
import { Toolbar, type AddressHandle } from './toolbar.tsx';
import { listedFacts, useBlockView } from './use-block-view.ts';
import { useStructures } from './use-structures.ts';
import { usePart } from './use-view.ts';
import type { BlockView } from './view-model.ts';
import './sectors-screen.css';

const PANELS = [
  ['structure', 'Structure'],
  ['find', 'Find'],
  ['bookmarks', 'Bookmarks'],
  ['take', 'Save'],
  ['compare', 'Compare'],
] as const;
type PanelName = (typeof PANELS)[number][0];

function Status({ view }: { readonly view: BlockView }) {
  const selection = usePart(view, (state) => state.selection);
  const { offset, length } = view.range;
  const block = BigInt(view.blockSize);
  return (
    <StatusContent>
      <span className="status-item mono">
        {`LBA ${formatCount(selection.cursor / block)} + ${String(selection.cursor % block)}`}
      </span>
      <span className="status-item mono">{`offset 0x${offset.toString(16)}, length ${formatCount(length)}`}</span>
    </StatusContent>
  );
}

/** Why the byte under the cursor is not shown, where it is not and no ended path tells it for all bytes. */
function Trouble({ view, up, params }: Pick<BodyProps, 'view' | 'up' | 'params'>) {
  const selection = usePart(view, (state) => state.selection);
  usePart(view, (state) => state.arrivals);
  const problem = view.pages.problem(selection.cursor);
  if (problem === null) return null;
  if (typeof problem !== 'string')
    return up ? (
      <ErrorNotice
        error={problem}
        actions={
          <>
            <Button onClick={() => view.pages.retry()}>Read again</Button>
            <PathOffer params={params} error={problem} />
          </>
        }
      />
    ) : null;
  return (
    <p className="hex-unreadable" role="alert">
      {`The device cannot read block ${String(selection.cursor / BigInt(view.blockSize))}: ${problem}`}
    </p>
  );
}

interface OtherUnitProps {
  readonly view: BlockView;
  readonly other: BlockFacts;
  readonly onOpen: () => void;
}

/** Says that another unit has taken the place of the one in view, and offers to open it. */
function OtherUnit({ view, other, onOpen }: OtherUnitProps) {
  const size = (facts: BlockFacts): string => `${facts.title}, ${formatBytes(BigInt(facts.bytes))}`;
  const error: WireError = {
    name: 'TaskError',
    code: 'TASK_IDENTITY_CHANGED',
    message: `Another unit is there now: ${size(other)}.`,
    hint: `It is ${other.identity}. The bytes in view are those of ${view.facts.identity}, as they were when they were read; no more of them can be read here.`,
    retryable: false,
    details: { before: view.facts.identity, now: other.identity },
    raw: null,
  };
  return (
    <ErrorNotice
      error={error}
      about={`The sectors of ${size(view.facts)}`}
      actions={<Button onClick={onOpen}>Open the unit that is there now</Button>}
    />
  );
}

interface BodyProps extends Pick<TabProps, 'params' | 'active'> {
  readonly view: BlockView;
  readonly place: UnitPlace;
  /** Whether that place can be read now. */
  readonly up: boolean;
  /** Counts how often everything was read again. */
  readonly round: number;
  readonly onReadAgain: () => void;
  /** What is wrong with the unit in view as a whole. */
  readonly notice: ReactNode;
}

function Body({ view, place, up, params, active, round, onReadAgain, notice }: BodyProps) {
  const structures = useStructures(view, place, { round, up });
  const [panel, setPanel] = useState<PanelName>('structure');
  const address = useRef<AddressHandle>(null);
  const find = useRef<FindHandle>(null);
  const own = useId();
  const jumps = useJumps((store) => store.jumps);
  const hasBytes = usePart(view, (state) => state.arrivals > 0);
  useReady('sectors', hasBytes && !structures.loading);
  useEffect(() => {
    void loadBookmarks(view);
    return watchImages();
  }, [view]);
  useEffect(() => {
    const jump = takeJump(params);
    if (jump !== null) view.goTo(jump.lba * BigInt(view.blockSize), jump.blocks * BigInt(view.blockSize));
  }, [view, params, jumps]);

  const runs = useMemo(
    () => ({
      'sectors.goTo': () => address.current?.focus(),
      'sectors.back': () => view.back(),
      'sectors.forward': () => view.forward(),
      'sectors.find': () => {
        flushSync(() => setPanel('find'));
        find.current?.focus();
      },
      'sectors.findNext': () => find.current?.step(1),
      'sectors.findPrevious': () => find.current?.step(-1),
      'sectors.bookmark': () => addBookmark(view),
      'sectors.readAgain': onReadAgain,
      'sectors.first': () => view.goTo(0n),
      'sectors.last': () => view.goTo(view.size - BigInt(view.blockSize), BigInt(view.blockSize)),
    }),
    [view, onReadAgain],
  );
  useScreenCommands(SECTOR_COMMANDS, runs, active);

  return (
    <div className="sectors">
      <h1 className="visually-hidden">{`Sectors of ${view.facts.title}`}</h1>
      <Toolbar
        view={view}
        ref={address}
        onGone={() => document.getElementById(`${own}-grid`)?.focus()}
        onReadAgain={onReadAgain}
      />
      <div className="sectors-body">
        <HexMenu view={view} place={place}>
          <HexGrid view={view} id={`${own}-grid`} onCopy={() => void copySelection({ view, place }, 'hex-spaced')} />
          <PositionBar view={view} controls={`${own}-grid`} />
        </HexMenu>
        <aside className="sectors-side" aria-label="About the bytes">
          <div className="hex-panels" role="tablist" aria-label="About the bytes">
            {PANELS.map(([name, title]) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`${own}-tab-${name}`}
                aria-selected={panel === name}
                aria-controls={`${own}-${name}`}
                className="hex-panel-tab button-reset"
                onClick={() => setPanel(name)}
              >
                {title}
              </button>
            ))}
          </div>
          {PANELS.map(([name]) => (
            <div
              key={name}
              className="hex-panel"
              id={`${own}-${name}`}
              data-panel={name}
              role="tabpanel"
              aria-labelledby={`${own}-tab-${name}`}
              hidden={panel !== name}
            >
              {name === 'structure' ? <StructurePanel view={view} up={up} {...structures} /> : null}
              {name === 'find' ? <FindPanel ref={find} view={view} place={place} /> : null}
              {name === 'bookmarks' ? <BookmarksPanel view={view} /> : null}
              {name === 'take' ? <TakePanel view={view} place={place} /> : null}
              {name === 'compare' ? <ComparePanel view={view} place={place} /> : null}
            </div>
          ))}
          <div className="hex-inspector-box" role="group" aria-label="Data inspector" tabIndex={0}>
            <InspectorPanel view={view} place={place} />
          </div>
        </aside>
      </div>
      <PathTrouble params={params} />
      {notice ?? <Trouble view={view} up={up} params={params} />}
      <div className="sectors-facts muted">
        <span className="mono">{`${view.facts.title}: ${formatCountOf(BigInt(view.facts.blocks), 'block')} of ${view.blockSize} bytes, ${formatBytes(view.size)}`}</span>
        {view.facts.thin ? ` thin${view.facts.readsZero ? ', unmapped blocks are zero' : ''}` : ''}
        <ReadPathPicker params={params} />
      </div>
      <Status view={view} />
    </div>
  );
}

/** The bytes of a LUN: read only, exact to the last one. */
export function SectorsScreen({ params, active }: TabProps) {
  const found = useLunSession(params);
  const id = found?.session.id ?? null;
  const up = found?.session.state === 'full';
  const lun = found?.lunHex ?? params['lun'] ?? '';
  const listed = listedFacts(found?.lun ?? null);
  const logins = found?.session.logins ?? 0;
  const loaded = useBlockView({ id, lun, up, logins, listed });
  const { isLoaded, view, error, other, openOther, place, round, readAgain, startOver } = loaded;
  if (id === null && view === null)
    return (
      <div className="page">
        <h1>Sectors</h1>
        <NoPath params={params} what="the sectors" />
      </div>
    );
  if (!isLoaded)
    return up ? (
      <Empty demo={false}>Asking the LUN for its size.</Empty>
    ) : (
      <div className="page">
        <h1>Sectors</h1>
        <PathTrouble params={params} />
      </div>
    );
  if (view === null)
    return (
      <div className="page">
        <h1>Sectors</h1>
        {error === null ? null : (
          <ErrorNotice
            error={error}
            actions={
              <>
                <Button onClick={startOver}>Try again</Button>
                <PathOffer params={params} error={error} />
              </>
            }
          />
        )}
      </div>
    );
  return (
    <Body
      key={`${place.id} ${place.lun} ${view.facts.identity} ${view.facts.unit} ${view.facts.bytes}`}
      view={view}
      place={place}
      up={up && place.id === id && place.lun === lun}
      round={round}
      onReadAgain={readAgain}
      notice={
        other !== null ? (
          <OtherUnit view={view} other={other} onOpen={openOther} />
        ) : error !== null && up ? (
          <ErrorNotice
            error={error}
            about={`Asking ${view.facts.title} whether it is still the same`}
            actions={
              <>
                <Button onClick={readAgain}>Ask again</Button>
                <PathOffer params={params} error={error} />
              </>
            }
          />
        ) : null
      }
      params={params}
      active={active}
    />
  );
}
