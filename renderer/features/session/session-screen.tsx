import { Activity, LogIn, LogOut } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { WireError } from '../../../electron/contract/errors.ts';
import type { SessionDetail, SessionEntry } from '../../../electron/contract/sessions.ts';
import { Button } from '../../components/button.tsx';
import { Chart } from '../../components/chart.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { SignInFirst } from '../../components/sign-in.tsx';
import { request, subscribe } from '../../lib/client.ts';
import { formatBytes, formatClock, formatCount, formatCountOf, formatMicros, formatPortal } from '../../lib/format.ts';
import { useReady } from '../../lib/use-ready.ts';
import { dropSession, placeOf, sessionFor, targetParams, useExplorer } from '../../state/explorer-store.ts';
import { useNumbers } from '../../state/number-base.ts';
import type { TabProps } from '../../state/plugs.ts';
import { openTab } from '../../state/shell-store.ts';
import { Negotiation } from './negotiation.tsx';
import { StateStrip, stateWord } from './state-strip.tsx';
import { TaskManagement } from './task-management.tsx';
import './session.css';

const SECONDS_SHOWN = 120;
const MS = 1000;
const micros = (us: number | null | undefined): string => (us === null || us === undefined ? '–' : formatMicros(us));

/** Everything about a session as it changes, while the tab is in front. */
function useDetail(id: string | null, active: boolean): SessionDetail | null {
  const [detail, setDetail] = useState<SessionDetail | null>(null);
  useEffect(() => {
    if (id === null || !active) return undefined;
    return subscribe(
      'sessions.detail',
      { id },
      {
        onItems: (items) => setDetail(items.at(-1) ?? null),
        onEnd: () => undefined,
      },
    );
  }, [id, active]);
  return detail?.id === id ? detail : null;
}

function Rates({ detail }: { readonly detail: SessionDetail }) {
  const shown = detail.samples.slice(-SECONDS_SHOWN);
  const x = useMemo(() => shown.map(({ at }) => at / MS), [shown]);
  const last = shown.at(-1);
  const bytes = useMemo(
    () => [
      { label: 'Read', token: '--pdu-resp', values: shown.map(({ bytesIn }) => bytesIn) },
      { label: 'Written', token: '--pdu-data', values: shown.map(({ bytesOut }) => bytesOut) },
    ],
    [shown],
  );
  const latency = useMemo(
    () => [
      { label: 'Median', token: '--pdu-cmd', values: shown.map(({ p50Us }) => p50Us) },
      { label: '99 %', token: '--pdu-login', values: shown.map(({ p99Us }) => p99Us) },
    ],
    [shown],
  );
  return (
    <section className="section">
      <h2>Rate and latency, the last two minutes</h2>
      <dl className="figures">
        <div>
          <dt>Commands/s</dt>
          <dd className="mono">{formatCount(BigInt(last?.iops ?? 0))}</dd>
        </div>
        <div>
          <dt>Read/s</dt>
          <dd className="mono">{formatBytes(BigInt(last?.bytesIn ?? 0))}</dd>
        </div>
        <div>
          <dt>Written/s</dt>
          <dd className="mono">{formatBytes(BigInt(last?.bytesOut ?? 0))}</dd>
        </div>
        <div>
          <dt>Median</dt>
          <dd className="mono">{micros(last?.p50Us)}</dd>
        </div>
        <div>
          <dt>99 %</dt>
          <dd className="mono">{micros(last?.p99Us)}</dd>
        </div>
      </dl>
      <div className="charts">
        <Chart
          label={`Bytes a second; now ${formatBytes(BigInt(last?.bytesIn ?? 0))} read`}
          x={x}
          series={bytes}
          binary
          format={(value) => formatBytes(BigInt(Math.round(value)))}
        />
        <Chart
          label={`Latency of commands; median now ${micros(last?.p50Us)}`}
          x={x}
          series={latency}
          format={formatMicros}
        />
      </div>
    </section>
  );
}

function Pings({ detail }: { readonly detail: SessionDetail }) {
  const shown = useMemo(() => detail.pings.slice(-SECONDS_SHOWN), [detail.pings]);
  const x = useMemo(() => shown.map(({ at }) => at / MS), [shown]);
  const series = useMemo(
    () => [{ label: 'NOP round trip', token: '--pdu-cmd', values: shown.map(({ ms }) => ms * MS) }],
    [shown],
  );
  const times = shown.map(({ ms }) => ms * MS);
  if (shown.length < 2) return null;
  const label = `NOP round trips: ${shown.length} pings, from ${formatMicros(Math.min(...times))} to ${formatMicros(Math.max(...times))}`;
  return (
    <section className="section">
      <h2>Ping</h2>
      <p className="muted">{`${label}.`}</p>
      <div className="charts">
        <Chart label={label} x={x} series={series} format={formatMicros} height={110} />
      </div>
    </section>
  );
}

function Window({ detail }: { readonly detail: SessionDetail }) {
  const { cmdSn, expCmdSn, maxCmdSn, open, queued, outstanding } = detail.window;
  const ping = detail.pings.at(-1);
  const numbers = useNumbers();
  const sn = (value: number): string => numbers(BigInt(value));
  return (
    <dl className="facts">
      <dt>CmdSN window</dt>
      <dd className="mono">{`next ${sn(cmdSn)}, acknowledged below ${sn(expCmdSn)}, allowed up to ${sn(maxCmdSn)}`}</dd>
      <dt>May be sent now</dt>
      <dd className="mono">{formatCountOf(BigInt(open), 'command')}</dd>
      <dt>Under way, waiting</dt>
      <dd className="mono">{`${outstanding}, ${queued}`}</dd>
      <dt>NOP round trip</dt>
      <dd className="mono">
        {ping === undefined ? 'not measured yet' : `${ping.ms.toFixed(2)} ms at ${formatClock(ping.at)}`}
      </dd>
      <dt>ISID, TSIH</dt>
      <dd className="mono">{`${detail.isid}, ${detail.tsih}`}</dd>
      <dt>Signed in as</dt>
      <dd className="mono wrap">{detail.initiatorName}</dd>
    </dl>
  );
}

function Connections({ detail }: { readonly detail: SessionDetail }) {
  if (detail.connections.length === 0) return null;
  return (
    <section className="section">
      <h2>Connections</h2>
      <table className="table" aria-label="Connections">
        <thead>
          <tr>
            <th scope="col">CID</th>
            <th scope="col">To</th>
            <th scope="col">Phase</th>
            <th scope="col" className="number">
              Tasks
            </th>
            <th scope="col" className="number">
              PDUs in, out
            </th>
            <th scope="col" className="number">
              Bytes in, out
            </th>
          </tr>
        </thead>
        <tbody>
          {detail.connections.map((one) => (
            <tr key={one.id}>
              <td className="mono">{one.id}</td>
              <td className="mono">{formatPortal(one)}</td>
              <td>{one.phase === 'full' ? 'full feature' : one.phase}</td>
              <td className="mono number">{one.tasks}</td>
              <td className="mono number">{`${formatCount(BigInt(one.pdusIn))}, ${formatCount(BigInt(one.pdusOut))}`}</td>
              <td className="mono number">{`${formatBytes(BigInt(one.bytesIn))}, ${formatBytes(BigInt(one.bytesOut))}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function History({ detail }: { readonly detail: SessionDetail }) {
  const rows = [
    ...detail.history.map(({ at, from, to, reason }) => ({
      at,
      what: 'state',
      text: `${stateWord(from)} → ${stateWord(to)}${reason === null ? '' : `. ${reason.message}`}`,
    })),
    ...detail.events.map(({ at, kind, text }) => ({ at, what: kind, text })),
  ].sort((a, b) => b.at - a.at);
  return (
    <section className="section">
      <h2>History</h2>
      <table className="table" aria-label="History of the session">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">What</th>
            <th scope="col">Event</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, what, text }, index) => (
            <tr key={index}>
              <td className="mono">{formatClock(at)}</td>
              <td className="muted">{what}</td>
              <td className="session-text">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function AsyncEvents({ detail }: { readonly detail: SessionDetail }) {
  return (
    <section className="section">
      <h2>What the target said unasked</h2>
      {detail.asyncEvents.length === 0 ? (
        <p className="muted">No asynchronous message came in this session.</p>
      ) : (
        <table className="table" aria-label="Asynchronous messages">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Event</th>
              <th scope="col">LUN</th>
              <th scope="col">Parameters</th>
            </tr>
          </thead>
          <tbody>
            {detail.asyncEvents.map(({ at, event, name, lun, parameters }, index) => (
              <tr key={index}>
                <td className="mono">{formatClock(at)}</td>
                <td>{`${name} (${event})`}</td>
                <td className="mono">{lun}</td>
                <td className="mono">{parameters}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const tlsWords = (tls: SessionDetail['tls']): string =>
  tls === null ? '' : `encrypted with ${tls.protocol}, certificate ${tls.verified ? 'verified' : 'not verified'}`;

function SessionBody({ session, active }: { readonly session: SessionEntry; readonly active: boolean }) {
  const detail = useDetail(session.id, active);
  const [error, setError] = useState<WireError | null>(null);
  const isUp = session.state === 'full';
  useReady('session', detail !== null);
  const about = `Session ${session.number} with ${session.target} through ${formatPortal(session)}`;
  const ping = async (): Promise<void> => {
    const answer = await request('sessions.ping', { id: session.id });
    setError(answer.ok ? null : answer.error);
  };
  const algorithm = detail?.chapAlgorithm ?? '';
  const facts = [
    session.authMethod === 'CHAP'
      ? `CHAP${algorithm === '' ? '' : ` with ${algorithm}`} as ${session.user ?? ''}`
      : 'no authentication',
    session.targetProven ? 'the target proved itself' : '',
    `header digest ${session.headerDigest}`,
    `data digest ${session.dataDigest}`,
    tlsWords(detail?.tls ?? null),
  ].filter((text) => text !== '');
  return (
    <>
      <div className="page-head">
        <div className="page-head-text">
          <h1>{`Session ${session.number}`}</h1>
          <p className="page-lead">
            <button type="button" className="link mono wrap" onClick={() => openTab('target', targetParams(session))}>
              {session.target}
            </button>
          </p>
          <p className="session-state" role="status">
            <span
              className="state-dot"
              data-state={isUp ? 'ok' : session.state !== 'closed' ? 'busy' : session.error === null ? 'off' : 'err'}
              aria-hidden
            />
            {`${stateWord(session.state)} since ${formatClock(session.since)}, ${facts.join(', ')}`}
          </p>
        </div>
        <span className="page-spring" />
        {isUp ? (
          <>
            <Button onClick={() => void ping()}>
              <Activity size={13} aria-hidden /> Ping
            </Button>
            <Button onClick={() => void request('sessions.logout', { id: session.id })}>
              <LogOut size={13} aria-hidden /> Sign out
            </Button>
          </>
        ) : session.state === 'closed' ? (
          <>
            <Button primary onClick={() => openTab('target', targetParams(session))}>
              <LogIn size={13} aria-hidden /> Sign in again
            </Button>
            <Button onClick={() => dropSession(session)}>Take off the list</Button>
          </>
        ) : (
          <Button onClick={() => dropSession(session)}>End session</Button>
        )}
      </div>
      {session.error === null ? null : <ErrorNotice error={session.error} about={about} session={session.id} />}
      {error === null ? null : <ErrorNotice error={error} about={about} session={session.id} />}
      {session.warnings.map((warning) => (
        <p key={warning} className="warn">
          {warning}
        </p>
      ))}
      {detail === null ? null : (
        <>
          <StateStrip state={session.state} been={new Set(detail.history.flatMap(({ from, to }) => [from, to]))} />
          <Window detail={detail} />
          <Rates detail={detail} />
          <Pings detail={detail} />
          <Negotiation detail={detail} />
          <Connections detail={detail} />
          {isUp ? <TaskManagement session={session} /> : null}
          <AsyncEvents detail={detail} />
          <History detail={detail} />
        </>
      )}
    </>
  );
}

/** One session: where it stands, what was agreed, how it runs, what happened. */
export function SessionScreen({ params, active }: TabProps) {
  const sessions = useExplorer((store) => store.sessions);
  const place = placeOf(params);
  const session = sessions.find(({ id }) => id === params['session']) ?? sessionFor(sessions, place);
  return (
    <div className="page page-wide">
      {session === null ? (
        <>
          <h1>Session</h1>
          <SignInFirst place={place} what="the session" />
        </>
      ) : (
        <SessionBody session={session} active={active} />
      )}
    </div>
  );
}
