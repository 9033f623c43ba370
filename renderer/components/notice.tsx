import { Check, ChevronRight, CircleAlert, Copy } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { WireError } from '../../electron/contract/errors.ts';
import { request } from '../lib/client.ts';
import { usePlugs, type TabParams } from '../state/plugs.ts';
import { showSectors } from '../state/sectors-jump.ts';
import { useShell } from '../state/shell-store.ts';
import { showProof } from '../state/trace-jump.ts';
import { useTraceLibrary } from '../state/trace-store.ts';

const statusBytes = 2;

/** An error as text, for a colleague or a vendor. */
export function errorReport(error: WireError, about: string): string {
  const info = useShell.getState().info;
  const lines = [
    error.message,
    ...(error.hint === null ? [] : [error.hint]),
    '',
    `Code: ${error.code}`,
    ...(about === '' ? [] : [`Where: ${about}`]),
    ...Object.entries(error.details).map(
      ([name, value]) => `${name}: ${Array.isArray(value) ? value.join(' ') : String(value)}`,
    ),
    ...(error.raw === null
      ? []
      : [
          `SCSI status: 0x${error.raw.status.toString(16).padStart(statusBytes, '0')}`,
          `CDB: ${error.raw.cdb || 'none'}`,
          `Sense: ${error.raw.sense || 'none'}`,
        ]),
    `Can be tried again: ${error.retryable ? 'yes' : 'no'}`,
    `Time: ${new Date().toISOString()}`,
    ...(info === null ? [] : [`${info.name} ${info.version}, ${info.platform} ${info.arch}`]),
  ];
  return lines.join('\n');
}

const spaced = (hex: string): string => hex.replaceAll(/(..)(?=.)/g, '$1 ');

function Raw({ error }: { readonly error: WireError }) {
  const rows: readonly (readonly [string, string])[] = [
    ['Code', error.code],
    ...Object.entries(error.details).map(
      ([name, value]) => [name, Array.isArray(value) ? value.join(' ') : String(value)] as const,
    ),
    ...(error.raw === null
      ? []
      : ([
          ['SCSI status', `0x${error.raw.status.toString(16).padStart(statusBytes, '0')}`],
          ['CDB', spaced(error.raw.cdb) || 'none'],
          ['Sense', spaced(error.raw.sense) || 'none'],
        ] as const)),
    ['Can be tried again', error.retryable ? 'yes' : 'no'],
  ];
  return (
    <dl className="facts notice-raw">
      {rows.map(([name, value]) => (
        <div key={name} className="facts-row">
          <dt>{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ErrorNoticeProps {
  readonly error: WireError;
  /** Where it happened, for the report. */
  readonly about?: string;
  /** What can be done about it here. */
  readonly actions?: ReactNode;
  /** The parameters of the LUN it is about, so that a block it names can be gone to. */
  readonly lun?: TabParams;
  /** The session it happened in, where the error does not say itself, so that its PDUs can be looked at. */
  readonly session?: string;
}

/** The block an error names, where sense data gave one. */
function namedBlock({ details }: WireError): bigint | null {
  const { lba } = details;
  return typeof lba === 'string' && /^\d+$/.test(lba) ? BigInt(lba) : null;
}

/** The ways from an error to the block and to the PDUs it is about. */
function Trails({ error, lun, session = error.recorded }: Pick<ErrorNoticeProps, 'error' | 'lun' | 'session'>) {
  const kinds = usePlugs((plugs) => plugs.tabKinds);
  const recorded = useTraceLibrary(({ recordings }) => recordings.some((one) => one.about === session));
  const lba = namedBlock(error);
  return (
    <>
      {lba === null || lun === undefined || !kinds.has('sectors') ? null : (
        <button type="button" className="link" onClick={() => showSectors(lun, { lba, blocks: 1n })}>
          {`Go to LBA ${String(lba)}`}
        </button>
      )}
      {session === undefined || !recorded || !kinds.has('trace') ? null : (
        <button type="button" className="link" onClick={() => showProof(session, error)}>
          Show PDUs
        </button>
      )}
    </>
  );
}

/** An error where it happened, in three layers: the sentence, what to do next, and the raw detail to hand on. */
export function ErrorNotice({ error, about = '', actions, lun, session }: ErrorNoticeProps) {
  const [open, setOpen] = useState(false);
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    const answer = await request('clipboard.writeText', { text: errorReport(error, about) });
    setCopied(answer.ok);
  };
  return (
    <div className="notice" data-kind="error" role="alert">
      <CircleAlert size={16} aria-hidden />
      <div className="notice-body">
        <p className="notice-sentence">{error.message}</p>
        {error.hint === null ? null : <p className="notice-hint">{error.hint}</p>}
        <div className="notice-actions">
          {actions}
          <Trails
            error={error}
            {...(lun === undefined ? {} : { lun })}
            {...(session === undefined ? {} : { session })}
          />
          <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
            <ChevronRight size={12} className="notice-arrow" data-open={open} aria-hidden />
            Detail <span className="notice-code mono">{error.code}</span>
          </button>
          <button type="button" className="link" onClick={() => void copy()}>
            {copied ? <Check size={12} aria-hidden /> : <Copy size={12} aria-hidden />}
            {copied ? 'Copied' : 'Copy report'}
          </button>
        </div>
        {open ? <Raw error={error} /> : null}
      </div>
    </div>
  );
}
