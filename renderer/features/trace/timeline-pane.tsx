import { useCallback, useMemo } from 'react';
import type { TraceTimeline } from '../../../electron/contract/trace.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { BrushChart } from './brush-chart.tsx';
import { BYTE_STEPS, WHOLE_STEPS } from '../../components/chart-steps.ts';
import { formatNs, formatTime } from './format.ts';
import { RangeFields } from './range-fields.tsx';
import { usePane } from './use-pane.ts';

const STEPS = 300;
const TABLE_ROWS = 20;
const unitOf = (text: string): string => (/[a-zµ]$/.test(text) ? text.replaceAll(' ', '') : `${text}s`);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

interface TimelinePaneProps {
  readonly trace: string;
  readonly version: string;
  /** When the first PDU was; filters count from it. */
  readonly startNs: number;
  readonly onFilter: (condition: string) => void;
}

function StepTable({ value }: { readonly value: TraceTimeline }) {
  const size = Math.ceil(value.commands.length / TABLE_ROWS);
  const rows = Array.from({ length: Math.ceil(value.commands.length / size) }, (_, at) => {
    const part = (values: readonly number[]): readonly number[] => values.slice(at * size, (at + 1) * size);
    return {
      at: value.stepNs * at * size,
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
              <td className="mono" data-number>{`${formatTime(row.at)} s`}</td>
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
export function TimelinePane({ trace, version, startNs, onFilter }: TimelinePaneProps) {
  const load = useCallback(() => request('trace.timeline', { trace, steps: STEPS }), [trace]);
  const { value, error } = usePane(load, version);
  const chart = useMemo(() => {
    if (value === null) return null;
    const perSecond = 1e9 / value.stepNs;
    const rate = (values: readonly number[]): number[] => values.map((bytes) => bytes * perSecond);
    return {
      x: value.commands.map((_, step) => (step * value.stepNs) / 1e9),
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
  }, [value]);
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null || chart === null) return <p className="panel-empty muted">Adding up …</p>;
  const fromNs = value.startNs - startNs;
  return (
    <div className="pane">
      <BrushChart
        label="Throughput and outstanding commands over time"
        x={chart.x}
        series={chart.series}
        formatX={(seconds) => `${Number(seconds.toPrecision(4))} s`}
        format={(tick, scale) => (scale === 'tasks' ? String(tick) : `${formatBytes(BigInt(Math.round(tick)))}/s`)}
        onBrush={(from, to) => {
          onFilter(`time >= ${Math.max(0, Math.floor(from * 1e9 + fromNs))}ns`);
          onFilter(`time <= ${Math.max(0, Math.ceil(to * 1e9 + fromNs))}ns`);
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
      <StepTable value={value} />
    </div>
  );
}
