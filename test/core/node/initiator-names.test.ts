import { expect, it } from 'vitest';
import { hostInitiatorNames, parseInitiatorNames } from '../../../core/node/index.ts';

it('finds the names of an initiatorname file', () => {
  const text =
    '## a comment\n#InitiatorName=iqn.2026-01.org.example:no\nInitiatorName=iqn.2026-01.org.example:a\r\n  InitiatorName = iqn.2026-01.org.example:b  \nInitiatorAlias=x\n';
  expect(parseInitiatorNames(text)).toEqual(['iqn.2026-01.org.example:a', 'iqn.2026-01.org.example:b']);
  expect(parseInitiatorNames('')).toEqual([]);
});

it('finds none where there is no such file', async () => {
  expect(await hostInitiatorNames('/nonexistent/initiatorname.iscsi')).toEqual([]);
});
