import type { DemoTarget } from '../../../electron/contract/demo.ts';
import { CopyText } from '../../components/copy-text.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCount, formatPortal } from '../../lib/format.ts';
import { lunParams, sessionFor, useExplorer } from '../../state/explorer-store.ts';
import { openTab } from '../../state/shell-store.ts';

/** The eight bytes of a small LUN number, in hex. */
const lunHexOf = (lun: number): string => `00${lun.toString(16).padStart(2, '0')}${'0'.repeat(12)}`;

/** Signs in to the demo target unless that is done, and opens the LUN. What fails is shown where one signs in. */
async function openLun({ name, portals, credentials }: DemoTarget, lun: number): Promise<void> {
  const [portal] = portals;
  if (portal === undefined) return;
  const place = { host: portal.host, port: portal.port, target: name };
  const session = sessionFor(useExplorer.getState().sessions, place);
  if (session?.state !== 'full') {
    const chap = credentials === null ? null : { user: credentials.user, secret: credentials.secret, mutual: null };
    const attempt = `demo-${Date.now().toString(36)}`;
    await request('sessions.login', { ...place, attempt, chap, options: {}, save: false, keepSecrets: false });
  }
  openTab('lun', lunParams(place, lunHexOf(lun)));
}

function LunRows({ target }: { readonly target: DemoTarget }) {
  return (
    <table className="table" aria-label={`LUNs of ${target.alias}`}>
      <thead>
        <tr>
          <th scope="col" className="demo-number demo-lun">
            LUN
          </th>
          <th scope="col">What it is</th>
          <th scope="col" className="demo-number demo-size">
            Size
          </th>
          <th scope="col" className="demo-number demo-blocks">
            Blocks × bytes
          </th>
        </tr>
      </thead>
      <tbody>
        {target.luns.map((lun) => (
          <tr key={lun.lun}>
            <td className="mono demo-number">{lun.lun}</td>
            <td className="demo-what">
              <button type="button" className="link" onClick={() => void openLun(target, lun.lun)}>
                {lun.title}
              </button>{' '}
              {lun.writable ? null : <span className="badge">read-only</span>}{' '}
              <span className="muted" title={lun.description}>
                {lun.description}
              </span>
            </td>
            <td className="mono demo-number">{formatBytes(BigInt(lun.blocks) * BigInt(lun.blockSize))}</td>
            <td className="mono demo-number">{`${formatCount(BigInt(lun.blocks))} × ${lun.blockSize}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One target: its name, the portals that lead to it, what logs in, its LUNs. */
export function TargetCard({ target }: { readonly target: DemoTarget }) {
  return (
    <article className="demo-target">
      <header className="demo-target-head">
        <h3>{target.alias}</h3>
        <div className="demo-portals mono">
          {target.portals.map((portal) => `${formatPortal(portal)},${portal.groupTag ?? '-'}`).join('  ')}
        </div>
        <p className="muted">{target.description}</p>
        <CopyText text={target.name} what="iSCSI name" />
        {target.credentials === null ? null : (
          <p>
            CHAP name <span className="mono selectable">{target.credentials.user}</span>, secret{' '}
            <span className="mono selectable">{target.credentials.secret}</span>
          </p>
        )}
      </header>
      <LunRows target={target} />
    </article>
  );
}
