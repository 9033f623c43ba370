import type { DemoTarget } from '../../../electron/contract/demo.ts';
import { CopyText } from '../../components/copy-text.tsx';
import { formatBytes, formatCount, formatPortal } from '../../lib/format.ts';

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
            <td>
              {lun.title} <span className="muted">{lun.description}</span>{' '}
              {lun.writable ? null : <span className="demo-badge">read-only</span>}
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
