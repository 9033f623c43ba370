import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FILTER_FIELDS } from '../../../core/trace/index.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'trace-format.md');

it('tells every field of the filters on the page about traces, and no other', () => {
  const [, part = ''] = readFileSync(page, 'utf8').split('### Fields');
  const rows = part
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map(([, name, also, kind, help]) => [name, also, kind, help])).toEqual(
    FILTER_FIELDS.map(({ name, aliases, kind, help }) => [
      `\`${name}\``,
      aliases.map((alias) => `\`${alias}\``).join(' '),
      kind,
      help,
    ]),
  );
});
