import { Ban, Check, CircleAlert, LoaderCircle } from 'lucide-react';
import type { AttemptStep } from '../../electron/contract/explorer.ts';
import type { AttemptState } from '../lib/attempt.ts';

const WORDS: Readonly<Record<AttemptStep['step'], string>> = {
  resolve: 'Resolve',
  connect: 'Connect',
  login: 'Login',
  redirect: 'Redirect',
  retry: 'Retry',
  sendTargets: 'SendTargets',
};

/** What an attempt has done so far, step by step, as it happens. */
export function AttemptSteps({ state }: { readonly state: AttemptState }) {
  if (state.phase === 'idle') return null;
  const last = state.steps.length - 1;
  const icon = (at: number) => {
    if (at < last || state.phase === 'done') return <Check size={13} className="ok" aria-hidden />;
    if (state.phase === 'failed') return <CircleAlert size={13} className="err" aria-hidden />;
    if (state.phase === 'cancelled') return <Ban size={13} aria-hidden />;
    return <LoaderCircle size={13} className="spin" aria-hidden />;
  };
  return (
    <ol className="steps" aria-label="Steps" aria-live="polite">
      {state.steps.map(({ step, text, atMs }, at) => (
        <li key={`${step} ${at}`}>
          {icon(at)}
          <span className="steps-name">{WORDS[step]}</span>
          <span className="steps-text">{text}</span>
          <span className="mono muted">{`${atMs} ms`}</span>
        </li>
      ))}
      {state.phase === 'cancelled' ? (
        <li>
          <Ban size={13} aria-hidden />
          <span className="steps-name">Cancelled</span>
          <span className="steps-text">Nothing is left open.</span>
        </li>
      ) : null}
    </ol>
  );
}
