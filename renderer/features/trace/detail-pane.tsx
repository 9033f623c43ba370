import { ArrowLeft, ArrowRight, Binary, Bookmark } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { PduDetail, TraceMark, TraceState } from '../../../electron/contract/trace.ts';
import { Button } from '../../components/button.tsx';
import { FieldBytes } from '../../components/field-bytes.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes } from '../../lib/format.ts';
import { showKey } from '../../lib/keys.ts';
import { usePlugs } from '../../state/plugs.ts';
import { showSectors } from '../../state/sectors-jump.ts';
import { formatNs } from './format.ts';
import { usePane } from './use-pane.ts';
import './detail-pane.css';

interface DetailPaneProps {
  readonly trace: string;
  readonly state: TraceState;
  readonly row: number;
  readonly onShow: (row: number) => void;
  readonly onStep: (by: 1 | -1) => void;
  readonly onMark: (mark: TraceMark) => void;
}

function Related({ detail, onShow }: { readonly detail: PduDetail; readonly onShow: (row: number) => void }) {
  const { task, related, relatedLeftOut, pdu } = detail;
  if (task === null) return null;
  return (
    <nav className="detail-related" aria-label="PDUs of this task">
      <span className="muted">
        {`Task${task.latencyNs === null ? '' : `, ${formatNs(task.latencyNs)}`}${task.status === null ? ', not answered' : `, ${task.status}`}:`}
      </span>
      {related.map((one) => (
        <button
          key={one.row}
          type="button"
          className="link detail-link"
          aria-current={one.row === pdu.row ? 'true' : undefined}
          onClick={() => onShow(one.row)}
        >
          {one.out ? <ArrowRight size={11} aria-label="out" /> : <ArrowLeft size={11} aria-label="in" />}
          {`#${one.row + 1} ${one.name}`}
        </button>
      ))}
      {relatedLeftOut === 0 ? null : <span className="muted">{`and ${relatedLeftOut} more`}</span>}
    </nav>
  );
}

function Comment({
  row,
  mark,
  onMark,
}: {
  readonly row: number;
  readonly mark: TraceMark | undefined;
  readonly onMark: (mark: TraceMark) => void;
}) {
  const [text, setText] = useState(mark?.comment ?? '');
  const keep = (): void => {
    if (text !== (mark?.comment ?? '')) onMark({ row, marked: mark?.marked ?? false, comment: text });
  };
  return (
    <input
      className="input detail-comment"
      aria-label={`Comment on PDU ${row + 1}`}
      placeholder="Comment"
      maxLength={2000}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
      }}
    />
  );
}

/** One PDU: its fields beside its bytes, what belongs to it, and the way to the sectors it is about. */
export function DetailPane({ trace, state, row, onShow, onStep, onMark }: DetailPaneProps) {
  const load = useCallback(() => request('trace.detail', { trace, row }), [trace, row]);
  const { value: detail, error } = usePane(load, 'done');
  const hasSectors = usePlugs((plugs) => plugs.tabKinds.has('sectors'));
  if (error !== null) return <ErrorNotice error={error} />;
  if (detail === null) return <p className="panel-empty muted">Reading …</p>;
  const { pdu, sectors } = detail;
  const mark = state.marks.find((one) => one.row === pdu.row);
  const openSectors = (): void => {
    if (sectors === null) return;
    const { host, port, target, lun, lba, blocks } = sectors;
    showSectors({ host, port: String(port), target, lun }, { lba: BigInt(lba), blocks: BigInt(Math.max(1, blocks)) });
  };
  return (
    <div className="pane detail">
      <div className="detail-head">
        <strong>{`#${pdu.row + 1} ${pdu.text}`}</strong>
        <span className="mono muted">{`${detail.from} to ${detail.to}`}</span>
        <span className="detail-spring" />
        {sectors !== null && hasSectors && sectors.target !== '' ? (
          <Button onClick={openSectors}>
            <Binary size={13} aria-hidden /> {`Sectors at ${sectors.lba}`}
          </Button>
        ) : null}
        <Comment key={pdu.row} row={pdu.row} mark={mark} onMark={onMark} />
        <IconButton
          label={mark?.marked === true ? `Remove the mark (${showKey('Mod+M')})` : `Mark (${showKey('Mod+M')})`}
          pressed={mark?.marked === true}
          onClick={() => onMark({ row: pdu.row, marked: mark?.marked !== true, comment: mark?.comment ?? '' })}
        >
          <Bookmark size={14} />
        </IconButton>
        <IconButton label="PDU of this task before (,)" onClick={() => onStep(-1)}>
          <ArrowLeft size={14} />
        </IconButton>
        <IconButton label="Next PDU of this task (.)" onClick={() => onStep(1)}>
          <ArrowRight size={14} />
        </IconButton>
      </div>
      <Related detail={detail} onShow={onShow} />
      {detail.notes.length === 0 ? null : (
        // Long notes scroll, so that keys reach them.
        <div className="detail-noted" role="group" aria-label="Noted in this capture" tabIndex={0}>
          <span className="muted">Noted in this capture:</span>
          {detail.notes.map((note) => (
            <span key={note}>{note}</span>
          ))}
        </div>
      )}
      <FieldBytes key={pdu.row} tree={detail.tree} hex={detail.bytes} label="Fields" />
      {detail.notShown === 0 ? null : (
        <p className="muted detail-note">
          {`${formatBytes(BigInt(detail.notShown))} of its data are not shown: they were not recorded, or are beyond the first 4 KiB.`}
        </p>
      )}
    </div>
  );
}
