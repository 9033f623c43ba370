import type { KeySpec, KeyValue } from '../pdu/index.ts';

/**
 * What two values of a key come to (RFC 7143 6.2); `first` is the offer, whose order decides a choice.
 * Undefined where they have nothing in common, or the key is not one two sides agree on.
 */
export function combine(spec: KeySpec, first: KeyValue, second: KeyValue): KeyValue | undefined {
  if (first.kind === 'number' && second.kind === 'number') {
    if (spec.rule === 'minimum') return first.number <= second.number ? first : second;
    if (spec.rule === 'maximum') return first.number >= second.number ? first : second;
  }
  if (first.kind === 'boolean' && second.kind === 'boolean') {
    if (spec.rule === 'and') return { kind: 'boolean', yes: first.yes && second.yes };
    if (spec.rule === 'or') return { kind: 'boolean', yes: first.yes || second.yes };
  }
  if (first.kind === 'list' && second.kind === 'list' && spec.rule === 'choice') {
    const picked = first.list.find((item) => second.list.includes(item));
    return picked === undefined ? undefined : { kind: 'list', list: [picked] };
  }
  return undefined;
}

/** Why an answer is not one the offer allows, as the end of a sentence; undefined where it is. */
export function faultOfAnswer(spec: KeySpec, offer: KeyValue, answer: KeyValue): string | undefined {
  if (offer.kind === 'number' && answer.kind === 'number') {
    if (spec.rule === 'minimum' && answer.number > offer.number)
      return `is more than the ${offer.number} that was offered`;
    if (spec.rule === 'maximum' && answer.number < offer.number)
      return `is less than the ${offer.number} that was offered`;
  }
  if (offer.kind === 'boolean' && answer.kind === 'boolean') {
    if (spec.rule === 'and' && answer.yes && !offer.yes)
      return 'overrules the No that was offered, which an answer cannot do';
    if (spec.rule === 'or' && !answer.yes && offer.yes)
      return 'overrules the Yes that was offered, which an answer cannot do';
  }
  if (offer.kind === 'list' && answer.kind === 'list') {
    const [only, more] = answer.list;
    if (only === undefined || more !== undefined) return 'is a list where one value was wanted';
    if (!offer.list.includes(only)) return `is not among what was offered (${offer.list.join(',')})`;
  }
  return undefined;
}
