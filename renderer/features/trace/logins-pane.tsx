import { CircleAlert, CircleCheck } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { LoginRecord } from '../../../electron/contract/trace.ts';
import { ErrorNotice } from '../../components/notice.tsx';
import { request } from '../../lib/client.ts';
import { usePane } from './use-pane.ts';
import './logins-pane.css';

interface LoginsPaneProps {
  readonly trace: string;
  readonly version: string;
  readonly onShow: (row: number) => void;
}

const LIMITS: Readonly<Record<LoginRecord['keys'][number]['limitedBy'], string>> = {
  initiator: 'initiator',
  target: 'target',
  both: 'both agree',
  default: 'default',
  none: 'not in force',
};

function Keys({ login }: { readonly login: LoginRecord }) {
  return (
    <table className="table login-keys">
      <thead>
        <tr>
          {['Key', 'Offered', 'Answered', 'Result', 'Default', 'Limited by', 'What it means'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {login.keys.map((key) => (
          <tr key={key.key} data-changed={key.result !== null && key.result !== key.defaultValue}>
            <td className="mono login-short" title={key.clause ?? undefined}>
              {key.key}
            </td>
            <td className="mono login-value">
              {key.offered === null ? '' : `${key.offered} (${key.offeredBy ?? ''})`}
            </td>
            <td className="mono login-value">{key.answered ?? ''}</td>
            <td className="mono login-value login-result">{key.result ?? ''}</td>
            <td className="mono login-short">{key.defaultValue ?? ''}</td>
            <td className="login-short">{LIMITS[key.limitedBy]}</td>
            <td className="login-words">
              {key.fault === null ? (key.costs ?? '') : <span className="err">{key.fault}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Steps({ login, onShow }: { readonly login: LoginRecord; readonly onShow: (row: number) => void }) {
  return (
    <ol className="login-steps">
      {login.steps.map((step) => (
        <li key={step.row} className="login-step">
          <button type="button" className="link mono" onClick={() => onShow(step.row)}>
            {`#${step.row + 1}`}
          </button>
          <span>{step.out ? 'Initiator' : 'Target'}</span>
          <span className="muted">{step.stage}</span>
          <span className="mono login-pairs">
            {step.pairs.map(({ key, value, hidden }) => (
              <span key={key} className="login-pair">
                {key}={hidden ? <em className="muted">{value}</em> : value}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Every login: what was said step by step, and what came of each key. Secrets are never shown. */
export function LoginsPane({ trace, version, onShow }: LoginsPaneProps) {
  const load = useCallback(() => request('trace.logins', { trace }), [trace]);
  const { value, error } = usePane(load, version);
  const [chosen, setChosen] = useState(0);
  if (error !== null) return <ErrorNotice error={error} />;
  if (value === null) return <p className="panel-empty muted">Reading the logins …</p>;
  const login = value[Math.min(chosen, value.length - 1)];
  if (login === undefined)
    return (
      <p className="panel-empty muted">
        No login is in this trace. A capture that begins before the initiator connects shows what was negotiated.
      </p>
    );
  return (
    <div className="pane">
      <div className="login-head">
        <label>
          Login{' '}
          <select
            className="input login-choice"
            value={chosen}
            onChange={(event) => setChosen(Number(event.target.value))}
          >
            {value.map((one, at) => (
              <option key={one.connection} value={at}>
                {`Connection ${one.connection}: ${one.target === '' ? one.sessionType : one.target}, ${one.outcome}`}
              </option>
            ))}
          </select>
        </label>
        <span className={login.ok ? 'ok login-outcome' : 'err login-outcome'}>
          {login.ok ? <CircleCheck size={13} aria-hidden /> : <CircleAlert size={13} aria-hidden />}
          {login.outcome}
        </span>
        <span className="mono muted">{login.initiator}</span>
      </div>
      <div className="pane-table" tabIndex={0} role="region" aria-label="Negotiation">
        <h2>Steps</h2>
        <Steps login={login} onShow={onShow} />
        <h2>Negotiated keys</h2>
        <Keys login={login} />
      </div>
    </div>
  );
}
