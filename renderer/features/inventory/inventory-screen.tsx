import { Download, GitCompare } from 'lucide-react';
import { useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { InventoryChanges } from '../../../electron/contract/inventory.ts';
import { Button } from '../../components/button.tsx';
import { useCapped } from '../../components/capped.tsx';
import { Empty } from '../../components/empty.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatCountOf, shortName } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { runCommand } from '../../state/commands.ts';
import { lunParams, targetParams, useExplorer } from '../../state/explorer-store.ts';
import { openTab } from '../../state/shell-store.ts';
import { joinUnits, unitName } from '../../state/units.ts';
import { unsignedTargets, type UnsignedTarget } from './unsigned-targets.ts';

const KINDS = { new: 'New', gone: 'Gone', changed: 'Changed' };
const BADGES = { new: 'ok', gone: 'err', changed: 'warn' };

function Changes({ changes }: { readonly changes: InventoryChanges }) {
  return (
    <section className="section">
      <h2>{`Since ${changes.file}`}</h2>
      <p className="muted" role="status">
        {`Saved ${new Date(changes.savedAt).toLocaleString()}. The same: ${formatCountOf(BigInt(changes.same), 'row')}; not the same: ${formatCountOf(BigInt(changes.changes.length), 'row')}.`}
      </p>
      {changes.changes.length === 0 ? null : (
        <table className="table" aria-label="Changes">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">Details</th>
            </tr>
          </thead>
          <tbody>
            {changes.changes.map(({ kind, what, fields }) => (
              <tr key={kind + what}>
                <td>
                  <span className="badge" data-kind={BADGES[kind]}>
                    {KINDS[kind]}
                  </span>
                </td>
                <td className="mono">{what}</td>
                <td>
                  {fields
                    .map(({ name, before, now }) => `${name}: ${before || 'nothing'} → ${now || 'nothing'}`)
                    .join('; ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** What to do while targets are known and no LUN is. */
function NoDisks({ first }: { readonly first: UnsignedTarget | undefined }) {
  const action =
    first === undefined
      ? { label: 'Discover all portals again', run: () => runCommand('portal.discoverAll') }
      : {
          label: 'Sign in to the first target',
          run: () => openTab('target', targetParams({ ...first.portal, target: first.name })),
        };
  return <Empty action={action}>Nobody is signed in to any target, so no LUN is known.</Empty>;
}

/** Every portal, target and LUN that is known now, to save or to compare. */
export function InventoryScreen() {
  useReady('inventory');
  const { explorer, sessions } = useExplorer();
  const [changes, setChanges] = useState<InventoryChanges | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const { units } = joinUnits(sessions);
  const save = async (format: 'csv' | 'json'): Promise<void> => {
    const answer = await request('inventory.save', { format });
    setError(answer.ok ? null : answer.error);
    if (answer.ok && answer.value.path !== null) toast(`Saved ${answer.value.path}.`);
  };
  const compare = async (): Promise<void> => {
    const answer = await request('inventory.compare', undefined);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setChanges(answer.value);
  };
  const signedIn = new Set(sessions.map(({ target }) => target));
  const waiting = unsignedTargets(explorer.portals, signedIn);
  const disks = useCapped(units, 'disks');
  const unsigned = useCapped(waiting, 'targets');
  const nothing = explorer.portals.length === 0 && sessions.length === 0;
  return (
    <div className="page page-wide">
      <div className="page-head">
        <div>
          <h1>Inventory</h1>
          <p className="page-lead">
            What is known in this run. LUNs are listed where somebody is signed in; nothing is asked for this list.
          </p>
        </div>
        <span className="page-spring" />
        <Button disabled={nothing} onClick={() => void save('csv')}>
          <Download size={13} aria-hidden /> Save as CSV
        </Button>
        <Button disabled={nothing} onClick={() => void save('json')}>
          <Download size={13} aria-hidden /> Save as JSON
        </Button>
        <Button onClick={() => void compare()}>
          <GitCompare size={13} aria-hidden /> Compare with a saved one
        </Button>
      </div>
      {error === null ? null : <ErrorNotice error={error} about="Inventory" />}
      {changes === null ? null : <Changes changes={changes} />}
      {nothing ? (
        <Empty action={{ label: 'Add portal', run: () => runCommand('portal.add') }}>Nothing is known yet.</Empty>
      ) : (
        <>
          <section className="section">
            <h2>{`Disks (${units.length})`}</h2>
            {units.length === 0 ? <NoDisks first={waiting[0]} /> : null}
            <div className="table-scroll" hidden={units.length === 0}>
              <table className="table" aria-label="Disks">
                <thead>
                  <tr>
                    <th scope="col">LUN</th>
                    <th scope="col">Vendor and product</th>
                    <th scope="col" className="number">
                      Size
                    </th>
                    <th scope="col">Name</th>
                    <th scope="col">Serial number</th>
                    <th scope="col" className="number">
                      Paths
                    </th>
                    <th scope="col">Target</th>
                  </tr>
                </thead>
                <tbody>
                  {disks.shown.map(({ key, paths }) => {
                    const [first] = paths;
                    if (first === undefined) return null;
                    const { lun, session } = first;
                    return (
                      <tr key={key}>
                        <td>
                          <button
                            type="button"
                            className="link mono"
                            onClick={() => openTab('lun', lunParams(session, lun.lun))}
                          >
                            {`LUN ${lun.text}`}
                          </button>
                        </td>
                        <td>{`${lun.vendor} ${lun.product}`}</td>
                        <td className="mono number">{lun.bytes === null ? '–' : formatBytes(BigInt(lun.bytes))}</td>
                        <td className="mono">{unitName(lun)?.text ?? '–'}</td>
                        <td className="mono">{lun.serial ?? '–'}</td>
                        <td className="mono number">{paths.length}</td>
                        <td className="mono" title={session.target}>
                          {shortName(session.target)}
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            {disks.rest}
          </section>
          {waiting.length === 0 ? null : (
            <section className="section">
              <h2>{`Targets nobody is signed in to (${waiting.length})`}</h2>
              <table className="table" aria-label="Targets nobody is signed in to">
                <thead>
                  <tr>
                    <th scope="col">Target</th>
                    <th scope="col">Portals</th>
                  </tr>
                </thead>
                <tbody>
                  {unsigned.shown.map(({ portal, name, through }) => (
                    <tr key={name}>
                      <td className="whole">
                        <button
                          type="button"
                          className="link mono wrap"
                          onClick={() => openTab('target', targetParams({ ...portal, target: name }))}
                        >
                          {name}
                        </button>
                      </td>
                      <td className="mono muted whole">{through.join(' ')}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {unsigned.rest}
            </section>
          )}
        </>
      )}
    </div>
  );
}
