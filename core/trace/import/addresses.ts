/** Whether four words are an IPv4 address in IPv6's clothes. */
function isIpv4(words: Uint32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** An address of four words as people write it (RFC 5952 for IPv6). */
export function formatAddress(words: Uint32Array): string {
  if (isIpv4(words)) {
    const word = words[3] as number;
    return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.');
  }
  const groups: number[] = [];
  for (const word of words) groups.push(word >>> 16, word & 0xffff);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i += 1) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length += 1;
    if (length <= bestLength) continue;
    best = i;
    bestLength = length;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** Four words of an address written in IPv4 or IPv6 form, or undefined where the text is neither. */
export function parseAddress(text: string): Uint32Array | undefined {
  const bare = text.replace(/%.*$/u, '');
  const four = parseIpv4(bare);
  if (four !== undefined) return Uint32Array.of(0, 0, 0xffff, four);
  if (!/^[0-9a-fA-F:.]+$/u.test(bare) || !bare.includes(':')) return undefined;
  const halves = bare.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  return Uint32Array.from({ length: 4 }, (_, i) => ((groups[i * 2] ?? 0) << 16) | (groups[i * 2 + 1] ?? 0));
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/u.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  for (const part of text.split(':')) {
    const four = parseIpv4(part);
    if (four !== undefined) out.push(Math.floor(four / 65536), four % 65536);
    else if (/^[0-9a-fA-F]{1,4}$/u.test(part)) out.push(parseInt(part, 16));
    else return undefined;
  }
  return out;
}
