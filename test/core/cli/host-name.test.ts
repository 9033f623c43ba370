import { afterEach, expect, it, vi } from 'vitest';
import { Cleanup, patterned, startRig, TARGET } from '../initiator/support.ts';
import { cli } from './support.ts';

const OWN = 'iqn.1993-08.org.debian:01:abc';
vi.mock(import('../../../core/node/initiator-names.ts'), async (original) => ({
  ...(await original()),
  hostInitiatorNames: () => Promise.resolve([OWN]),
}));

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it("warns before it logs in with the name of this computer's own initiator, and of no other", async () => {
  const { port } = await startRig(cleanup, [patterned(16).store]);
  const link = `iscsi://127.0.0.1:${String(port)}/${TARGET}`;
  const own = await cli(['luns', link, '--initiator-name', OWN]);
  expect(own).toMatchObject({
    code: 0,
    err: `warning: ${OWN} is the name of this computer's own initiator; logging in with it can end its sessions.\n`,
  });
  expect((await cli(['luns', link], { LUNASCOPE_INITIATOR_NAME: OWN })).err).toBe(own.err);
  expect(await cli(['luns', link, '--initiator-name', `${OWN}d`])).toMatchObject({ code: 0, err: '' });
  expect(await cli(['luns', link])).toMatchObject({ code: 0, err: '' });
});

it('tells who uses the library', async () => {
  const rig = await startRig(cleanup, [patterned(16).store]);
  const told: unknown[] = [];
  await rig.connect({ initiatorName: OWN, onEvent: (event) => told.push(event) });
  expect(told).toContainEqual({
    kind: 'warning',
    text: `${OWN} is the name of this computer's own initiator: logging in with it can end its sessions.`,
  });
});
