import { joinBytes, type FieldNode } from '../bytes/index.ts';
import { keySpec } from '../pdu/index.ts';
import { oneLine, SECRET_KEYS, showValue } from './describe.ts';
import { carriedText, goesOn } from './text-chain.ts';
import type { Trace } from './trace.ts';

const NOTHING = new Uint8Array(0);

function keyNode(line: string, begun: boolean, cutOff: boolean, offset: number, length: number): FieldNode {
  const cut = line.indexOf('=');
  const key = oneLine(cut < 0 ? line : line.slice(0, cut));
  const node = { name: key, label: begun ? `${key}, begun in another PDU` : key, offset, length };
  if (cut < 0)
    return cutOff
      ? { ...node, text: 'goes on in another PDU' }
      : { ...node, text: 'no value', malformed: 'A key without "=".' };
  const value = line.slice(cut + 1);
  const spec = keySpec(key);
  return {
    ...node,
    text: showValue(key, value),
    ...(SECRET_KEYS.has(key) ? {} : { value }),
    ...(spec === undefined ? {} : { meaning: spec.meaning, clause: spec.clause }),
  };
}

/** Text keys of a login or text PDU, each where its bytes lie; the first may have begun in another PDU, the last may go on. */
export function keyNodes(trace: Trace, row: number, data: Uint8Array, offset: number): FieldNode[] {
  const nodes: FieldNode[] = [];
  const decoder = new TextDecoder();
  for (let from = 0; from < data.length;) {
    const nul = data.indexOf(0, from);
    const end = nul < 0 ? data.length : nul;
    if (end > from) {
      const carried = from === 0 ? carriedText(trace, row) : NOTHING;
      const line = decoder.decode(joinBytes([carried, data.subarray(from, end)]));
      nodes.push(keyNode(line, carried.length > 0, nul < 0 && goesOn(trace, row), offset + from, end - from));
    }
    from = end + 1;
  }
  return nodes;
}
