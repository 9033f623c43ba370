import { useState } from 'react';
import type { Comparison } from '../../../electron/contract/luns.ts';
import type { LunSummary, SessionEntry } from '../../../electron/contract/sessions.ts';
import { Button } from '../../components/button.tsx';
import { ChoiceField } from '../../components/fields.tsx';
import { request } from '../../lib/client.ts';
import { formatPortal } from '../../lib/format.ts';
import { useExplorer } from '../../state/explorer-store.ts';

const KINDS = { same: 'ok', different: 'muted', doubtful: 'warn', unknown: 'muted' } as const;

/** Asks whether another LUN is the same disk as this one. */
export function Compare({ session, lun }: { readonly session: SessionEntry; readonly lun: LunSummary }) {
  const sessions = useExplorer((store) => store.sessions);
  const [chosen, setChosen] = useState('');
  const [result, setResult] = useState<Comparison | null>(null);
  const others = sessions
    .filter(({ state }) => state === 'full')
    .flatMap((other) => (other.luns ?? []).map((one) => ({ other, one })))
    .filter(({ other, one }) => other.id !== session.id || one.lun !== lun.lun);
  if (others.length === 0) return null;
  const choices = others.map(({ other, one }) => ({
    value: `${other.id} ${one.lun}`,
    label: `LUN ${one.text} ${one.product} · ${other.target} · ${formatPortal(other)}`,
  }));
  const value = choices.some((choice) => choice.value === chosen) ? chosen : (choices[0]?.value ?? '');
  const compare = async (): Promise<void> => {
    const [id = '', other = ''] = value.split(' ');
    const answer = await request('luns.compare', { a: { id: session.id, lun: lun.lun }, b: { id, lun: other } });
    if (answer.ok) setResult(answer.value);
  };
  return (
    <section className="section">
      <h2>Is this the same disk?</h2>
      <div className="measure-form">
        <ChoiceField label="Compare with" value={value} choices={choices} onChange={setChosen} />
        <Button onClick={() => void compare()}>Compare</Button>
      </div>
      {result === null ? null : (
        <div className="compare-result">
          <p className={KINDS[result.verdict]} role="status">
            {result.sentence}
          </p>
          <table className="table" aria-label="Comparison">
            <thead>
              <tr>
                <th scope="col">Fact</th>
                <th scope="col">This LUN</th>
                <th scope="col">The other</th>
                <th scope="col">Equal</th>
              </tr>
            </thead>
            <tbody>
              {result.rows.map((row) => (
                <tr key={row.fact}>
                  <td>{row.fact}</td>
                  <td className="mono wrap">{row.a}</td>
                  <td className="mono wrap">{row.b}</td>
                  <td>{row.equal ? 'yes' : 'no'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
