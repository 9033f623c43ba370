import type { FilterState } from '../../../electron/contract/trace.ts';
import { formatCount, formatCountOf } from '../../lib/format.ts';

/** What a pane that adds up is of: what passes the filter, or the whole trace. */
export type Scope = 'filtered' | 'all';

/** What such a pane asks for and when: no view stands for the whole trace. */
export interface Scoped {
  readonly view: string;
  readonly version: string;
  /** A filter at work is waited for. */
  readonly rests: boolean;
}

/** What a pane follows, with the filter in force and what the person has chosen. */
export function scopeOf(
  { pdus, phase }: { readonly pdus: number; readonly phase: string },
  { view, filter, scope }: { readonly view: string; readonly filter: FilterState | null; readonly scope: Scope },
): Scoped {
  if (view === '' || filter?.error !== null || scope === 'all')
    return { view: '', version: `${pdus} ${phase}`, rests: false };
  return { view, version: `${filter.pdus} ${pdus} ${phase}`, rests: !filter.done };
}

interface ScopeSwitchProps {
  readonly filter: FilterState | null;
  readonly scope: Scope;
  readonly onScope: (scope: Scope) => void;
  readonly unit: 'tasks' | 'pdus';
  /** How many there are without the filter. */
  readonly all: number;
}

/** Says what a pane shows while a filter is in force, and lets it show the whole trace. */
export function ScopeSwitch({ filter, scope, onScope, unit, all }: ScopeSwitchProps) {
  if (filter?.error !== null) return null;
  const total = formatCountOf(BigInt(all), unit === 'tasks' ? 'task' : 'PDU');
  const words = filter.done
    ? `${formatCount(BigInt(filter[unit]))} of ${total}: those that pass the filter`
    : 'Waits for the filter …';
  return (
    <div className="pane-scope">
      <div className="trace-modes" role="group" aria-label="What is shown">
        {(['filtered', 'all'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={scope === one} onClick={() => onScope(one)}>
            {one === 'all' ? 'All' : 'Filtered'}
          </button>
        ))}
      </div>
      <span className="muted" role="status">
        {scope === 'all' ? `All ${total}, with those that the filter leaves out` : words}
      </span>
    </div>
  );
}
