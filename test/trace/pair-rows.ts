import { MARKS, type Trace } from '../../core/trace/index.ts';
import type { PduFacts } from '../support/real/tshark-facts.ts';

function agrees(known: string, bhs: Uint8Array): boolean {
  return bhs.every((byte, i) => {
    const text = known.slice(i * 2, i * 2 + 2);
    return text === '..' || parseInt(text, 16) === byte;
  });
}

/** What tshark says about each PDU of a trace, by row; undefined for those it does not dissect. */
export function pairRows(trace: Trace, facts: readonly PduFacts[]): (PduFacts | undefined)[] {
  const queues = new Map<string, PduFacts[]>();
  for (const fact of facts) {
    const key = `${fact.stream}:${fact.fromPort}>${fact.toPort}`;
    queues.set(key, [...(queues.get(key) ?? []), fact]);
  }
  const queueOf = new Map<string, PduFacts[]>();
  return Array.from({ length: trace.length }, (_, row) => {
    const [page, i] = trace.at(row);
    const { initiatorPort, targetPort } = trace.connections[page.connection[i]!]!.endpoints;
    const out = (page.marks[i]! & MARKS.fromInitiator) !== 0;
    const direction = out ? `${initiatorPort}>${targetPort}` : `${targetPort}>${initiatorPort}`;
    const key = `${page.connection[i]!}/${direction}`;
    let queue = queueOf.get(key);
    if (queue === undefined) {
      const name = [...queues.keys()].find((id) => id.endsWith(`:${direction}`)) ?? '';
      queue = queues.get(name) ?? [];
      queues.delete(name);
      queueOf.set(key, queue);
    }
    const [fact] = queue;
    if (fact === undefined || !agrees(fact.bhs, trace.readPdu(row, 0).bhs)) return undefined;
    queue.shift();
    // tshark shows the header a Reject quotes as one more PDU of the frame.
    const next = queue[0];
    if (fact.iscsi['opcode'] === 0x3f && next?.frame === fact.frame && Number(next.iscsi['opcode']) < 0x20)
      queue.shift();
    return fact;
  });
}
