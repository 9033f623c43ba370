import { useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { RoundTrips } from '../../../electron/contract/luns.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatMicros, formatPortal, shortName } from '../../lib/format.ts';
import { targetParams } from '../../state/explorer-store.ts';
import { choosePath, forgetPath, isThisWay, type ReadPath } from '../../state/read-path.ts';
import { openTab } from '../../state/shell-store.ts';
import type { UnitPath } from '../../state/units.ts';

type Timing = RoundTrips | WireError;

const US = 1000;
const keyOf = ({ session, lun }: UnitPath): string => `${session.id} ${lun.lun}`;
const isError = (timing: Timing): timing is WireError => 'code' in timing;

/** Times single reads on every path that is up, one path after another, so that they do not slow each other. */
function useTimings(paths: readonly UnitPath[]) {
  const [timings, setTimings] = useState<ReadonlyMap<string, Timing>>(new Map());
  const [running, setRunning] = useState(false);
  const time = async (): Promise<void> => {
    setRunning(true);
    for (const path of paths.filter(({ session }) => session.state === 'full')) {
      const answer = await request('luns.time', { id: path.session.id, lun: path.lun.lun });
      setTimings((before) => new Map(before).set(keyOf(path), answer.ok ? answer.value : answer.error));
    }
    setRunning(false);
  };
  return { timings, running, time: () => void time() };
}

function Row({
  path,
  reads,
  timing,
}: {
  readonly path: UnitPath;
  readonly reads: ReadPath;
  readonly timing: Timing | undefined;
}) {
  const { session, lun } = path;
  const { unit } = reads;
  const here = isThisWay(reads, path);
  return (
    <tr aria-current={here ? 'true' : undefined}>
      <td className="mono">{formatPortal(session)}</td>
      <td>
        <button
          type="button"
          className="link"
          onClick={() => openTab('session', { ...targetParams(session), session: session.id })}
        >
          {`Session ${session.number}`}
        </button>
        {session.state === 'full' ? null : <span className="warn"> lost</span>}
      </td>
      <td className="mono" title={session.target}>
        {shortName(session.target)}
      </td>
      <td className="mono">{lun.text}</td>
      <td>{lun.path === null ? 'not told' : `${lun.path.state}${lun.path.preferred ? ', preferred' : ''}`}</td>
      <td className="mono number">{lun.latencyMs === null ? '–' : formatMicros(lun.latencyMs * US)}</td>
      <td className="mono number">
        {timing === undefined ? (
          '–'
        ) : isError(timing) ? (
          <span className="err">failed</span>
        ) : (
          <span title={`${timing.reads} reads, from ${formatMicros(timing.leastMs * US)}`}>
            {`${formatMicros(timing.medianMs * US)} to ${formatMicros(timing.mostMs * US)}`}
          </span>
        )}
      </td>
      <td>
        {here ? (
          <span>{reads.chosen ? 'this way, as chosen' : 'this way'}</span>
        ) : unit === null || session.state !== 'full' ? null : (
          <button type="button" className="link" onClick={() => choosePath(unit, path)}>
            Read this way
          </button>
        )}
      </td>
    </tr>
  );
}

/** The ways to the disk: their access states, how long each takes, and which of them reads take. */
export function Paths({ reads }: { readonly reads: ReadPath }) {
  const { paths, unit, chosen } = reads;
  const { timings, running, time } = useTimings(paths);
  const [first] = paths;
  if (paths.length < 2 && first?.lun.path === null && !chosen) return null;
  const failed = paths.flatMap((path) => {
    const timing = timings.get(keyOf(path));
    return timing !== undefined && isError(timing) ? [{ path, error: timing }] : [];
  });
  return (
    <section className="section">
      <div className="section-head">
        <h2>{`Paths (${paths.length})`}</h2>
        <Button disabled={running || !paths.some(({ session }) => session.state === 'full')} onClick={time}>
          {running ? 'Timing' : 'Time the paths'}
        </Button>
        {chosen && unit !== null ? <Button onClick={() => forgetPath(unit)}>Forget the choice</Button> : null}
      </div>
      <div className="table-scroll">
        <table className="table" aria-label="Paths to this disk">
          <thead>
            <tr>
              <th scope="col">Portal</th>
              <th scope="col">Session</th>
              <th scope="col">Target</th>
              <th scope="col">LUN</th>
              <th scope="col">Access state</th>
              <th scope="col" className="number">
                INQUIRY took
              </th>
              <th scope="col" className="number">
                Reads, median to slowest
              </th>
              <th scope="col">Reads go</th>
            </tr>
          </thead>
          <tbody>
            {paths.map((path) => (
              <Row key={keyOf(path)} path={path} reads={reads} timing={timings.get(keyOf(path))} />
            ))}
          </tbody>
        </table>
      </div>
      {failed.map(({ path, error }) => (
        <ErrorNotice
          key={keyOf(path)}
          error={error}
          about={`Timing reads of LUN ${path.lun.text} through ${formatPortal(path.session)}`}
          session={path.session.id}
        />
      ))}
      <p className="field-help">
        One disk, by its own world-wide name and the same capacity. Sectors, Measure and searches read the way that is
        marked; a path that fails is never changed behind your back. The choice is kept for this disk.
      </p>
    </section>
  );
}
