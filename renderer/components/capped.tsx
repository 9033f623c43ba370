import { useState, type ReactNode } from 'react';
import { formatCount } from '../lib/format.ts';

const AT_FIRST = 500;

/** The first of a long list, and below it the way to all of it; nothing is left out unsaid. */
export function useCapped<T>(
  all: readonly T[],
  what: string,
  atFirst: number = AT_FIRST,
): { readonly shown: readonly T[]; readonly rest: ReactNode } {
  const [whole, setWhole] = useState(false);
  if (whole || all.length <= atFirst) return { shown: all, rest: null };
  const rest = (
    <p className="capped muted">
      {`The first ${formatCount(BigInt(atFirst))} of ${formatCount(BigInt(all.length))} ${what}. `}
      <button type="button" className="link" onClick={() => setWhole(true)}>
        Show all
      </button>
    </p>
  );
  return { shown: all.slice(0, atFirst), rest };
}
