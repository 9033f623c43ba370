import { useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { MeasurementResult } from '../../../electron/contract/luns.ts';
import type { LunSummary, SessionEntry } from '../../../electron/contract/sessions.ts';
import { Button } from '../../components/button.tsx';
import { Chart } from '../../components/chart.tsx';
import { ChoiceField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { PathOffer } from '../../components/read-path.tsx';
import { request } from '../../lib/client.ts';
import type { TabParams } from '../../state/plugs.ts';
import { formatCount, formatMicros } from '../../lib/format.ts';

const SIZES = ['512', '4096', '8192', '65536', '262144', '1048576'];
const DEPTHS = ['1', '4', '8', '16', '32', '64', '128'];
const SECONDS = ['1', '3', '10', '30'];
const sizeWords = (bytes: string): string =>
  Number(bytes) < 1024
    ? `${bytes} B`
    : Number(bytes) < 1_048_576
      ? `${Number(bytes) / 1024} KiB`
      : `${Number(bytes) / 1_048_576} MiB`;
const choices = (values: readonly string[], words: (value: string) => string = (value) => value) =>
  values.map((value) => ({ value, label: words(value) }));

function Result({ found }: { readonly found: MeasurementResult }) {
  const used = found.histogram.filter(({ count }) => count > 0);
  const first = used[0];
  const last = used.at(-1);
  const shown = found.histogram.filter(
    ({ fromUs }) => first !== undefined && last !== undefined && fromUs >= first.fromUs && fromUs <= last.fromUs,
  );
  return (
    <div className="measure-result">
      <dl className="figures">
        <div>
          <dt>IOPS</dt>
          <dd className="mono">{formatCount(BigInt(Math.round(found.iops)))}</dd>
        </div>
        <div>
          <dt>MB/s</dt>
          <dd className="mono">{found.mbps.toFixed(1)}</dd>
        </div>
        <div>
          <dt>Median</dt>
          <dd className="mono">{formatMicros(found.p50Us)}</dd>
        </div>
        <div>
          <dt>99 %</dt>
          <dd className="mono">{formatMicros(found.p99Us)}</dd>
        </div>
        <div>
          <dt>Reads</dt>
          <dd className="mono">{formatCount(BigInt(found.operations))}</dd>
        </div>
        <div>
          <dt>In</dt>
          <dd className="mono">{`${found.seconds.toFixed(1)} s`}</dd>
        </div>
      </dl>
      {first === undefined || last === undefined ? null : (
        <Chart
          label={`Latency histogram from ${formatMicros(first.fromUs)} to ${formatMicros(last.toUs)}; half of the reads took less than ${formatMicros(found.p50Us)}, 99 % less than ${formatMicros(found.p99Us)}`}
          x={shown.map(({ fromUs }) => fromUs)}
          series={[{ label: 'Reads by latency', token: '--pdu-cmd', values: shown.map(({ count }) => count) }]}
          time={false}
          bars
          logX
          format={(value) => formatCount(BigInt(Math.round(value)))}
          formatX={formatMicros}
        />
      )}
    </div>
  );
}

/** A read-only probe of how fast the LUN answers; it stays while the session is away. */
export function Measure({
  session,
  lun,
  params,
  told,
}: {
  readonly session: SessionEntry;
  readonly lun: LunSummary;
  readonly params: TabParams;
  /** Whether the page tells that the session is down; why the last run failed then waits until it is back. */
  readonly told: boolean;
}) {
  const blockSize = lun.blockSize ?? 512;
  const sizes = SIZES.filter((size) => Number(size) >= blockSize && Number(size) % blockSize === 0);
  const [access, setAccess] = useState<'read' | 'randread'>('randread');
  const [size, setSize] = useState('4096');
  const [depth, setDepth] = useState('16');
  const [seconds, setSeconds] = useState('3');
  const [running, setRunning] = useState(false);
  const [found, setFound] = useState<MeasurementResult | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const isUp = session.state === 'full';
  const run = async (): Promise<void> => {
    setRunning(true);
    setError(null);
    const answer = await request('luns.measure', {
      id: session.id,
      lun: lun.lun,
      access,
      blockBytes: Number(size),
      queueDepth: Number(depth),
      seconds: Number(seconds),
    });
    setRunning(false);
    if (answer.ok) setFound(answer.value);
    else if (answer.error.code !== 'CANCELLED') setError(answer.error);
  };
  return (
    <section className="section">
      <h2>Measure</h2>
      <div className="measure-form">
        <ChoiceField
          label="Reads"
          value={access}
          onChange={setAccess}
          choices={[
            { value: 'randread', label: 'Random' },
            { value: 'read', label: 'Sequential' },
          ]}
        />
        <ChoiceField label="Size" value={size} onChange={setSize} choices={choices(sizes, sizeWords)} />
        <ChoiceField label="At a time" value={depth} onChange={setDepth} choices={choices(DEPTHS)} />
        <ChoiceField label="Seconds" value={seconds} onChange={setSeconds} choices={choices(SECONDS)} />
        <Button disabled={running || !isUp} onClick={() => void run()}>
          {running ? 'Measuring' : 'Measure'}
        </Button>
        <span className="field-help">
          {isUp
            ? 'Reads only; nothing is written. It warms up for a second, and runs as a job that can be cancelled.'
            : told
              ? 'It can be measured once its session is back.'
              : 'The session that reads go through is not up now.'}
        </span>
      </div>
      {error === null || told ? null : (
        <ErrorNotice
          error={error}
          about={`Measuring LUN ${lun.text} of ${session.target}`}
          lun={params}
          session={session.id}
          actions={
            <>
              <Button disabled={running || !isUp} onClick={() => void run()}>
                Measure again
              </Button>
              <PathOffer params={params} error={error} />
            </>
          }
        />
      )}
      {found === null ? null : <Result found={found} />}
    </section>
  );
}
