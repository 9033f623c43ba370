import { useCallback, useMemo } from 'react';
import type { TraceTimeline } from '../../../electron/contract/trace.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { BrushChart } from './brush-chart.tsx';
import { BYTE_STEPS, WHOLE_STEPS } from '../../components/chart-steps.ts';
import { formatNs, writeBound } from './format.ts';
import type { Scoped } from './pane-scope.tsx';
import { RangeFields } from './range-fields.tsx';
import { usePane } from './use-pane.ts';

const STEPS = 300;
const TABLE_ROWS = 20;
const unitOf = (text: string): string => (/[a-zµ]$/.test(text) ? text.replaceAll(' ', '') : `${text}s`);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

interface TimelinePaneProps {
  readonly trace: string;
  readonly scoped: Scoped;
  /** When the first PDU was; filters count from it. */
  readonly startNs: number;
  readonly onFilter: (condition: string) => void;
  /** Told what was brushed over, in place of what was brushed over before. */
  readonly onBrush: (field: string, conditions: readonly string[]) => void;
}

/** Places of a second that tell the steps of a stretch apart. */
const placesFor = (stretchNs: number): number =>
  Math.max(0, Math.min(9, 11 - Math.floor(Math.log10(Math.max(1, stretchNs)))));
const TABLE_PLACES = 6;

function StepTable({ value, fromNs }: { readonly value: TraceTimeline; readonly fromNs: number }) {
  const size = Math.ceil(value.commands.length / TABLE_ROWS);
  const places = Math.max(TABLE_PLACES, placesFor(value.stepNs * value.commands.length));
  const rows = Array.from({ length: Math.ceil(value.commands.length / size) }, (_, at) => {
    const part = (values: readonly number[]): readonly number[] => values.slice(at * size, (at + 1) * size);
    return {
      at: fromNs + value.stepNs * at * size,
      commands: sum(part(value.commands)),
      bytesIn: sum(part(value.bytesIn)),
      bytesOut: sum(part(value.bytesOut)),
      outstanding: most(part(value.outstanding)),
      lag: most(part(value.lagNs)),
    };
  });
  return (
    <div className="pane-table" tabIndex={0} role="region" aria-label="The trace over time">
      <table className="table">
        <thead>
          <tr>
            {['From', 'Commands', 'Read', 'Written', 'Most outstanding', 'Recorder late'].map((name) => (
              <th key={name} scope="col" data-number>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.at}>
              <td className="mono" data-number>{`${(row.at / 1e9).toFixed(places)} s`}</td>
              <td className="mono" data-number>
                {formatCount(BigInt(row.commands))}
              </td>
              <td className="mono" data-number>
                {formatBytes(BigInt(row.bytesIn))}
              </td>
              <td className="mono" data-number>
                {formatBytes(BigInt(row.bytesOut))}
              </td>
              <td className="mono" data-number>
                {row.outstanding}
              </td>
              <td className="mono" data-number>
                {row.lag === 0 ? '' : formatNs(row.lag)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Throughput and open tasks over time; brushing keeps that stretch. */
export function TimelinePane({ trace, scoped, startNs, onFilter, onBrush }: TimelinePaneProps) {
  const { view, version, rests } = scoped;
  const load = useCallback(() => request('trace.timeline', { trace, view, steps: STEPS }), [trace, view]);
  const { value, error } = usePane(load, version, rests);
  const chart = useMemo(() => {
    if (value === null) return null;
    const fromNs = value.startNs - startNs;
    const perSecond = 1e9 / value.stepNs;
    const rate = (values: readonly number[]): number[] => values.map((bytes) => bytes * perSecond);
    return {
      fromNs,
      x: value.commands.map((_, step) => (fromNs + step * value.stepNs) / 1e9),
      series: [
        { label: 'Read', token: '--pdu-data', values: rate(value.bytesIn), steps: BYTE_STEPS },
        { label: 'Written', token: '--pdu-login', values: rate(value.bytesOut), steps: BYTE_STEPS },
        {
          label: 'Outstanding commands (right)',
          token: '--pdu-resp',
          values: value.outstanding,
          scale: 'tasks',
          steps: WHOLE_STEPS,
        },
      ],
    };
  }, [value, startNs]);
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null || chart === null) return <p className="panel-empty muted">Adding up …</p>;
  const stretchNs = value.stepNs * value.commands.length;
  return (
    <div className="pane">
      <BrushChart
        label="Throughput and outstanding commands over time"
        x={chart.x}
        series={chart.series}
        formatX={(seconds) => `${Number(seconds.toFixed(placesFor(stretchNs)))} s`}
        format={(tick, scale) => (scale === 'tasks' ? String(tick) : `${formatBytes(BigInt(Math.round(tick)))}/s`)}
        onBrush={(from, to) => {
          const [low, high] = [writeBound(from * 1e9, value.stepNs, 'down'), writeBound(to * 1e9, value.stepNs, 'up')];
          onBrush('time', [`time >= ${low}`, `time <= ${high}`]);
        }}
      />
      <RangeFields
        what="Time"
        placeholder={['0.5 s', '2 s']}
        onApply={(from, to) => {
          if (from !== '') onFilter(`time >= ${unitOf(from)}`);
          if (to !== '') onFilter(`time <= ${unitOf(to)}`);
        }}
      />
      <StepTable value={value} fromNs={chart.fromNs} />
    </div>
  );
}
