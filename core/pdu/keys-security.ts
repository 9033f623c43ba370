import type { KeySpec } from './keys-types.ts';

const SECURITY = ['security'] as const;
const FREE_TEXT = { kind: 'text', maxBytes: 255 } as const;
const both = { senders: 'both' } as const;

const security = {
  rule: 'declared',
  defaultValue: null,
  scope: 'connection',
  use: 'initialize only',
  ...both,
  sessions: 'any',
  stages: SECURITY,
} as const;
const PROOF = { kind: 'binary', maxBytes: 1024 } as const;
const other = (name: string, method: string, clause: string, meaning: string): KeySpec => ({
  ...security,
  name,
  clause,
  meaning,
  type: { kind: 'text', maxBytes: 65536 },
  effect: `Belongs to ${method}, which is decoded here but not spoken.`,
});

/** Keys of the security stage (RFC 7143 12.1). */
export const SECURITY_KEYS: readonly KeySpec[] = [
  {
    ...security,
    name: 'AuthMethod',
    rule: 'choice',
    clause: 'RFC 7143 12.1',
    type: { kind: 'list', values: ['KRB5', 'SRP', 'CHAP', 'None'], open: true },
    meaning: 'How the two sides prove who they are.',
    effect: 'None lets anybody in who knows the names.',
  },
  {
    ...security,
    name: 'CHAP_A',
    rule: 'choice',
    clause: 'RFC 7143 12.1.3',
    type: { kind: 'list', values: ['5', '6', '7', '8'], open: true },
    meaning: 'CHAP hash: 5 MD5, 6 SHA-1, 7 SHA-256, 8 SHA3-256.',
    effect: 'Decides how hard a recorded login is to guess the secret from.',
  },
  {
    ...security,
    name: 'CHAP_I',
    type: { kind: 'number', min: 0, max: 255 },
    clause: 'RFC 7143 12.1.3',
    meaning: 'Identifier that goes into the hash.',
    effect: 'Ties an answer to its challenge.',
  },
  {
    ...security,
    name: 'CHAP_C',
    type: PROOF,
    clause: 'RFC 7143 12.1.3',
    meaning: 'Challenge: random bytes the other side hashes with its secret.',
    effect: 'Must be new every time.',
  },
  {
    ...security,
    name: 'CHAP_N',
    type: FREE_TEXT,
    clause: 'RFC 7143 12.1.3',
    meaning: 'Name the answer is given under.',
    effect: 'Selects the secret the answer is checked with.',
  },
  {
    ...security,
    name: 'CHAP_R',
    type: PROOF,
    clause: 'RFC 7143 12.1.3',
    meaning: 'Answer to the challenge.',
    effect: 'Proves that the sender knows the secret.',
  },
  other('SRP_U', 'SRP', 'RFC 7143 12.1.2', 'User name.'),
  other('SRP_GROUP', 'SRP', 'RFC 7143 12.1.2', 'Groups the sender accepts.'),
  other('SRP_A', 'SRP', 'RFC 7143 12.1.2', 'Ephemeral value of the initiator.'),
  other('SRP_B', 'SRP', 'RFC 7143 12.1.2', 'Ephemeral value of the target.'),
  other('SRP_M', 'SRP', 'RFC 7143 12.1.2', 'Proof of the initiator.'),
  other('SRP_HM', 'SRP', 'RFC 7143 12.1.2', 'Proof of the target.'),
  other('SRP_s', 'SRP', 'RFC 7143 12.1.2', 'Salt.'),
  other('TargetAuth', 'SRP', 'RFC 7143 12.1.2', 'Whether the target is to prove itself too.'),
  other('KRB_AP_REQ', 'Kerberos', 'RFC 7143 12.1.1', "Initiator's ticket."),
  other('KRB_AP_REP', 'Kerberos', 'RFC 7143 12.1.1', "Target's proof."),
  other('SPKM_REQ', 'SPKM', 'RFC 3720 11.1.2', "Initiator's token."),
  other('SPKM_ERROR', 'SPKM', 'RFC 3720 11.1.2', 'Error token.'),
  other('SPKM_REP_TI', 'SPKM', 'RFC 3720 11.1.2', "Target's token."),
  other('SPKM_REP_IT', 'SPKM', 'RFC 3720 11.1.2', "Initiator's answer."),
];
