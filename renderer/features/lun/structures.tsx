import { useEffect, useState } from 'react';
import type { DiskStructureEntry } from '../../../electron/contract/blocks.ts';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { LunSummary, SessionEntry } from '../../../electron/contract/sessions.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes } from '../../lib/format.ts';
import { lunParams } from '../../state/explorer-store.ts';
import { useNumbers } from '../../state/number-base.ts';

interface Row {
  readonly entry: DiskStructureEntry;
  readonly level: number;
}

const DEEPEST = 1;

/** The structures down to what a partition holds; the entries of a table are its partitions, and shown as those. */
function flatten(entries: readonly DiskStructureEntry[], level = 0): Row[] {
  return entries
    .filter(({ label }) => !/^Entry \d/.test(label))
    .flatMap((entry) => [{ entry, level }, ...(level < DEEPEST ? flatten(entry.children, level + 1) : [])]);
}

/** The partitions and filesystems that the LUN's own blocks show. */
export function Structures({
  session,
  lun,
  told,
}: {
  readonly session: SessionEntry;
  readonly lun: LunSummary;
  /** Whether the page tells that the session is down, which no error here has to tell again. */
  readonly told: boolean;
}) {
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const { id } = session;
  const isUp = session.state === 'full';
  const numbers = useNumbers();
  useEffect(() => {
    if (!isUp) return undefined;
    let gone = false;
    void request('blocks.structures', { id, lun: lun.lun }).then((answer) => {
      if (gone) return;
      setRows(answer.ok ? flatten(answer.value.structures) : null);
      setError(answer.ok ? null : answer.error);
    });
    return () => {
      gone = true;
    };
  }, [id, lun.lun, isUp]);
  const shown = told ? null : error;
  if (rows === null && shown === null) return null;
  return (
    <section className="section">
      <h2>Partitions and filesystems</h2>
      {shown === null ? null : (
        <ErrorNotice
          error={shown}
          about={`Partitions of LUN ${lun.text} of ${session.target}`}
          lun={lunParams(session, lun.lun)}
          session={session.id}
        />
      )}
      {rows === null ? null : rows.length === 0 ? (
        <p className="muted">The blocks show neither a partition table nor a filesystem that is known here.</p>
      ) : (
        <div className="table-scroll">
          <table className="table" aria-label="Partitions and filesystems">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Detail</th>
                <th scope="col" className="number">
                  From LBA
                </th>
                <th scope="col" className="number">
                  Length
                </th>
                <th scope="col">Problems</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ entry, level }, index) => (
                <tr key={index}>
                  <td style={{ paddingLeft: 10 + level * 16 }}>{entry.label}</td>
                  <td>{entry.detail}</td>
                  <td className="mono number">{numbers(BigInt(entry.offset) / BigInt(lun.blockSize ?? 1))}</td>
                  <td className="mono number">{formatBytes(BigInt(entry.length))}</td>
                  <td className={entry.problems.length === 0 ? 'muted' : 'warn'}>
                    {entry.problems.join(' ') || 'none'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
