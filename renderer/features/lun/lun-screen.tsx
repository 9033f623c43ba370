import { Binary, Download, Plug, RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { LunFacts } from '../../../electron/contract/luns.ts';
import type { LunSummary, SessionEntry } from '../../../electron/contract/sessions.ts';
import { Button } from '../../components/button.tsx';
import { CopyText } from '../../components/copy-text.tsx';
import { Empty } from '../../components/empty.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { PathTrouble } from '../../components/read-path.tsx';
import { SignInFirst } from '../../components/sign-in.tsx';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { formatBytes, formatPortal } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { placeOf, sessionFor, targetParams, useExplorer } from '../../state/explorer-store.ts';
import { usePlugs, type TabProps } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { useNumbers } from '../../state/number-base.ts';
import { isUp, otherWays, useReadPath } from '../../state/read-path.ts';
import { Compare } from './compare.tsx';
import { Details } from './details.tsx';
import { Measure } from './measure.tsx';
import { Paths } from './paths.tsx';
import { Structures } from './structures.tsx';
import './lun.css';

interface Loaded {
  readonly facts: LunFacts | null;
  readonly error: WireError | null;
  readonly loading: boolean;
}

function useFacts(session: SessionEntry | null, lun: string): Loaded & { readonly refresh: () => void } {
  const [loaded, setLoaded] = useState<Loaded>({ facts: null, error: null, loading: false });
  const id = session !== null && session.state === 'full' ? session.id : null;
  const load = useCallback(async (): Promise<void> => {
    if (id === null) return;
    setLoaded((before) => ({ ...before, loading: true, error: null }));
    const answer = await request('luns.facts', { id, lun });
    setLoaded((before) =>
      answer.ok
        ? { facts: answer.value, error: null, loading: false }
        : { ...before, error: answer.error, loading: false },
    );
  }, [id, lun]);
  useEffect(() => {
    const timer = setTimeout(() => void load(), 0);
    return () => clearTimeout(timer);
  }, [load]);
  return { ...loaded, refresh: () => void load() };
}

const yesNo = (value: boolean | null): string => (value === null ? 'not told' : value ? 'yes' : 'no');

function Identity({
  session,
  lun,
  facts,
}: {
  readonly session: SessionEntry;
  readonly lun: LunSummary;
  readonly facts: LunFacts | null;
}) {
  const bytes = lun.bytes === null ? null : BigInt(lun.bytes);
  const provisioning = facts?.provisioning ?? null;
  const numbers = useNumbers();
  return (
    <dl className="facts lun-facts">
      <dt>Device type</dt>
      <dd>{lun.deviceType}</dd>
      <dt>Capacity</dt>
      <dd className="mono">{bytes === null ? 'not told' : `${formatBytes(bytes)} (${numbers(bytes)} bytes)`}</dd>
      <dt>Blocks</dt>
      <dd className="mono">
        {lun.blocks === null ? 'not told' : `${numbers(BigInt(lun.blocks))} of ${lun.blockSize ?? '?'} bytes`}
      </dd>
      {lun.names.map(({ kind, text }) => (
        <div key={`${kind} ${text}`} className="facts-row">
          <dt>{kind}</dt>
          <dd>
            <CopyText text={text} what={kind} />
          </dd>
        </div>
      ))}
      <dt>Serial number</dt>
      <dd>{lun.serial === null ? 'not told' : <CopyText text={lun.serial} what="serial number" />}</dd>
      <dt>Revision</dt>
      <dd className="mono">{lun.revision === '' ? 'not told' : lun.revision}</dd>
      <dt>Write protected</dt>
      <dd>{yesNo(lun.readOnly)}</dd>
      <dt>Provisioning</dt>
      <dd>
        {provisioning === null
          ? 'not told'
          : `${provisioning.type}${provisioning.unmap === true ? ', UNMAP supported' : ''}${
              provisioning.readsZero === true ? ', unmapped blocks read as zeros' : ''
            }`}
      </dd>
      <dt>Reservation</dt>
      <dd>{lun.reserved ?? 'none'}</dd>
      <dt>Reached through</dt>
      <dd>
        <button type="button" className="link mono" onClick={() => openTab('target', targetParams(session))}>
          {session.target}
        </button>
      </dd>
    </dl>
  );
}

async function save(lun: LunSummary, facts: LunFacts): Promise<void> {
  const text = `${JSON.stringify({ lun, facts }, null, 2)}\n`;
  const answer = await request('files.saveText', {
    title: 'Save what the LUN says',
    name: `lun-${lun.text}.json`,
    kind: 'json',
    text,
  });
  if (answer.ok && answer.value.path !== null) toast(`Saved ${answer.value.path}.`);
}

async function copyJson(lun: LunSummary, facts: LunFacts): Promise<void> {
  const answer = await request('clipboard.writeText', { text: JSON.stringify({ lun, facts }, null, 2) });
  if (answer.ok) toast('Copied as JSON.');
}

function LunBody({
  session,
  lun,
  params,
}: {
  readonly session: SessionEntry;
  readonly lun: LunSummary;
  readonly params: TabProps['params'];
}) {
  const { facts, error, loading, refresh } = useFacts(session, lun.lun);
  const hasSectors = usePlugs((plugs) => plugs.tabKinds.has('sectors'));
  const reads = useReadPath(params);
  const elsewhere = reads.session?.id !== session.id;
  const troubled = !isUp(reads) && (elsewhere || otherWays(reads).length > 0);
  useReady('lun', facts !== null || error !== null);
  const about = `LUN ${lun.text} of ${session.target} through ${formatPortal(session)}`;
  const lost = session.state === 'full' ? null : session.error;
  const showsLost = lost !== null && (!troubled || elsewhere);
  // While the page tells that a path is down, no part of it tells of what failed by that.
  const ownTold = showsLost || (troubled && !elsewhere);
  const readsTold = troubled || (showsLost && !elsewhere);
  return (
    <>
      <div className="page-head">
        <div className="page-head-text">
          <h1>{`${lun.vendor} ${lun.product}`.trim() || `LUN ${lun.text}`}</h1>
          <p className="page-lead">
            <span className="mono">{`LUN ${lun.text}`}</span>
            {lun.readOnly === true ? <span className="badge">read-only</span> : null}
            {lun.thin ? <span className="badge">thin</span> : null}
            {lun.reserved === null ? null : <span className="badge">reserved</span>}
            {lun.path === null ? null : <span className="badge">{lun.path.state}</span>}
          </p>
        </div>
        <span className="page-spring" />
        {hasSectors && lun.readable ? (
          <Button primary onClick={() => openTab('sectors', params)}>
            <Binary size={13} aria-hidden /> Sectors
          </Button>
        ) : null}
        <Button disabled={loading || session.state !== 'full'} onClick={refresh}>
          <RefreshCw size={13} aria-hidden /> Refresh
        </Button>
        {facts === null ? null : (
          <>
            <Button onClick={() => void copyJson(lun, facts)}>Copy JSON</Button>
            <Button onClick={() => void save(lun, facts)}>
              <Download size={13} aria-hidden /> Save
            </Button>
          </>
        )}
      </div>
      {showsLost ? <ErrorNotice error={lost} about={about} lun={params} session={session.id} /> : null}
      {session.state === 'recovering' ? (
        <p className="muted" role="status">
          <Plug size={13} aria-hidden /> Reconnecting. What is shown is what the LUN said before.
        </p>
      ) : null}
      {lun.error === null ? null : <ErrorNotice error={lun.error} about={about} lun={params} session={session.id} />}
      {error === null || ownTold ? null : (
        <ErrorNotice
          error={error}
          about={about}
          lun={params}
          session={session.id}
          actions={<Button onClick={refresh}>Try again</Button>}
        />
      )}
      <Identity session={session} lun={lun} facts={facts} />
      {troubled ? <PathTrouble params={params} /> : null}
      <Paths reads={reads} />
      {reads.session !== null && reads.summary?.readable === true ? (
        <>
          <Structures session={reads.session} lun={reads.summary} told={readsTold} />
          <Measure session={reads.session} lun={reads.summary} params={params} told={readsTold} />
        </>
      ) : null}
      {facts === null ? (
        <p className="muted section" role="status">
          {loading ? 'Asking the LUN' : ''}
        </p>
      ) : (
        <Details facts={facts} />
      )}
      <Compare session={session} lun={lun} />
    </>
  );
}

/** One LUN: who it is, what it says of itself, how fast it answers, and the way to its sectors. */
export function LunScreen({ params }: TabProps) {
  const place = placeOf(params);
  const sessions = useExplorer((store) => store.sessions);
  const session = sessionFor(sessions, place);
  const lun = session?.luns?.find((one) => one.lun === params['lun']) ?? null;
  useReady('lun', lun === null);
  if (session !== null && lun !== null) {
    return (
      <div className="page page-wide">
        <LunBody session={session} lun={lun} params={params} />
        {session.state === 'closed' ? <SignInFirst place={place} what="it again" /> : null}
      </div>
    );
  }
  return (
    <div className="page">
      <h1>LUN</h1>
      {session?.state === 'full' ? (
        <Empty action={{ label: 'Rescan', run: () => void request('sessions.rescan', { id: session.id }) }}>
          {session.scanning
            ? 'The LUNs are being listed.'
            : 'The target does not list this LUN now. It may have been unmapped.'}
        </Empty>
      ) : (
        <SignInFirst place={place} what="this LUN" />
      )}
    </div>
  );
}
