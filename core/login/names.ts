import { toHex } from '../bytes/index.ts';
import type { RandomBytes } from './types.ts';

/** Most bytes of an iSCSI name (RFC 7143 4.2.7.1). */
export const NAME_BYTES = 223;

/** What a name turned out to be. */
export interface IscsiName {
  /** The form of the name; `other` where it follows none. */
  readonly form: 'iqn' | 'eui' | 'naa' | 'other';
  /** The name as it is compared: NFKC and lower case (RFC 3722). */
  readonly normalized: string;
  /** Why it is no proper iSCSI name, in a sentence; null where it is one. */
  readonly problem: string | null;
}

const IQN = /^iqn\.[0-9]{4}-(0[1-9]|1[0-2])\.[^:.]+(\.[^:.]+)*(:.+)?$/u;
// RFC 3722 leaves letters and digits of every script, and of ASCII's signs only these three.
const FORBIDDEN = /[^\p{L}\p{M}\p{N}\-.:]/u;

function formOf(normalized: string): IscsiName['form'] {
  if (normalized.startsWith('iqn.')) return 'iqn';
  if (normalized.startsWith('eui.')) return 'eui';
  if (normalized.startsWith('naa.')) return 'naa';
  return 'other';
}

function problemOf(normalized: string, form: IscsiName['form']): string | null {
  const length = new TextEncoder().encode(normalized).length;
  if (length === 0) return 'The name is empty.';
  if (length > NAME_BYTES) return `The name is ${length} bytes long; at most ${NAME_BYTES} are allowed.`;
  const bad = FORBIDDEN.exec(normalized);
  if (bad !== null) {
    const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `The name holds U+${code}; letters, digits, "-", "." and ":" are allowed.`;
  }
  switch (form) {
    case 'iqn':
      return IQN.test(normalized)
        ? null
        : 'An iqn name reads iqn.YEAR-MONTH.REVERSED-DOMAIN, then ":" and text of your own.';
    case 'eui':
      return /^eui\.[0-9a-f]{16}$/u.test(normalized) ? null : 'An eui name has 16 hex digits after "eui.".';
    case 'naa':
      return /^naa\.([0-9a-f]{16}|[0-9a-f]{32})$/u.test(normalized)
        ? null
        : 'A naa name has 16 or 32 hex digits after "naa.".';
    case 'other':
      return 'The name starts with none of "iqn.", "eui." and "naa.".';
  }
}

/** Checks an iSCSI name and brings it into the form names are compared in (RFC 7143 4.2.7, RFC 3722). */
export function checkIscsiName(name: string): IscsiName {
  const normalized = name.normalize('NFKC').toLowerCase();
  const form = formOf(normalized);
  return { form, normalized, problem: problemOf(normalized, form) };
}

/** A new initiator name that no other host has. */
export function generateIqn(random: RandomBytes): string {
  return `iqn.2026-01.org.lunascope:${toHex(random(6))}`;
}

/** An ISID in the random format (RFC 7143 11.12.5): type 10b, 24 random bits, 16 bits of qualifier. */
export function randomIsid(random: RandomBytes): Uint8Array {
  const isid = new Uint8Array(6);
  isid[0] = 0x80;
  isid.set(random(5).subarray(0, 5), 1);
  return isid;
}
