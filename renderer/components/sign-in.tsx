import { useState } from 'react';
import type { SessionEntry } from '../../electron/contract/sessions.ts';
import { useAttempt } from '../lib/attempt.ts';
import { request } from '../lib/client.ts';
import { formatPortal } from '../lib/format.ts';
import { useExplorer, usePortal, useProfile, type TargetPlace } from '../state/explorer-store.ts';
import { usePrefill, type Prefill } from '../state/prefill.ts';
import { AttemptSteps } from './attempt-steps.tsx';
import { Button } from './button.tsx';
import { ChapFields, chapInputOf, draftOf, type ChapDraft } from './chap-fields.tsx';
import { CheckField } from './fields.tsx';
import { LoginOptionFields, optionsAreGood, optionsOf, type OptionsDraft } from './login-options.tsx';
import { ErrorNotice } from './notice.tsx';
import { tlsDraft, tlsKeyOf } from './tls-fields.tsx';

interface SignInProps {
  readonly place: TargetPlace;
  readonly onDone?: (session: SessionEntry) => void;
}

/** The form that signs in to a target: authentication, and every key under Advanced. A link opened meanwhile fills it in anew. */
export function SignInForm(props: SignInProps) {
  const prefill = usePrefill(props.place);
  return <FilledForm key={prefill?.at ?? 0} {...props} prefill={prefill} />;
}

function FilledForm({ place, onDone, prefill }: SignInProps & { readonly prefill: Prefill | null }) {
  const secretStore = useExplorer((store) => store.explorer.secretStore);
  const profile = useProfile(place);
  const portal = usePortal(place.host, place.port);
  const [chap, setChap] = useState<ChapDraft>(() => {
    const kept = draftOf(profile);
    const user = prefill?.user ?? null;
    if (prefill === null || user === null) return kept;
    const { secret, hasSecret, mutual, targetUser, targetSecret } = prefill;
    return { ...kept, on: true, user, secret, hasSecret, mutual, targetUser, targetSecret };
  });
  const [options, setOptions] = useState<OptionsDraft>(() => {
    const digest = prefill?.headerDigest === 'crc32c' ? { headerDigest: 'CRC32C' } : {};
    return { ...(profile?.options ?? tlsDraft(portal?.tls)), ...digest };
  });
  const [save, setSave] = useState(true);
  const { state, run, cancel } = useAttempt();
  const running = state.phase === 'running';
  const ready = optionsAreGood(options) && (!chap.on || (chap.user !== '' && (chap.secret !== '' || chap.hasSecret)));
  const signIn = async (): Promise<void> => {
    const session = await run((attempt) =>
      request('sessions.login', {
        ...place,
        attempt,
        chap: chapInputOf(chap),
        options: optionsOf(options),
        tlsKey: tlsKeyOf(options),
        save,
        keepSecrets: chap.keep && save,
      }),
    );
    if (session !== null) onDone?.(session);
  };
  return (
    <form
      className="form"
      aria-label="Sign in"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !running) void signIn();
      }}
    >
      <ChapFields draft={chap} onChange={setChap} store={secretStore} purpose="Authenticate with CHAP" mutual />
      <details className="group">
        <summary>Advanced: digests, lengths, deadlines, encryption</summary>
        <LoginOptionFields draft={options} onChange={setOptions} />
      </details>
      <CheckField label="Remember this sign-in" checked={save} onChange={setSave} />
      <div className="form-actions">
        <button type="submit" className="button" data-primary="true" disabled={!ready || running}>
          Sign in
        </button>
        {running ? <Button onClick={cancel}>Cancel</Button> : null}
        {chap.on && !ready ? <span className="muted">CHAP needs a name and a secret.</span> : null}
      </div>
      <AttemptSteps state={state} />
      {state.error === null ? null : (
        <ErrorNotice error={state.error} about={`Sign-in to ${place.target} through ${formatPortal(place)}`} />
      )}
    </form>
  );
}

/** What a screen shows while nobody is signed in to its target. */
export function SignInFirst({ place, what }: { readonly place: TargetPlace; readonly what: string }) {
  return (
    <section className="section">
      <p className="page-lead">{`Sign in to see ${what}. Nothing is contacted before.`}</p>
      <p className="mono muted wrap signin-place">{`${place.target} through ${formatPortal(place)}`}</p>
      <SignInForm place={place} />
    </section>
  );
}
