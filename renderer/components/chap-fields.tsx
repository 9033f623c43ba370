import type { ChapInput, SignInProfile } from '../../electron/contract/explorer.ts';
import { CheckField, TextField } from './fields.tsx';

/** What a person has typed about CHAP. An empty secret stands for the one that is kept. */
export interface ChapDraft {
  readonly on: boolean;
  readonly user: string;
  readonly secret: string;
  readonly mutual: boolean;
  readonly targetUser: string;
  readonly targetSecret: string;
  readonly keep: boolean;
  /** A secret is kept for this very place and name. */
  readonly hasSecret: boolean;
}

export const emptyChap: ChapDraft = {
  on: false,
  user: '',
  secret: '',
  mutual: false,
  targetUser: '',
  targetSecret: '',
  keep: true,
  hasSecret: false,
};

/** What was kept of a sign-in, as a draft. */
export function draftOf(profile: SignInProfile | null): ChapDraft {
  const user = profile?.user ?? null;
  if (profile === null || user === null) return emptyChap;
  return {
    ...emptyChap,
    on: true,
    user,
    mutual: profile.mutual,
    targetUser: profile.targetUser ?? '',
    hasSecret: profile.secrets !== 'none',
  };
}

/** A draft as the main process takes it. */
export function chapInputOf(draft: ChapDraft): ChapInput | null {
  if (!draft.on) return null;
  return {
    user: draft.user,
    secret: draft.secret === '' ? null : draft.secret,
    mutual: draft.mutual
      ? { user: draft.targetUser, secret: draft.targetSecret === '' ? null : draft.targetSecret }
      : null,
  };
}

interface ChapFieldsProps {
  readonly draft: ChapDraft;
  readonly onChange: (draft: ChapDraft) => void;
  /** Whether the system has a store for secrets. */
  readonly store: boolean;
  readonly purpose: string;
  readonly mutual: boolean;
}

const SHORTEST = 12;

/** Name and secret of CHAP, one way or mutual. */
export function ChapFields({ draft, onChange, store, purpose, mutual }: ChapFieldsProps) {
  const set = (change: Partial<ChapDraft>): void => onChange({ ...draft, ...change });
  const kept = draft.hasSecret ? 'Kept; leave empty to use it' : '';
  const short = draft.secret !== '' && draft.secret.length < SHORTEST;
  return (
    <div className="form">
      <CheckField label={purpose} checked={draft.on} onChange={(on) => set({ on })} />
      {draft.on ? (
        <>
          <div className="form-row">
            <TextField
              label="CHAP name"
              mono
              width="medium"
              value={draft.user}
              onChange={(user) => set({ user, hasSecret: false })}
            />
            <TextField
              label="CHAP secret"
              secret
              width="medium"
              value={draft.secret}
              placeholder={kept}
              {...(short ? { help: 'Many targets want 12 to 16 characters.' } : {})}
              onChange={(secret) => set({ secret })}
            />
          </div>
          {mutual ? (
            <CheckField
              label="The target must prove itself too (mutual CHAP)"
              help="The target answers with its own name and secret. It must not be the same secret as yours."
              checked={draft.mutual}
              onChange={(on) => set({ mutual: on })}
            />
          ) : null}
          {mutual && draft.mutual ? (
            <div className="form-row">
              <TextField
                label="The target’s CHAP name"
                mono
                width="medium"
                value={draft.targetUser}
                onChange={(targetUser) => set({ targetUser })}
              />
              <TextField
                label="The target’s secret"
                secret
                width="medium"
                value={draft.targetSecret}
                placeholder={kept}
                onChange={(targetSecret) => set({ targetSecret })}
              />
            </div>
          ) : null}
          {store ? (
            <CheckField
              label="Keep the secret in the system’s store"
              checked={draft.keep}
              onChange={(keep) => set({ keep })}
            />
          ) : (
            <p className="field-help">This system has no store for secrets, so the secret is kept for this run only.</p>
          )}
        </>
      ) : null}
    </div>
  );
}
