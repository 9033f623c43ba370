import { useCallback, useMemo, useState } from 'react';
import type { Latencies, LatencyGroup } from '../../../electron/contract/trace.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { BrushChart } from './brush-chart.tsx';
import { formatNs } from './format.ts';
import { RangeFields } from './range-fields.tsx';
import { usePane } from './use-pane.ts';

interface PaneProps {
  readonly trace: string;
  readonly version: string;
  readonly onFilter: (condition: string) => void;
}

const keyOf = ({ opcode, lun }: LatencyGroup): string => `${opcode}/${lun ?? ''}`;
const unitOf = (text: string): string => (/[a-zµ]$/.test(text) ? text.replaceAll(' ', '') : `${text}ms`);

/** Adds groups up, for the histogram of all commands. */
function histogramOf(groups: readonly LatencyGroup[], key: string): readonly number[] {
  const chosen = key === '' ? groups.filter(({ lun }) => lun === null) : groups.filter((one) => keyOf(one) === key);
  const sum = new Array<number>(chosen[0]?.histogram.length ?? 0).fill(0);
  for (const { histogram } of chosen) histogram.forEach((count, bucket) => (sum[bucket] = (sum[bucket] ?? 0) + count));
  return sum;
}

function Histogram({
  data,
  chosen,
  onFilter,
}: {
  readonly data: Latencies;
  readonly chosen: string;
  readonly onFilter: PaneProps['onFilter'];
}) {
  const { starts, groups } = data;
  const { x, values, first } = useMemo(() => {
    const all = histogramOf(groups, chosen);
    const used = all.flatMap((count, bucket) => (count > 0 ? [bucket] : []));
    const from = Math.max(0, (used[0] ?? 0) - 2);
    const to = Math.min(all.length, (used.at(-1) ?? 0) + 3);
    return { x: all.slice(from, to).map((_, at) => from + at), values: all.slice(from, to), first: from };
  }, [groups, chosen]);
  const series = useMemo(() => [{ label: 'Commands', token: '--pdu-cmd', values, bars: true }], [values]);
  const startOf = (bucket: number): number =>
    starts[Math.max(first, Math.min(starts.length - 1, Math.round(bucket)))] ?? 0;
  return (
    <BrushChart
      label={`Latency of ${formatCount(BigInt(values.reduce((a, b) => a + b, 0)))} commands, logarithmic`}
      x={x}
      series={series}
      formatX={(bucket) => (Number.isInteger(bucket) ? formatNs(startOf(bucket)) : '')}
      format={(count) => (Number.isInteger(count) ? String(count) : '')}
      onBrush={(from, to) => {
        const [low, high] = [startOf(from), startOf(to + 0.5)];
        onFilter(`latency >= ${Math.floor(low)}ns`);
        onFilter(`latency < ${Math.ceil(high)}ns`);
      }}
    />
  );
}

/** How long commands took: a histogram to brush, and percentiles by command and LUN. */
export function LatencyPane({ trace, version, onFilter }: PaneProps) {
  const load = useCallback(() => request('trace.latencies', { trace }), [trace]);
  const { value, error } = usePane(load, version);
  const [chosen, setChosen] = useState('');
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null) return <p className="panel-empty muted">Adding up …</p>;
  if (value.groups.length === 0)
    return (
      <p className="panel-empty muted">No SCSI command has ended in this trace, so there is no latency to show.</p>
    );
  return (
    <div className="pane">
      <Histogram data={value} chosen={chosen} onFilter={onFilter} />
      <RangeFields
        what="Latency"
        placeholder={['20 ms', '1 s']}
        onApply={(from, to) => {
          if (from !== '') onFilter(`latency >= ${unitOf(from)}`);
          if (to !== '') onFilter(`latency < ${unitOf(to)}`);
        }}
      />
      <div className="pane-table" tabIndex={0} role="region" aria-label="Latency by command">
        <table className="table">
          <thead>
            <tr>
              {['Command', 'LUN', 'Count', 'p50', 'p90', 'p99', 'p99.9', 'Max', 'Mean', 'Bytes', ''].map((name) => (
                <th key={name} scope="col" data-number={!['Command', ''].includes(name)}>
                  {name === '' ? <span className="visually-hidden">Actions</span> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {value.groups.map((group) => (
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
                <td className="mono" data-number>
                  {group.lun ?? 'all'}
                </td>
                <td className="mono" data-number>
                  {formatCount(BigInt(group.count))}
                </td>
                {[group.p50Ns, group.p90Ns, group.p99Ns, group.p999Ns, group.maxNs, group.meanNs].map((ns, at) => (
                  <td key={at} className="mono" data-number>
                    {formatNs(ns)}
                  </td>
                ))}
                <td className="mono" data-number>
                  {formatBytes(BigInt(Math.round(group.bytes)))}
                </td>
                <td>
                  <button
                    type="button"
                    className="link"
                    onClick={() => {
                      onFilter(`scsi.opcode == 0x${group.opcode.toString(16).padStart(2, '0')}`);
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
      </div>
    </div>
  );
}
