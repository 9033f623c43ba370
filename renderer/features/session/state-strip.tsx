import type { SessionEntry } from '../../../electron/contract/sessions.ts';

/** The states a session goes through, in order; from full feature phase it may fall back, and come back. */
const STATES: readonly { readonly state: SessionEntry['state']; readonly word: string; readonly meaning: string }[] = [
  { state: 'connecting', word: 'Connecting', meaning: 'A TCP connection is being opened.' },
  { state: 'login', word: 'Logging in', meaning: 'Who is who is proven, and the keys are negotiated.' },
  { state: 'full', word: 'Full feature phase', meaning: 'Commands go through.' },
  {
    state: 'recovering',
    word: 'Reconnecting',
    meaning: 'The last connection was lost; commands wait for a new login.',
  },
  { state: 'logging-out', word: 'Signing out', meaning: 'What runs may finish; nothing new is taken.' },
  { state: 'closed', word: 'Closed', meaning: 'It does not come back by itself.' },
];

/** A state in the words of this window. */
export const stateWord = (state: string): string => STATES.find((one) => one.state === state)?.word ?? state;

/** Where in its life a session stands, and where it has been. */
export function StateStrip({
  state,
  been,
}: {
  readonly state: SessionEntry['state'];
  readonly been: ReadonlySet<string>;
}) {
  return (
    <ol className="state-strip" aria-label="States of the session">
      {STATES.map((one) => (
        <li
          key={one.state}
          title={one.meaning}
          data-been={been.has(one.state)}
          aria-current={one.state === state ? 'step' : undefined}
        >
          {one.word}
        </li>
      ))}
    </ol>
  );
}
