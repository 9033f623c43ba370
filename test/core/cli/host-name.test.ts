import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Cleanup, patterned, startRig, TARGET } from '../initiator/support.ts';
import { cli } from './support.ts';

const OWN = 'iqn.1993-08.org.debian:01:abc';
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it("warns before it logs in with the name of this computer's own initiator, and of no other", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lunascope-cli-'));
  cleanup.add(() => rm(folder, { recursive: true }));
  const initiatorNameFile = join(folder, 'initiatorname.iscsi');
  await writeFile(initiatorNameFile, `InitiatorName=${OWN}\n`);
  const { port } = await startRig(cleanup, [patterned(16).store]);
  const luns = (args: readonly string[], env: Readonly<Record<string, string>> = {}): ReturnType<typeof cli> =>
    cli(['luns', `iscsi://127.0.0.1:${String(port)}/${TARGET}`, ...args], env, undefined, { initiatorNameFile });
  const own = await luns(['--initiator-name', OWN]);
  expect(own).toMatchObject({
    code: 0,
    err: `warning: ${OWN} is the name of this computer's own initiator; logging in with it can end its sessions.\n`,
  });
  expect((await luns([], { LUNASCOPE_INITIATOR_NAME: OWN })).err).toBe(own.err);
  expect(await luns(['--initiator-name', `${OWN}d`])).toMatchObject({ code: 0, err: '' });
  expect(await luns([])).toMatchObject({ code: 0, err: '' });
});
