const OPENING = '({';
const CLOSING = ')}';

/** Cuts a filter at its outermost "and"; one with an outermost "or" stays whole. */
export function splitFilter(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted) {
      if (char === '\\') at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (OPENING.includes(char)) depth += 1;
    else if (CLOSING.includes(char)) depth -= 1;
    else if (depth === 0 && text.startsWith('||', at)) return [text.trim()].filter((part) => part !== '');
    else if (depth === 0 && text.startsWith('&&', at)) {
      parts.push(text.slice(from, at));
      from = at + 2;
      at += 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const hasOr = (part: string): boolean => splitFilter(part).length === 1 && /\|\||\bor\b/.test(part);

/** Joins chips to one filter. */
export function joinFilter(chips: readonly string[]): string {
  if (chips.length === 1) return chips[0] ?? '';
  return chips.map((chip) => (hasOr(chip) && !chip.startsWith('(') ? `(${chip})` : chip)).join(' && ');
}

/** Puts what was brushed over in place of the bounds of the same field that held before. */
export function rebrush(chips: readonly string[], field: string, conditions: readonly string[]): string[] {
  const isBound = (chip: string): boolean =>
    chip.startsWith(`${field} `) && /^\S+ (>=|<=|<|>) [\d.]+\s*[a-zµ]*$/.test(chip);
  return [...chips.filter((chip) => !isBound(chip)), ...conditions];
}

/** The opposite of a condition. */
export function negate(part: string): string {
  return `!(${part})`;
}
