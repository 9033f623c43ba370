/** A login status in words (RFC 7143 11.13.5). */
export interface LoginStatusExplanation {
  /** Short name as the RFC gives it. */
  readonly name: string;
  /** What happened, in a sentence. */
  readonly sentence: string;
  /** What to try next; empty for success. */
  readonly hint: string;
  /** Whether the same login may succeed later. */
  readonly retryable: boolean;
}

type Row = readonly [name: string, sentence: string, hint: string, retryable?: boolean];

const ROWS: ReadonlyMap<number, Row> = new Map<number, Row>([
  [0x0000, ['Success', 'The target accepted this step of the login.', '']],
  [
    0x0101,
    [
      'Target moved temporarily',
      'The target asks to log in at another address this time.',
      'Log in at the address it gave; ask here again the next time.',
      true,
    ],
  ],
  [
    0x0102,
    [
      'Target moved permanently',
      'The target has moved to another address for good.',
      'Log in at the address it gave and store that one.',
      true,
    ],
  ],
  [
    0x0200,
    [
      'Initiator error',
      'The target refused the login and blames the initiator, without saying what for.',
      "Look at the keys of the last login request; the target's log may name the one it dislikes.",
    ],
  ],
  [
    0x0201,
    [
      'Authentication failure',
      'The target does not believe this initiator: user name or secret is wrong, or it wants CHAP and got none.',
      'Check the CHAP user name and secret, and whether the target wants authentication at all.',
    ],
  ],
  [
    0x0202,
    [
      'Authorization failure',
      'The target knows this initiator but does not let it in.',
      "Add this initiator's name to the target's access list.",
    ],
  ],
  [
    0x0203,
    [
      'Not found',
      'There is no such target here, or it hides itself from this initiator.',
      "Check the target name letter by letter, the portal, and the target's access list; discovery shows what this initiator may see.",
    ],
  ],
  [
    0x0204,
    [
      'Target removed',
      'The target was removed and left no new address.',
      'Run discovery again to see what there is now.',
    ],
  ],
  [
    0x0205,
    [
      'Unsupported version',
      'The target does not speak this version of iSCSI.',
      'Look for a firmware update of the target; this initiator speaks version 0, the only one there is.',
    ],
  ],
  [
    0x0206,
    [
      'Too many connections',
      'The session has as many connections as the target allows.',
      'Use fewer connections, or raise MaxConnections on the target.',
    ],
  ],
  [
    0x0207,
    [
      'Missing parameter',
      'The target misses a key in the login, such as the initiator or target name.',
      'Give both names; a normal session cannot do without the target name.',
    ],
  ],
  [
    0x0208,
    [
      "Can't include in session",
      'The target cannot put this connection into that session.',
      'Start a new session; all connections of one must reach the same portal group.',
    ],
  ],
  [
    0x0209,
    [
      'Session type not supported',
      'The target does not offer this kind of session, such as discovery.',
      'Log in to a target by its name, or ask another portal.',
    ],
  ],
  [
    0x020a,
    ['Session does not exist', 'The session this connection wants to join is gone.', 'Start a new session.', true],
  ],
  [
    0x020b,
    [
      'Invalid during login',
      'The target got a request it does not take during login.',
      'Record the login and show it to the vendor; a correct initiator cannot cause this.',
    ],
  ],
  [
    0x0300,
    [
      'Target error',
      'The target failed by itself while it handled the login.',
      "Try again; if it stays so, look at the target's log.",
      true,
    ],
  ],
  [
    0x0301,
    [
      'Service unavailable',
      'The target is up but not ready: starting, stopping, or in maintenance.',
      'Wait a little and try again.',
      true,
    ],
  ],
  [
    0x0302,
    [
      'Out of resources',
      'The target has no room for another session or connection.',
      'Credentials were accepted; this is no authentication failure. Close other sessions, or raise the limit on the target, and try again.',
      true,
    ],
  ],
]);

const CLASSES: ReadonlyMap<number, Row> = new Map<number, Row>([
  [0, ['Success', 'The target accepted this step of the login with a detail RFC 7143 does not name.', '']],
  [
    1,
    [
      'Redirection',
      'The target sends the initiator elsewhere in a way RFC 7143 does not name.',
      'Log in at the address it gave.',
      true,
    ],
  ],
  [
    2,
    [
      'Initiator error',
      'The target refused the login and blames the initiator in a way RFC 7143 does not name.',
      "Look for the code in the target's manual.",
    ],
  ],
  [
    3,
    [
      'Target error',
      'The target could not complete the login, in a way RFC 7143 does not name.',
      "Try again later; look for the code in the target's manual.",
      true,
    ],
  ],
]);

const UNKNOWN: Row = [
  'Unknown status',
  'The target ended the login with a status class RFC 7143 does not have.',
  "Look for the code in the target's manual.",
];

/** Four hex digits of a status, class first. */
export function loginStatusCode(statusClass: number, statusDetail: number): string {
  return `0x${((statusClass << 8) | statusDetail).toString(16).padStart(4, '0')}`;
}

/** What a login status means and what to try next; defined for every class and detail. */
export function explainLoginStatus(statusClass: number, statusDetail: number): LoginStatusExplanation {
  const row = ROWS.get((statusClass << 8) | statusDetail) ?? CLASSES.get(statusClass) ?? UNKNOWN;
  const [name, sentence, hint, retryable = false] = row;
  return { name, sentence, hint, retryable };
}
