import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../core/errors/index.ts';
import { connect } from '../../../core/initiator/index.ts';

// Port 1 is closed: a name that is let through ends in a refused connection, so nothing is sent anywhere.
const portal = { host: '127.0.0.1', port: 1 };
const target = 'iqn.2026-01.test:disk';

async function errorOf(options: Parameters<typeof connect>[1]): Promise<unknown> {
  return connect(portal, options).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the names of a session', () => {
  it.each([
    ['Not A Name', 'The name holds U+0020'],
    ['', 'The name is empty.'],
    ['disk1', 'The name starts with none of'],
    [`iqn.2026-01.test:${'x'.repeat(220)}`, 'at most 223'],
    ['iqn.2026-01.test:two\nlines', 'U+000A'],
  ])('refuses the target %j', async (name, said) => {
    const error = await errorOf({ target: name });
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT' });
    expect((error as Error).message).toContain(said);
  });

  it.each(['iqn.2026-01.test:disk', 'iqn.2004-04.com.vendor:my_lun', 'eui.02004567a425678d', 'naa.52004567ba64678d'])(
    'lets the target %s through, as targets in the field are called that',
    async (name) => {
      expect(await errorOf({ target: name })).toMatchObject({ code: 'CONNECT_REFUSED' });
    },
  );

  it('refuses an own name that breaks the rules', async () => {
    const error = await errorOf({ target, initiatorName: 'iqn.2026-01.test:my_host' });
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain('"iqn.2026-01.test:my_host" is no initiator name.');
  });
});
