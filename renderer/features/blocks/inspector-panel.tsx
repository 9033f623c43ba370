import { useRef } from 'react';
import { inspect, type Reading } from '../../../core/browser.ts';
import type { PlaceProps } from './copy-selection.ts';
import type { Range } from './ranges.ts';
import { usePart } from './use-view.ts';
import { useWire } from './use-wire.ts';
import type { BlockView } from './view-model.ts';
import './inspector-panel.css';

const LONGEST = 64;

function Values({ reading: { little, big, long } }: { readonly reading: Reading }) {
  if (big === undefined || (long && little === null && big === null))
    return (
      <td className="mono selectable" colSpan={2}>
        {little ?? '–'}
      </td>
    );
  if (!long)
    return [little, big].map((text, at) => (
      <td key={at} className="mono selectable">
        {text ?? '–'}
      </td>
    ));
  return (
    <td className="mono selectable" colSpan={2}>
      {(
        [
          ['LE', little],
          ['BE', big],
        ] as const
      ).map(([order, text]) => (
        <div key={order} className="hex-reading-long">
          <span className="muted">{order}</span> {text ?? '–'}
        </div>
      ))}
    </td>
  );
}

/** Both byte orders side by side; what is too long for that stands one above the other. */
function Readings({
  view,
  offset,
  bytes,
}: {
  readonly view: BlockView;
  readonly offset: bigint;
  readonly bytes: Uint8Array;
}) {
  // What was marked before the pointer came is marked again when it goes.
  const before = useRef<Range | null>(null);
  return (
    <table className="hex-readings" aria-label="Readings">
      <thead>
        <tr>
          <th scope="col">As</th>
          <th scope="col">Little-endian</th>
          <th scope="col">Big-endian</th>
        </tr>
      </thead>
      <tbody
        onMouseEnter={() => (before.current = view.snapshot().marked)}
        onMouseLeave={() => view.set({ marked: before.current })}
      >
        {inspect(bytes).map((reading) => (
          <tr
            key={reading.id}
            onMouseEnter={() => view.set({ marked: { offset, length: BigInt(reading.length) } })}
            onClick={() => view.select(offset + BigInt(reading.length) - 1n, offset)}
          >
            <th scope="row">{reading.label}</th>
            <Values reading={reading} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the bytes under the cursor could mean; pointing at a reading shows which bytes it covers. */
export function InspectorPanel({ view, place }: PlaceProps) {
  const showWire = useWire({ view, place });
  const selection = usePart(view, (state) => state.selection);
  usePart(view, (state) => state.arrivals);
  usePart(view, (state) => state.structures);
  const marks = usePart(view, (state) => state.bookmarks).filter((mark) => {
    const from = BigInt(mark.offset);
    return from <= selection.cursor && selection.cursor < from + BigInt(mark.length);
  });
  const offset = selection.cursor < selection.anchor ? selection.cursor : selection.anchor;
  const bytes = view.pages.bytes(offset, LONGEST);
  const { path, field } = view.located();
  const owner = path[path.length - 1];
  return (
    <div className="hex-inspector">
      {showWire === null ? null : (
        <button type="button" className="link hex-wire" onClick={showWire}>
          Show the PDUs that touched this
        </button>
      )}
      {owner === undefined ? null : (
        <p className="hex-where">
          <strong>{field?.label ?? owner.label}</strong>{' '}
          <span className="muted">{field === undefined ? owner.detail : `in ${owner.label}`}</span>
          {field === undefined ? null : <span className="hex-where-text mono selectable">{field.text}</span>}
          {field?.meaning === undefined ? null : <span className="muted">{field.meaning}</span>}
          {field?.malformed === undefined ? null : <span className="hex-wrong">{field.malformed}</span>}
        </p>
      )}
      {marks.map(({ id, note, colour }) => (
        <p key={id} className="hex-note" data-colour={colour}>
          {note === '' ? 'Bookmark' : note}
        </p>
      ))}
      {bytes.length === 0 ? (
        <p className="muted">No bytes were read here.</p>
      ) : (
        <Readings view={view} offset={offset} bytes={bytes} />
      )}
    </div>
  );
}
