import { isReservedValue, parseKeyValue, type KeySpec } from '../../pdu/index.ts';

/** What a recording or a safe export put in place of a secret. */
const MASKED = /^\*+$/u;

/** What is wrong with a value by itself, as the end of a sentence that starts with key and value; null where nothing is. */
export function faultIn(spec: KeySpec, value: string): string | null {
  if (isReservedValue(value) || MASKED.test(value)) return null;
  const read = parseKeyValue(spec, value);
  return read.kind === 'fault' ? read.fault : null;
}

/** What is wrong with a value as the answer to an offer, in the same way (RFC 7143 6.2.1, 6.2.2). */
export function answerFault(spec: KeySpec, offered: string, answered: string): string | null {
  if (spec.obsolete === true || isReservedValue(answered) || isReservedValue(offered)) return null;
  if (faultIn(spec, offered) !== null) return null;
  const [offer, answer] = [Number(offered), Number(answered)];
  switch (spec.rule) {
    case 'choice':
      return offered.split(',').includes(answered) ? null : `is none of what was offered: ${offered}`;
    case 'minimum':
      return answer > offer ? `is more than the ${offered} that was offered` : null;
    case 'maximum':
      return answer < offer ? `is less than the ${offered} that was offered` : null;
    case 'or':
      return offered === 'Yes' && answered === 'No' ? 'cannot be: the offer of Yes alone decides it' : null;
    case 'and':
      return offered === 'No' && answered === 'Yes' ? 'cannot be: the offer of No alone decides it' : null;
    default:
      return null;
  }
}
