import { Link, LogOut, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { formatIscsiUrl } from '../../../core/browser.ts';
import type { SessionEntry } from '../../../electron/contract/sessions.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { Empty } from '../../components/empty.tsx';
import { LunTable } from '../../components/lun-table.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { SignInForm } from '../../components/sign-in.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatClock, formatPortal, shortName } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import {
  dropSession,
  leadsTo,
  lunParams,
  placeOf,
  targetParams,
  useExplorer,
  usePortal,
  type TargetPlace,
} from '../../state/explorer-store.ts';
import type { TabProps } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { usePrefill } from '../../state/prefill.ts';
import './target.css';

const WORDS: Readonly<Record<SessionEntry['state'], string>> = {
  idle: 'Idle',
  connecting: 'Connecting',
  login: 'Logging in',
  full: 'Signed in',
  recovering: 'Reconnecting',
  'logging-out': 'Signing out',
  closed: 'Closed',
};

const LONGEST_HEADING = 48;

/** A target without an alias goes by the end of its name, unless that is long too. */
function headingOf(target: string): string {
  const name = shortName(target);
  return name.length > LONGEST_HEADING ? 'Target' : name;
}

async function copyLink(place: TargetPlace, user: string | null): Promise<void> {
  const text = formatIscsiUrl({ ...place, ...(user === null ? {} : { user }) });
  const answer = await request('clipboard.writeText', { text });
  if (answer.ok) toast('Copied the iscsi:// link, without secrets.');
}

function SessionPart({ session }: { readonly session: SessionEntry }) {
  const isUp = session.state === 'full';
  const gone = session.state === 'closed';
  const about = `Session ${session.number} with ${session.target} through ${formatPortal(session)}`;
  return (
    <section className="section target-session">
      <div className="target-session-head">
        <h2>{`Session ${session.number}`}</h2>
        <span className="state-dot" data-state={isUp ? 'ok' : gone ? 'err' : 'busy'} aria-hidden />
        <span>{gone && session.error === null ? 'Signed out' : WORDS[session.state]}</span>
        <span className="muted">
          {`since ${formatClock(session.since)}${session.user === null ? '' : ` as ${session.user}`}${session.targetProven ? ', the target proved itself' : ''}`}
        </span>
        <span className="page-spring" />
        <Button onClick={() => openTab('session', { ...targetParams(session), session: session.id })}>
          Session details
        </Button>
        {isUp ? (
          <>
            <Button disabled={session.scanning} onClick={() => void request('sessions.rescan', { id: session.id })}>
              <RefreshCw size={13} aria-hidden /> Rescan
            </Button>
            <Button onClick={() => void request('sessions.logout', { id: session.id })}>
              <LogOut size={13} aria-hidden /> Sign out
            </Button>
          </>
        ) : (
          <Button onClick={() => dropSession(session)}>{gone ? 'Dismiss' : 'End session'}</Button>
        )}
      </div>
      {session.error === null ? null : <ErrorNotice error={session.error} about={about} session={session.id} />}
      {session.lunsError === null ? null : (
        <ErrorNotice
          error={session.lunsError}
          about={`Listing the LUNs of ${session.target}`}
          actions={<Button onClick={() => void request('sessions.rescan', { id: session.id })}>Rescan</Button>}
        />
      )}
      {session.luns === null ? (
        session.scanning ? (
          <p className="muted" role="status">
            Listing LUNs
          </p>
        ) : null
      ) : session.luns.length === 0 ? (
        <Empty action={{ label: 'Rescan', run: () => void request('sessions.rescan', { id: session.id }) }}>
          Signed in, but no LUN is mapped to this initiator. Map one to its name on the array, then rescan.
        </Empty>
      ) : (
        <LunTable session={session} />
      )}
    </section>
  );
}

/** One target: where it is reached, who is signed in, what it holds, and the way in. */
export function TargetScreen({ params }: TabProps) {
  useReady('target');
  const place = placeOf(params);
  const sessions = useExplorer((store) => store.sessions).filter((session) => leadsTo(session, place));
  const portal = usePortal(place.host, place.port);
  const prefill = usePrefill(place);
  const [another, setAnother] = useState(false);
  const known = portal?.targets.find(({ name }) => name === place.target);
  const live = sessions.filter(({ state }) => state !== 'closed');
  const alias = sessions.find((session) => session.alias !== null)?.alias ?? null;
  const own = known?.portals.find(({ host, port }) => host === place.host && port === place.port);
  const tag = own?.groupTag ?? null;
  const afterSignIn = (session: SessionEntry): void => {
    setAnother(false);
    const wanted = prefill?.lun ?? null;
    const lun = session.luns?.find(({ number }) => number === wanted);
    if (wanted !== null && lun !== undefined) openTab('lun', lunParams(place, lun.lun));
  };
  return (
    <div className="page page-wide">
      <div className="page-head">
        <div className="page-head-text">
          <h1>{alias ?? headingOf(place.target)}</h1>
          <CopyText text={place.target} what="iSCSI name" />
        </div>
        <span className="page-spring" />
        <Button onClick={() => void copyLink(place, live[0]?.user ?? null)}>
          <Link size={13} aria-hidden /> Copy as iscsi://
        </Button>
      </div>
      <dl className="facts">
        <dt>Portal</dt>
        <dd className="mono">{`${formatPortal(place)}${tag === null ? '' : `, group ${tag}`}`}</dd>
        {known === undefined || known.portals.length < 2 ? null : (
          <>
            <dt>Also through</dt>
            <dd className="target-portals">
              {known.portals
                .filter((one) => one !== own)
                .map((one) => (
                  <button
                    key={formatPortal(one)}
                    type="button"
                    className="link mono"
                    onClick={() => openTab('target', targetParams({ ...one, target: place.target }))}
                  >
                    {`${formatPortal(one)}, group ${one.groupTag ?? '-'}`}
                  </button>
                ))}
            </dd>
          </>
        )}
      </dl>
      {sessions.map((session) => (
        <SessionPart key={session.id} session={session} />
      ))}
      {live.length === 0 || another ? (
        <section className="section">
          <h2>{live.length === 0 ? 'Sign in' : 'Another session'}</h2>
          <SignInForm place={place} onDone={afterSignIn} />
        </section>
      ) : (
        <p className="section">
          <Button onClick={() => setAnother(true)}>Open another session</Button>
        </p>
      )}
    </div>
  );
}
