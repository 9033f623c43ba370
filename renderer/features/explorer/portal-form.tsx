import { useState } from 'react';
import { parseHostPort, parseIscsiUrl } from '../../../core/browser.ts';
import type { ChapInput } from '../../../electron/contract/explorer.ts';
import { AttemptSteps } from '../../components/attempt-steps.tsx';
import { Button } from '../../components/button.tsx';
import { ChapFields, chapInputOf, emptyChap, type ChapDraft } from '../../components/chap-fields.tsx';
import { CheckField, TextField } from '../../components/fields.tsx';
import { ErrorNotice } from '../../components/notice.tsx';
import { tlsDraft, TlsFields, tlsKeyOf, tlsOf } from '../../components/tls-fields.tsx';
import { useAttempt } from '../../lib/attempt.ts';
import { request } from '../../lib/client.ts';
import { useReady } from '../../lib/use-ready.ts';
import { useExplorer, usePortal } from '../../state/explorer-store.ts';
import type { TabProps } from '../../state/plugs.ts';
import { closeTab, openTab } from '../../state/shell-store.ts';
import { prefillSignIn, usePrefill, type Prefill } from '../../state/prefill.ts';

const DEFAULT_PORT = '3260';

interface Parsed {
  readonly host: string;
  readonly port: number;
}

/** Host and port as typed, or why they are none. */
function parseAddress(host: string, port: string): Parsed | string {
  try {
    const typed = parseHostPort(host.trim());
    const own = /:\d+$/.test(host.trim()) && !/^[^[]*:[^[]*:/.test(host.trim());
    const number = own ? typed.port : Number(port);
    if (!Number.isInteger(number) || number < 1 || number > 65535) return 'A port is a number from 1 to 65535.';
    return { host: typed.host, port: number };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The form that asks a portal for its targets. A link, pasted or opened, fills it in. */
export function PortalForm(props: TabProps) {
  useReady('add-portal');
  const { host = '', port = DEFAULT_PORT } = props.params;
  const prefill = usePrefill({ host, port: Number(port), target: '' });
  return <FilledForm key={prefill?.at ?? 0} {...props} prefill={prefill} />;
}

function FilledForm({ id, params, prefill }: TabProps & { readonly prefill: Prefill | null }) {
  const { initiatorName, secretStore } = useExplorer((store) => store.explorer);
  const [host, setHost] = useState(params['host'] ?? '');
  const [port, setPort] = useState(params['port'] ?? DEFAULT_PORT);
  const [chap, setChap] = useState<ChapDraft>(() => {
    const { user = null, secret = '', hasSecret = false } = prefill ?? {};
    return user === null ? emptyChap : { ...emptyChap, on: true, user, secret, hasSecret };
  });
  const known = usePortal(params['host'] ?? '', Number(params['port']));
  const [tls, setTls] = useState(() => tlsDraft(known?.tls));
  const [save, setSave] = useState(true);
  const [problem, setProblem] = useState<string | null>(null);
  const { state, run, cancel } = useAttempt();
  const running = state.phase === 'running';

  const type = (text: string): void => {
    setProblem(null);
    if (!/^i(scsi|ser):/i.test(text.trim())) {
      setHost(text);
      return;
    }
    try {
      const link = parseIscsiUrl(text.trim());
      setHost(link.host);
      setPort(String(link.port));
      if (link.target === undefined) {
        if (link.user !== undefined) setChap({ ...emptyChap, on: true, user: link.user, secret: link.secret ?? '' });
        return;
      }
      // A link that names a target goes to its sign-in form, and waits there for the person.
      prefillSignIn(link);
      closeTab(id);
      openTab('target', { host: link.host, port: String(link.port), target: link.target });
    } catch (error) {
      setHost('');
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };

  const discover = async (): Promise<void> => {
    const address = parseAddress(host, port);
    if (typeof address === 'string') {
      setProblem(address);
      return;
    }
    const given: ChapInput | null = chapInputOf(chap);
    const portal = await run((attempt) =>
      request('portals.discover', {
        ...address,
        attempt,
        chap: given,
        tls: tlsOf(tls),
        tlsKey: tlsKeyOf(tls),
        save,
        keepSecrets: chap.keep,
      }),
    );
    if (portal === null) return;
    closeTab(id);
    openTab('portal', { host: portal.host, port: String(portal.port) });
  };

  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Add portal</h1>
          <p className="page-lead">
            A portal is an address of a storage array. It is asked which targets it has (SendTargets); nothing is signed
            in to.
          </p>
        </div>
      </div>
      <div className="form">
        <div className="form-row">
          <TextField
            label="Host, address, or iscsi:// link"
            mono
            autoFocus
            value={host}
            placeholder="array.example.com"
            error={problem}
            onChange={type}
            onEnter={() => void discover()}
          />
          <TextField
            label="Port"
            mono
            numeric
            width="short"
            value={port}
            onChange={setPort}
            onEnter={() => void discover()}
          />
        </div>
        <div className="field">
          <span className="field-label">This computer signs in as</span>
          <p className="mono selectable wrap">{initiatorName}</p>
          <p className="field-help">
            The array decides by this name what you may see. If targets or LUNs are missing, add it to the array’s
            access list, or use the name that is there:{' '}
            <button type="button" className="link" onClick={() => openTab('settings')}>
              change it in Settings
            </button>
            .
          </p>
        </div>
        <ChapFields draft={chap} onChange={setChap} store={secretStore} purpose="Discovery wants CHAP" mutual={false} />
        <details className="group">
          <summary>Advanced: encryption</summary>
          <div className="group-body">
            <TlsFields draft={tls} onChange={setTls} />
          </div>
        </details>
        <CheckField label="Keep this portal under Saved" checked={save} onChange={setSave} />
        <div className="form-actions">
          <Button primary disabled={running || host.trim() === ''} onClick={() => void discover()}>
            Discover targets
          </Button>
          {running ? <Button onClick={cancel}>Cancel</Button> : null}
        </div>
      </div>
      <AttemptSteps state={state} />
      {state.error === null ? null : (
        <ErrorNotice
          error={state.error}
          about={`Discovery through ${host}:${port}`}
          actions={<Button onClick={() => void discover()}>Try again</Button>}
        />
      )}
    </div>
  );
}
