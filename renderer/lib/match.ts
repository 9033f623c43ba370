/** What can be looked for by its words. */
interface Named {
  readonly title: string;
  readonly detail: string;
}

/** Those that hold every word of `text`, in any order; those whose title begins with it come first. */
export function matchWords<T extends Named>(items: readonly T[], text: string): T[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [...items];
  const scored = items.flatMap((item, index) => {
    const title = item.title.toLowerCase();
    const all = `${title} ${item.detail.toLowerCase()}`;
    if (!words.every((word) => all.includes(word))) return [];
    const first = words[0] ?? '';
    const rank = title.startsWith(first) ? 0 : title.includes(` ${first}`) ? 1 : title.includes(first) ? 2 : 3;
    return [{ item, rank, index }];
  });
  return scored.sort((a, b) => a.rank - b.rank || a.index - b.index).map(({ item }) => item);
}
