import type { TlsChoice } from '../../electron/contract/explorer.ts';
import { useExplorer } from '../state/explorer-store.ts';
import { AreaField, ChoiceField, TextField } from './fields.tsx';

type Draft = Readonly<Record<string, string>>;

const CHOICES = [
  { value: '', label: 'No TLS (default)' },
  { value: 'verify', label: 'TLS, certificate verified' },
  { value: 'any', label: 'TLS, any certificate' },
] as const;
const NAMES: readonly string[] = ['tls', 'tlsServername', 'tlsCa', 'tlsCert'];

/** What is kept of TLS, as a draft. */
export const tlsDraft = (kept: TlsChoice | undefined): Draft =>
  Object.fromEntries(Object.entries(kept ?? {}).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));

/** A draft as the main process takes it, without the key. */
export function tlsOf(draft: Draft): TlsChoice {
  const given: Record<string, unknown> = {};
  for (const name of NAMES) if ((draft[name] ?? '') !== '') given[name] = draft[name];
  return given;
}

/** The key as typed; null stands for the one that is kept. */
export const tlsKeyOf = ({ tlsKey = '' }: Draft): string | null => (tlsKey === '' ? null : tlsKey);

/** Whether connections run inside TLS, whose certificates are taken, and the one this end shows. */
export function TlsFields({ draft, onChange }: { readonly draft: Draft; readonly onChange: (draft: Draft) => void }) {
  const store = useExplorer(({ explorer }) => explorer.secretStore);
  const of = (name: string): string => draft[name] ?? '';
  const set = (name: string) => (value: string) => onChange({ ...draft, [name]: value });
  const mode = of('tls');
  return (
    <>
      <ChoiceField
        label="Encryption"
        width="medium"
        value={mode}
        choices={CHOICES}
        help="Something at the target’s end must speak TLS; iSCSI itself has none."
        onChange={set('tls')}
      />
      {mode === 'any' ? (
        <p className="warn">Without verification, someone in between can read and change everything unseen.</p>
      ) : null}
      {mode === '' ? null : (
        <>
          <TextField
            label="Name on the certificate"
            mono
            value={of('tlsServername')}
            help="Empty for the host of the portal."
            onChange={set('tlsServername')}
          />
          {mode === 'verify' ? (
            <AreaField
              label="Trusted certificates (PEM)"
              value={of('tlsCa')}
              help="Paste those of your own authority; empty trusts those this computer trusts."
              onChange={set('tlsCa')}
            />
          ) : null}
          <AreaField
            label="This computer’s certificate (PEM)"
            value={of('tlsCert')}
            help="Empty where the other end asks for none."
            onChange={set('tlsCert')}
          />
          {of('tlsCert') === '' ? null : (
            <AreaField
              label="Its key (PEM)"
              secret
              value={of('tlsKey')}
              help={`Without a passphrase. Empty takes the one kept for this very place.${store ? '' : ' This system has no store for secrets, so it is kept for this run only.'}`}
              onChange={set('tlsKey')}
            />
          )}
        </>
      )}
    </>
  );
}
