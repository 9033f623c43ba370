import { useMemo } from 'react';
import type { LunSummary, SessionEntry } from '../../electron/contract/sessions.ts';
import { formatBytes } from '../lib/format.ts';
import { useNumbers } from '../state/number-base.ts';
import { lunParams, useExplorer } from '../state/explorer-store.ts';
import { openTab } from '../state/shell-store.ts';
import { pathFinder, pathsWords, unitName } from '../state/units.ts';
import { useCapped } from './capped.tsx';

function Badges({ lun, paths }: { readonly lun: LunSummary; readonly paths: string | null }) {
  const words = [
    ...(lun.readOnly === true ? ['read-only'] : []),
    ...(lun.thin ? ['thin'] : []),
    ...(lun.reserved === null ? [] : [`reserved: ${lun.reserved}`]),
    ...(paths === null ? [] : [paths]),
    ...(lun.path === null ? [] : [lun.path.state]),
  ];
  return (
    <span className="badges">
      {words.map((word) => (
        <span key={word} className="badge">
          {word}
        </span>
      ))}
      {lun.error === null ? null : (
        <span className="badge" data-kind="err" title={lun.error.message}>
          error
        </span>
      )}
    </span>
  );
}

/** The LUNs of a session, each a way to its screen. */
export function LunTable({ session }: { readonly session: SessionEntry }) {
  const sessions = useExplorer((store) => store.sessions);
  const pathsOf = useMemo(() => pathFinder(sessions), [sessions]);
  const { shown, rest } = useCapped(session.luns ?? [], 'LUNs');
  const numbers = useNumbers();
  return (
    <div className="table-scroll">
      <table className="table" aria-label={`LUNs of session ${session.number}`}>
        <thead>
          <tr>
            <th scope="col">LUN</th>
            <th scope="col">Vendor and product</th>
            <th scope="col" className="number">
              Size
            </th>
            <th scope="col" className="number">
              Blocks × bytes
            </th>
            <th scope="col">Name</th>
            <th scope="col">Marks</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((lun) => (
            <tr key={lun.lun}>
              <td>
                <button type="button" className="link mono" onClick={() => openTab('lun', lunParams(session, lun.lun))}>
                  {`LUN ${lun.text}`}
                </button>
              </td>
              <td>{`${lun.vendor} ${lun.product}`.trim() || <span className="muted">{lun.deviceType}</span>}</td>
              <td className="mono number">{lun.bytes === null ? '–' : formatBytes(BigInt(lun.bytes))}</td>
              <td className="mono number">
                {lun.blocks === null ? '–' : `${numbers(BigInt(lun.blocks))} × ${lun.blockSize ?? '?'}`}
              </td>
              <td className="mono muted">{unitName(lun)?.text ?? lun.serial ?? '–'}</td>
              <td>
                <Badges lun={lun} paths={pathsWords(pathsOf(session, lun))} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest}
    </div>
  );
}
