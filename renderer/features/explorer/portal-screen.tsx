import { Bookmark, RefreshCw, Trash2 } from 'lucide-react';
import { AttemptSteps } from '../../components/attempt-steps.tsx';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { Empty } from '../../components/empty.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { useAttempt } from '../../lib/attempt.ts';
import { request } from '../../lib/client.ts';
import { formatClock, formatDuration, formatPortal } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { runCommand } from '../../state/commands.ts';
import { targetParams, useExplorer, usePortal } from '../../state/explorer-store.ts';
import type { TabProps } from '../../state/plugs.ts';
import { closeTab, openTab } from '../../state/shell-store.ts';

const ROW = 23;
/** Names of targets differ at their ends, so they are cut before them. */
const TAIL = 12;

/** One portal: what it answered last, and the targets it told of. */
export function PortalScreen({ id, params }: TabProps) {
  useReady('portal');
  const host = params['host'] ?? '';
  const port = Number(params['port']);
  const portal = usePortal(host, port);
  const sessions = useExplorer((store) => store.sessions);
  const { state, run, cancel } = useAttempt();
  const name = formatPortal({ host, port });
  const ask = (): void => {
    const user = portal?.user ?? null;
    const chap = user === null ? null : { user, secret: null, mutual: null };
    const save = portal?.origin === 'saved';
    const tls = portal?.tls ?? {};
    void run((attempt) => request('portals.discover', { host, port, attempt, chap, tls, save, keepSecrets: false }));
  };
  const remove = async (): Promise<void> => {
    const answer = await request('portals.remove', { host, port });
    if (answer.ok) closeTab(id);
  };
  if (portal === null) {
    return (
      <div className="page">
        <h1 className="mono">{name}</h1>
        <Empty action={{ label: 'Add it', run: () => openTab('add-portal', { host, port: String(port) }) }}>
          This portal is not known in this run.
        </Empty>
      </div>
    );
  }
  const running = state.phase === 'running' || portal.state === 'asking';
  const error = state.error ?? portal.error;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1 className="mono">{name}</h1>
          <p className="page-lead">
            {portal.askedAt === null
              ? 'Not asked yet: nothing is contacted until you say so.'
              : `Asked at ${formatClock(portal.askedAt)}${portal.tookMs === null ? '' : `, ${portal.state === 'failed' ? 'failed after' : 'answered in'} ${formatDuration(portal.tookMs)}`}.`}
          </p>
        </div>
        <span className="page-spring" />
        {running && state.phase === 'running' ? <Button onClick={cancel}>Cancel</Button> : null}
        <Button disabled={running} onClick={ask}>
          <RefreshCw size={13} aria-hidden /> Discover targets
        </Button>
        {portal.origin === 'found' ? (
          <Button onClick={() => void request('portals.add', { host, port })}>
            <Bookmark size={13} aria-hidden /> Keep under Saved
          </Button>
        ) : null}
        {portal.origin === 'demo' ? null : (
          <Button onClick={() => void remove()}>
            <Trash2 size={13} aria-hidden /> Forget
          </Button>
        )}
      </div>
      {state.phase === 'running' || state.phase === 'failed' ? <AttemptSteps state={state} /> : null}
      {error === null ? null : (
        <ErrorNotice
          error={error}
          about={`Discovery through ${name}`}
          actions={
            <>
              <Button primary disabled={running} onClick={ask}>
                Try again
              </Button>
              <Button onClick={() => openTab('add-portal', { host, port: String(port) })}>Ask in another way</Button>
            </>
          }
        />
      )}
      {portal.warnings.map((warning) => (
        <p key={warning} className="muted">
          {warning}
        </p>
      ))}
      {portal.targets.length === 0 ? (
        portal.state === 'answered' ? (
          <Empty action={{ label: 'Copy this computer’s initiator name', run: () => runCommand('initiator.copyName') }}>
            The portal answered, and lists no target for this initiator. Arrays show only what their access lists allow:
            add this computer’s name there.
          </Empty>
        ) : portal.state === 'unchecked' && !running ? (
          <Empty action={{ label: 'Discover targets', run: ask }}>
            What this portal has is not known yet. Asking it (SendTargets) changes nothing and signs in to nothing.
          </Empty>
        ) : null
      ) : (
        <section className="section">
          <h2>{`Targets (${portal.targets.length})`}</h2>
          <div className="list-head">
            <span>Target</span>
            <span>Portals and groups</span>
            <span>State</span>
          </div>
          <VirtualRows
            className="portal-targets"
            label="Targets"
            role="list"
            count={portal.targets.length}
            rowHeight={ROW}
          >
            {(index) => {
              const target = portal.targets[index];
              if (target === undefined) return null;
              const up = sessions.some((session) => session.target === target.name && session.state === 'full');
              return (
                <div key={target.name} role="listitem" className="list-row">
                  <span className="copyable">
                    <button
                      type="button"
                      className="link mono list-name"
                      title={target.name}
                      aria-label={target.name}
                      onClick={() => openTab('target', targetParams({ host, port, target: target.name }))}
                    >
                      <span className="list-name-head">{target.name.slice(0, -TAIL)}</span>
                      <span>{target.name.slice(-TAIL)}</span>
                    </button>
                  </span>
                  <span className="mono muted list-cut" title={target.portals.map(formatPortal).join('  ')}>
                    {target.portals.map((one) => `${formatPortal(one)},${one.groupTag ?? '-'}`).join('  ')}
                  </span>
                  <span className={up ? 'ok' : 'muted'}>{up ? 'signed in' : 'not signed in'}</span>
                </div>
              );
            }}
          </VirtualRows>
        </section>
      )}
      <section className="section">
        <h2>Initiator</h2>
        <CopyText text={useExplorer.getState().explorer.initiatorName} what="initiator name" />
      </section>
    </div>
  );
}
