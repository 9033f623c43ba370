import { inspect } from '../../../core/browser.ts';
import { useExplorer } from '../../state/explorer-store.ts';
import { showPdus, touching, useRecordingOf } from '../../state/trace-jump.ts';
import { useView } from './hex-grid.tsx';
import type { BlockView } from './view-model.ts';

const LONGEST = 64;

/** What the bytes under the cursor could mean; pointing at a reading shows which bytes it covers. */
export function InspectorPanel({
  view,
  place,
}: {
  readonly view: BlockView;
  readonly place: { readonly id: string; readonly lun: string };
}) {
  const recording = useRecordingOf(place.id);
  const sessions = useExplorer((store) => store.sessions);
  const number = sessions.find(({ id }) => id === place.id)?.luns?.find(({ lun }) => lun === place.lun)?.number ?? null;
  const { selection, endian } = useView(view);
  const offset = selection.cursor < selection.anchor ? selection.cursor : selection.anchor;
  const bytes = view.pages.bytes(offset, LONGEST);
  const { path, field } = view.located();
  const owner = path[path.length - 1];
  return (
    <div className="hex-inspector">
      {recording === null || number === null ? null : (
        <button
          type="button"
          className="link hex-wire"
          onClick={() => {
            const { offset: from, length } = view.range;
            const block = BigInt(view.blockSize);
            const first = from / block;
            showPdus(recording, touching(number, first, (from + length - 1n) / block - first + 1n));
          }}
        >
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
      {bytes.length === 0 ? (
        <p className="muted">No bytes were read here.</p>
      ) : (
        <table className="hex-readings" aria-label={`Readings, ${endian}-endian`}>
          <tbody>
            {inspect(bytes, endian).map(({ id, label, length, text }) => (
              <tr
                key={id}
                data-none={text === null}
                onMouseEnter={() => view.set({ marked: { offset, length: BigInt(length) } })}
                onMouseLeave={() => view.set({ marked: null })}
                onClick={() => view.select(offset + BigInt(length) - 1n, offset)}
              >
                <th scope="row">{label}</th>
                <td className="mono selectable">{text ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
