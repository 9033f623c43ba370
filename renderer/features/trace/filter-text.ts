const OPENING = '({';
const CLOSING = ')}';

/** What joins two conditions, as a sign or as a word of its own. */
const JOINT = /&&|\|\||(?<![\w.-])(?:and|or)(?![\w.-])/iuy;

/** A filter's parts between its outermost "and", or the whole of one whose outermost is "or". */
function outermost(text: string): { readonly parts: readonly string[]; readonly hasOr: boolean } {
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
    else if (depth === 0) {
      JOINT.lastIndex = at;
      const joint = JOINT.exec(text)?.[0];
      if (joint === undefined) continue;
      if (/^(?:\|\||or)$/iu.test(joint)) return { parts: [text], hasOr: true };
      parts.push(text.slice(from, at));
      from = at + joint.length;
      at = from - 1;
    }
  }
  return { parts: [...parts, text.slice(from)], hasOr: false };
}

/** Cuts a filter at its outermost "and"; one with an outermost "or" stays whole. */
export function splitFilter(text: string): string[] {
  return outermost(text)
    .parts.map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Joins chips to one filter. */
export function joinFilter(chips: readonly string[]): string {
  if (chips.length === 1) return chips[0] ?? '';
  return chips.map((chip) => (outermost(chip).hasOr ? `(${chip})` : chip)).join(' && ');
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
