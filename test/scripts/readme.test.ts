import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const { suitePackages } = (await import(join(root, 'scripts/lib/system.mjs'))) as { suitePackages: readonly string[] };

describe('the README', () => {
  it('names every Debian package that npm test installs', () => {
    const named = suitePackages.map((names) => names.split('|')[0] ?? '');
    expect(named.filter((name) => !new RegExp(`\\b${name.replace('+', '\\+')}\\b`).test(readme))).toEqual([]);
  });

  it('has a row for every script a person runs', () => {
    const own = Object.keys(scripts).filter((name) => !/^(check|test):/.test(name) && name !== 'setup');
    expect(own.filter((name) => !readme.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('shows pictures and links to pages that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
    const local = targets.filter((target) => !target.includes('://'));
    expect(local.length).toBeGreaterThan(4);
    expect(local.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });
});
