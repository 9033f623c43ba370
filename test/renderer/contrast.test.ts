import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const sheet = readFileSync(join(import.meta.dirname, '../../renderer/app/tokens.css'), 'utf8');

function tokensOf(css: string): Map<string, string> {
  return new Map([...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name ?? '', value ?? '']));
}

const [darkSheet = '', lightSheet = ''] = sheet.split('@media (prefers-color-scheme: light)');
const dark = tokensOf(darkSheet);
const light = new Map([...dark, ...tokensOf(lightSheet)]);

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['bg-1', 'bg-2', 'bg-3', 'bg-hover'];
const texts = [
  ...['fg', 'fg-muted', 'accent', 'ok', 'warn', 'err', 'info'],
  ...['pdu-cmd', 'pdu-data', 'pdu-resp', 'pdu-login', 'pdu-nop', 'pdu-err', 'hex-zero', 'hex-match'],
  ...Array.from({ length: 8 }, (_, index) => `hex-struct-${index + 1}`),
];

describe.each([
  ['dark', dark],
  ['light', light],
])('contrast in the %s theme', (_theme, tokens) => {
  const value = (name: string): string => {
    const found = tokens.get(name);
    if (found === undefined) throw new Error(`There is no token --${name}.`);
    return found;
  };

  it.each(texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)))(
    '--%s on --%s is at least 4.5',
    (text, ground) => {
      expect(contrast(value(text), value(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each([
    ['fg-selected', 'bg-selected'],
    ['accent-fg', 'accent-bg'],
  ])('--%s on --%s is at least 4.5', (text, ground) => {
    expect(contrast(value(text), value(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(grounds)('focus shows on --%s with at least 3', (ground) => {
    expect(contrast(value('focus'), value(ground))).toBeGreaterThanOrEqual(3);
  });
});

it('uses sRGB hex only', () => {
  expect(sheet).not.toMatch(/oklch|color-mix|rgb\(|hsl\(|color\(/);
});
