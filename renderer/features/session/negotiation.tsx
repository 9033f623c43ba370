import { useState } from 'react';
import type { SessionDetail } from '../../../electron/contract/sessions.ts';

const LIMITS = { initiator: 'this computer', target: 'the target' };
const cell = (text: string | null) => text ?? <span className="muted">–</span>;

function Keys({ keys }: { readonly keys: SessionDetail['keys'] }) {
  const [onlyOther, setOnlyOther] = useState(false);
  const shown = onlyOther ? keys.filter(({ result, defaultValue }) => result !== defaultValue) : keys;
  return (
    <>
      <label className="session-only">
        <input type="checkbox" checked={onlyOther} onChange={(event) => setOnlyOther(event.target.checked)} /> Only what
        differs from the default
      </label>
      <div className="table-scroll">
        <table className="table" aria-label="Negotiation">
          <thead>
            <tr>
              <th scope="col">Key</th>
              <th scope="col">Offered</th>
              <th scope="col">Answered</th>
              <th scope="col">In force</th>
              <th scope="col">Default</th>
              <th scope="col">Limited by</th>
              <th scope="col">Origin</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ key, offered, answered, result, defaultValue, limitedBy, origin, note }, index) => (
              <tr key={index}>
                <td className="mono">{key}</td>
                <td className="mono session-value">{cell(offered)}</td>
                <td className="mono session-value">{cell(answered)}</td>
                <td className="mono session-value session-result" data-other={result !== defaultValue}>
                  {cell(result)}
                </td>
                <td className="mono muted">{cell(defaultValue)}</td>
                <td>{limitedBy === null ? '' : LIMITS[limitedBy]}</td>
                <td className="muted">{note === null ? origin : `${origin}. ${note}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** What the login agreed on, key by key, and the exchanges that led there. */
export function Negotiation({ detail }: { readonly detail: SessionDetail }) {
  return (
    <section className="section">
      <h2>Negotiation</h2>
      <Keys keys={detail.keys} />
      <details className="group session-exchanges">
        <summary>{`The login, exchange by exchange (${detail.exchanges.length})`}</summary>
        <ol className="group-body">
          {detail.exchanges.map(({ stage, sent, received, transit }, index) => (
            <li key={index}>
              <p className="session-stage">{`${index + 1}. ${stage}${transit ? ', then on to the next stage' : ''}`}</p>
              <div className="session-exchange">
                <div>
                  <p className="muted">This computer</p>
                  {sent.map(({ key, value }) => (
                    <p key={key} className="mono wrap">{`${key}=${value}`}</p>
                  ))}
                </div>
                <div>
                  <p className="muted">The target</p>
                  {received.map(({ key, value }) => (
                    <p key={key} className="mono wrap">{`${key}=${value}`}</p>
                  ))}
                </div>
              </div>
            </li>
          ))}
        </ol>
      </details>
    </section>
  );
}
