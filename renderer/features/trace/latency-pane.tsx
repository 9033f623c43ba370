import { useCallback, useMemo, useState } from 'react';
import type { LatencyGroup, LatencySpread } from '../../../electron/contract/trace.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { BrushChart } from './brush-chart.tsx';
import { WHOLE_STEPS } from '../../components/chart-steps.ts';
import { formatNs, writeBound } from './format.ts';
import type { Scoped } from './pane-scope.tsx';
import { RangeFields } from './range-fields.tsx';
import { usePane } from './use-pane.ts';

interface PaneProps {
  readonly trace: string;
  readonly scoped: Scoped;
  readonly onFilter: (condition: string) => void;
  /** Told what was brushed over, in place of what was brushed over before. */
  readonly onBrush: (field: string, conditions: readonly string[]) => void;
}

/** Share of a latency that a brush tells apart. */
const FINENESS = 0.02;

/** The heads of a row's figures. */
const HEADS = ['LUN', 'Count', 'p50', 'p90', 'p99', 'p99.9', 'Max', 'Mean', 'Bytes'];

const keyOf = ({ opcode, serviceAction, lun }: LatencyGroup): string => `${opcode}/${serviceAction ?? ''}/${lun ?? ''}`;
const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;
const unitOf = (text: string): string => (/[a-zµ]$/.test(text) ? text.replaceAll(' ', '') : `${text}ms`);

/** Commands on all LUNs first, then each on its own; within both the most frequent first. */
const inOrder = (groups: readonly LatencyGroup[]): LatencyGroup[] =>
  [...groups].sort((a, b) => Number(a.lun !== null) - Number(b.lun !== null) || b.count - a.count);

function Histogram({
  starts,
  histogram: all,
  onBrush,
}: {
  readonly starts: readonly number[];
  readonly histogram: readonly number[];
  readonly onBrush: PaneProps['onBrush'];
}) {
  const { x, values } = useMemo(() => {
    const used = all.flatMap((count, bucket) => (count > 0 ? [bucket] : []));
    const from = Math.max(0, (used[0] ?? 0) - 2);
    const to = Math.min(all.length, (used.at(-1) ?? 0) + 3);
    return { x: all.slice(from, to).map((_, at) => from + at), values: all.slice(from, to) };
  }, [all]);
  const series = useMemo(
    () => [{ label: 'Commands', token: '--pdu-cmd', values, bars: true, steps: WHOLE_STEPS }],
    [values],
  );
  const startOf = (bucket: number): number => starts[Math.max(0, Math.min(starts.length - 1, Math.round(bucket)))] ?? 0;
  return (
    <BrushChart
      label={`Latency of ${formatCount(BigInt(values.reduce((a, b) => a + b, 0)))} commands, logarithmic`}
      x={x}
      series={series}
      formatX={(bucket) => (Number.isInteger(bucket) ? formatNs(startOf(bucket)) : '')}
      format={String}
      onBrush={(from, to) => {
        const [low, high] = [startOf(from), startOf(to + 0.5)];
        onBrush('latency', [
          `latency >= ${writeBound(low, low * FINENESS, 'down')}`,
          `latency < ${writeBound(high, high * FINENESS, 'up')}`,
        ]);
      }}
    />
  );
}

/** The figures of a row, each with its head, which stands before it where there is no room for all in a line. */
function Figures({ lun, spread }: { readonly lun: string; readonly spread: LatencySpread }) {
  const { p50Ns, p90Ns, p99Ns, p999Ns, maxNs, meanNs } = spread;
  const figures = [
    lun,
    formatCount(BigInt(spread.count)),
    ...[p50Ns, p90Ns, p99Ns, p999Ns, maxNs, meanNs].map(formatNs),
    formatBytes(BigInt(Math.round(spread.bytes))),
  ];
  return figures.map((figure, at) => (
    <td key={HEADS[at]} className="mono" data-number data-head={HEADS[at]}>
      {figure}
    </td>
  ));
}

/** How long commands took: a histogram to brush, and percentiles by command and LUN. */
export function LatencyPane({ trace, scoped, onFilter, onBrush }: PaneProps) {
  const { view, version, rests } = scoped;
  const load = useCallback(() => request('trace.latencies', { trace, view }), [trace, view]);
  const { value, error } = usePane(load, version, rests);
  const [chosen, setChosen] = useState('');
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null) return <p className="panel-empty muted">Adding up …</p>;
  const { starts, total } = value;
  if (total === null)
    return (
      <p className="panel-empty muted">
        {view === ''
          ? 'No SCSI command has ended in this trace, so there is no latency to show.'
          : 'No SCSI command that passes the filter has ended, so there is no latency to show.'}
      </p>
    );
  const { histogram } = value.groups.find((one) => keyOf(one) === chosen) ?? total;
  return (
    <div className="pane">
      <Histogram starts={starts} histogram={histogram} onBrush={onBrush} />
      <RangeFields
        what="Latency"
        placeholder={['20 ms', '1 s']}
        onApply={(from, to) => {
          if (from !== '') onFilter(`latency >= ${unitOf(from)}`);
          if (to !== '') onFilter(`latency < ${unitOf(to)}`);
        }}
      />
      <div className="pane-table" tabIndex={0} role="region" aria-label="Latency by command">
        <table className="table latency-table">
          <thead>
            <tr>
              {['Command', ...HEADS, ''].map((name) => (
                <th key={name} scope="col" data-number={!['Command', ''].includes(name)}>
                  {name === '' ? <span className="visually-hidden">Actions</span> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr data-chosen={chosen === ''}>
              <td>
                <button
                  type="button"
                  className="link"
                  aria-pressed={chosen === ''}
                  title="Show their histogram"
                  onClick={() => setChosen('')}
                >
                  All commands
                </button>
              </td>
              <Figures lun="all" spread={total} />
              <td />
            </tr>
            {inOrder(value.groups).map((group) => (
              <tr key={keyOf(group)} data-chosen={chosen === keyOf(group)}>
                <td>
                  <button
                    type="button"
                    className="link"
                    aria-pressed={chosen === keyOf(group)}
                    title="Show its histogram"
                    onClick={() => setChosen(chosen === keyOf(group) ? '' : keyOf(group))}
                  >
                    {group.name}
                  </button>
                </td>
                <Figures lun={group.lun ?? 'all'} spread={group} />
                <td>
                  <button
                    type="button"
                    className="link"
                    onClick={() => {
                      onFilter(`scsi.opcode == ${hex(group.opcode)}`);
                      if (group.serviceAction !== null) onFilter(`serviceAction == ${hex(group.serviceAction)}`);
                      if (group.lun !== null) onFilter(`lun == ${group.lun}`);
                    }}
                  >
                    Filter
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="muted">Percentiles are read off the histogram: within 9 % of the exact ones.</p>
      </div>
    </div>
  );
}
