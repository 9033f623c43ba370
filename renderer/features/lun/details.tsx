import { useState, type KeyboardEvent } from 'react';
import type { FactPage, LunFacts } from '../../../electron/contract/luns.ts';
import { FieldBytes } from '../../components/field-bytes.tsx';
import { ErrorNotice } from '../../components/notice.tsx';

const spaced = (hex: string): string => hex.replaceAll(/(..)(?=.)/g, '$1 ');

function Page({ page }: { readonly page: FactPage }) {
  return (
    <div className="lun-page">
      <p className="lun-page-command">
        <span>{page.command}</span> <span className="mono muted selectable">{spaced(page.cdb)}</span>
      </p>
      {page.warnings.map((warning) => (
        <p key={warning} className="warn">
          {warning}
        </p>
      ))}
      {page.error === null ? null : <ErrorNotice error={page.error} about={page.command} />}
      {page.tree === null ? null : <FieldBytes key={page.id} tree={page.tree} hex={page.bytes} label={page.title} />}
    </div>
  );
}

function Access({ facts }: { readonly facts: LunFacts }) {
  const { pathStates, reservation, registrants } = facts;
  return (
    <>
      {pathStates.length === 0 ? null : (
        <section className="section">
          <h2>Target port groups</h2>
          <table className="table" aria-label="Target port groups">
            <thead>
              <tr>
                <th scope="col">Group</th>
                <th scope="col">Access state</th>
                <th scope="col">Ports</th>
                <th scope="col">This session</th>
              </tr>
            </thead>
            <tbody>
              {pathStates.map(({ group, state, preferred, ports, own }) => (
                <tr key={group}>
                  <td className="mono">{group}</td>
                  <td>{`${state}${preferred ? ', preferred' : ''}`}</td>
                  <td className="mono">{ports.join(', ')}</td>
                  <td>{own ? 'comes through here' : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {reservation === null && registrants.length === 0 ? null : (
        <section className="section">
          <h2>Reservation and registrants</h2>
          <p>
            {reservation === null
              ? 'Nobody holds a reservation.'
              : `Reserved: ${reservation.type}, key ${reservation.key}.`}
          </p>
          <table className="table" aria-label="Registrants">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Initiator</th>
                <th scope="col">Holds it</th>
              </tr>
            </thead>
            <tbody>
              {registrants.map(({ key, holder, initiator }) => (
                <tr key={`${key} ${initiator}`}>
                  <td className="mono">{key}</td>
                  <td className="mono">{initiator}</td>
                  <td>{holder ? 'yes' : 'no'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

/** Everything the LUN said, page by page, with the bytes as they came. */
export function Details({ facts }: { readonly facts: LunFacts }) {
  const [chosen, setChosen] = useState(facts.pages[0]?.id ?? '');
  const page = facts.pages.find(({ id }) => id === chosen) ?? facts.pages[0];
  if (page === undefined) return null;
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = facts.pages[facts.pages.indexOf(page) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    setChosen(next.id);
    document.getElementById(`lun-page-${next.id}`)?.focus();
  };
  return (
    <>
      <Access facts={facts} />
      <section className="section">
        <h2>What it says of itself</h2>
        <div className="lun-pages">
          <div className="lun-page-list" role="tablist" aria-label="Pages" aria-orientation="vertical" onKeyDown={move}>
            {facts.pages.map((one) => (
              <button
                key={one.id}
                type="button"
                role="tab"
                id={`lun-page-${one.id}`}
                aria-selected={one === page}
                aria-controls="lun-page-content"
                tabIndex={one === page ? 0 : -1}
                className="lun-page-tab"
                onClick={() => setChosen(one.id)}
              >
                <span className="lun-page-title">{one.title}</span>
                {one.error === null ? null : <span className="badge">refused</span>}
                {one.warnings.length === 0 ? null : (
                  <span className="badge" data-kind="warn">
                    odd
                  </span>
                )}
              </button>
            ))}
          </div>
          <div id="lun-page-content" role="tabpanel" aria-labelledby={`lun-page-${page.id}`} className="lun-page-panel">
            <Page page={page} />
          </div>
        </div>
      </section>
      {facts.commands.length === 0 ? null : (
        <section className="section">
          <h2>{`Supported commands (${facts.commands.length})`}</h2>
          <ul className="lun-commands">
            {facts.commands.map(({ opcode, name, cdbLength }) => (
              <li key={opcode + name}>
                <span className="mono muted">{opcode}</span> {name}{' '}
                <span className="muted">{`${cdbLength} bytes`}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
