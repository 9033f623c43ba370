/** The name among those known that is nearest to one that is not, if any is near: with `most` letters amiss. */
export function nearest(
  name: string,
  known: Iterable<string>,
  most = Math.max(2, Math.floor(name.length / 3)),
): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase(), least);
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1;
      const [left, above, corner] = [next[j - 1], row[j], row[j - 1]] as [number, number, number];
      next.push(Math.min(left + 1, above + 1, corner + cost));
    }
    row = next;
  }
  return row[b.length] as number;
}

const LEAST_LETTERS = 3;

/** The first name known that begins as what was written, where that says enough. */
export function beginningWith(text: string, known: readonly string[]): string | undefined {
  const wanted = text.toLowerCase();
  return wanted.length < LEAST_LETTERS ? undefined : known.find((one) => one.toLowerCase().startsWith(wanted));
}
