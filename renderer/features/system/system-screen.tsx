import { useEffect, useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { SystemAct, SystemFound, SystemState } from '../../../electron/contract/system.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { Empty } from '../../components/empty.tsx';
import { TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { useReady } from '../../lib/use-ready.ts';
import { runCommand } from '../../state/commands.ts';
import type { TabProps } from '../../state/plugs.ts';
import { useShell } from '../../state/shell-store.ts';
import { readSystem, useSystem } from '../../state/system-store.ts';

function Sessions({ state, act }: { readonly state: SystemState; readonly act: (what: SystemAct) => void }) {
  if (state.sessions.length === 0) {
    return (
      <Empty action={{ label: 'Add a portal to Lunascope itself', run: () => runCommand('portal.add') }}>
        {state.sessionsNote ??
          'The kernel has no iSCSI session. Discover and log in below, or look with this program’s own initiator, which needs no rights.'}
      </Empty>
    );
  }
  return (
    <table className="table" aria-label="Sessions of the kernel">
      <thead>
        <tr>
          <th scope="col">Target</th>
          <th scope="col">Portal</th>
          <th scope="col">State</th>
          <th scope="col">
            <span className="visually-hidden">Log out</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {state.sessions.map(({ target, portal, groupTag, state: word, persistent }) => (
          <tr key={persistent}>
            <td className="mono">{target}</td>
            <td className="mono">{`${portal},${groupTag}`}</td>
            <td>{word}</td>
            <td>
              <button
                type="button"
                className="link"
                disabled={state.actsNote !== null}
                onClick={() => act({ action: 'logout', at: { target, portal, groupTag } })}
              >
                Log out
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Where the system's files and its iscsiadm are, for a program that runs in a container. */
function Root() {
  const kept = useShell((shell) => shell.settings?.systemRoot ?? '');
  const changeSettings = useShell((shell) => shell.changeSettings);
  const [path, setPath] = useState(kept);
  const good = path === '' || path.startsWith('/');
  const use = async (): Promise<void> => {
    await changeSettings({ systemRoot: path });
    await readSystem();
  };
  return (
    <details className="group section">
      <summary>Root directory of the system{kept === '' ? '' : `: ${kept}`}</summary>
      <div className="group-body">
        <TextField
          label="Directory"
          mono
          value={path}
          placeholder="/host"
          error={good ? null : 'A directory from the root on, such as /host.'}
          help="For a program in a container that sees the system it works for under a directory. iscsiadm then runs with its root changed to it; empty is this very system."
          onChange={setPath}
        />
        <div className="form-actions">
          <Button disabled={!good || path === kept} onClick={() => void use()}>
            Use this directory
          </Button>
        </div>
      </div>
    </details>
  );
}

/** This computer's own initiator: its names, its kernel sessions, and what it can be asked to do. */
export function SystemScreen({ active }: TabProps) {
  const { state, error: unread } = useSystem();
  const [found, setFound] = useState<readonly SystemFound[] | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [address, setAddress] = useState('');
  const [busy, setBusy] = useState(false);
  useReady('system', state !== null);
  useEffect(() => {
    if (active) void readSystem();
  }, [active]);
  const act = async (what: SystemAct): Promise<void> => {
    setBusy(true);
    setError(null);
    const answer = await request('system.act', what);
    setBusy(false);
    if (!answer.ok) setError(answer.error);
    else if (what.action === 'discover') setFound(answer.value.found);
    await readSystem();
  };
  if (state === null) return unread === null ? null : <ErrorNotice error={unread} />;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>This computer</h1>
          <p className="page-lead">
            The initiator of the operating system, beside the one inside this program. Its sessions give block devices
            to this computer; they need root, and are asked for through iscsiadm.
          </p>
        </div>
        <span className="page-spring" />
        <Button disabled={busy || state.actsNote !== null} onClick={() => void act({ action: 'rescan' })}>
          Rescan its sessions
        </Button>
      </div>
      {error === null ? null : <ErrorNotice error={error} about="This computer’s initiator" />}
      <section className="section">
        <h2>Its names</h2>
        {state.names.map((name) => (
          <p key={name}>
            <CopyText text={name} what="initiator name" />
          </p>
        ))}
        {state.namesError === null ? null : (
          <ErrorNotice error={state.namesError} about="Names of this computer’s initiator" />
        )}
        {state.names.length === 0 && state.namesError === null ? <p className="muted">It states none.</p> : null}
      </section>
      <section className="section">
        <h2>Its sessions</h2>
        <Sessions state={state} act={(what) => void act(what)} />
      </section>
      <section className="section">
        <h2>Discover and log in through it</h2>
        {state.actsNote === null ? (
          <div className="measure-form">
            <TextField
              label="Portal"
              mono
              width="medium"
              placeholder="array.example.com:3260"
              value={address}
              onChange={setAddress}
            />
            <Button
              disabled={busy || address.trim() === ''}
              onClick={() => void act({ action: 'discover', address: address.trim() })}
            >
              Discover
            </Button>
          </div>
        ) : (
          <p className="muted">{state.actsNote}</p>
        )}
        {found === null ? null : found.length === 0 ? (
          <Empty demo={false}>The portal lists no target for this computer’s own initiator name.</Empty>
        ) : (
          <table className="table" aria-label="Targets found">
            <tbody>
              {found.map((at) => (
                <tr key={at.portal + at.target}>
                  <td className="mono">{at.target}</td>
                  <td className="mono">{`${at.portal},${at.groupTag}`}</td>
                  <td>
                    <button
                      type="button"
                      className="link"
                      disabled={busy}
                      onClick={() => void act({ action: 'login', at })}
                    >
                      Log in
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <Root />
    </div>
  );
}
