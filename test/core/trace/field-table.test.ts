import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FILTER_FIELDS, rowToJson } from '../../../core/trace/index.ts';
import { Scene } from './scene.ts';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');
const page = join(docs, 'trace-format.md');

it('names every field of a PDU in JSON on both pages, in their order', () => {
  const fields = Object.keys(rowToJson(new Scene().login().trace(), 0));
  const [, list = ''] = readFileSync(join(docs, 'cli.md'), 'utf8').split('it prints one object a PDU:');
  const listed = [...list.split('([what each is]')[0]!.matchAll(/`([^`]+)`/gu)].flatMap(([, names = '']) =>
    names.trim().split(/,\s*/u),
  );
  expect(listed.filter((name) => name !== 'out' && name !== '')).toEqual(fields);
  const [, table = ''] = readFileSync(page, 'utf8').split('## `decode --json`');
  const rows = (table.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  const told = rows.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/gu)].map(([, name]) => name));
  expect([...told].sort()).toEqual([...fields].sort());
});

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
