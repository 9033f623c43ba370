import type { Trace } from '../trace.ts';
import type { FindingCollector } from './collector.ts';
import type { Coverage, Side } from './coverage.ts';

const NAMED = 8;

/** Reports once which connections were captured in one direction only, where their PDUs prove that there was another. */
export function reportOneSided(trace: Trace, coverage: Coverage, collector: FindingCollector): void {
  const found: { readonly id: number; readonly side: Side; readonly row: number }[] = [];
  let count = 0;
  for (const { id, firstPdu } of trace.connections) {
    const side = coverage.onlySide(id);
    if (side === undefined) continue;
    count += 1;
    if (found.length < NAMED) found.push({ id, side, row: firstPdu });
  }
  const [first] = found;
  if (first === undefined) return;
  const rows = found.map(({ row }) => row);
  if (count === 1) {
    const other = first.side === 'initiator' ? 'target' : 'initiator';
    collector.report('trace-one-sided', first.id, rows, () => {
      const pdus = coverage.countOf(first.id);
      return `All ${pdus} PDUs are those of the ${first.side}; of the ${other}, which has spoken too, there is none.`;
    });
    return;
  }
  collector.report('trace-one-sided', null, rows, () => {
    const named = found.map(({ id, side }) => `#${id} (${side})`).join(', ');
    const more = count > found.length ? ` and ${count - found.length} more` : '';
    return `Of ${count} of ${trace.connections.length} connections one side alone is there: ${named}${more}.`;
  });
}
