import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const renderer = join(import.meta.dirname, '../../renderer');

/** What style sheets may not say, with the first Chromium that understands it; 108 drops such a declaration without a word. */
const TOO_NEW: readonly (readonly [what: string, since: number, pattern: RegExp])[] = [
  ['color-mix()', 111, /color-mix\(/],
  ['oklch(), oklab(), lch(), lab() and color()', 111, /\b(?:ok)?(?:lch|lab)\(|\bcolor\(/],
  ['nested rules', 112, /^\s*&/m],
  ['linear()', 113, /[\s:,]linear\(/],
  ['text-wrap', 114, /text-wrap\s*:/],
  ['popovers', 114, /:popover-open/],
  ['subgrid', 117, /subgrid/],
  ['@starting-style', 117, /@starting-style/],
  ['@scope', 118, /@scope/],
  ['light-dark()', 123, /light-dark\(/],
  ['field-sizing', 123, /field-sizing\s*:/],
  ['anchors', 125, /anchor-name\s*:|position-anchor\s*:/],
];

const sheets = globSync('**/*.css', { cwd: renderer });

it.each(sheets)('%s says nothing that Chromium 108 does not understand', (sheet) => {
  const text = readFileSync(join(renderer, sheet), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const found = TOO_NEW.filter(([, , pattern]) => pattern.test(text));
  expect(found.map(([what, since]) => `${what}: since ${String(since)}`)).toEqual([]);
});
