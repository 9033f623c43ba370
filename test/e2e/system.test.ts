import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { keepPicture } from './support/pictures.ts';

const target = 'iqn.2026-01.test.kernel:array';
const portal = '192.0.2.20:3260';

/** As iscsiadm(8): discovers one target, and keeps its session where the kernel would list it, under the root it is given. */
const ISCSIADM = `#!/bin/sh
root="$FAKE_ROOT"
echo "$*" >> "$root/calls"
session="$root/sys/class/iscsi_session/session1"
connection="$root/sys/class/iscsi_connection/connection1:0"
case "$*" in
  *sendtargets*192.0.2.99*) echo "iscsiadm: cannot make connection to 192.0.2.99: No route to host" >&2; exit 4;;
  *sendtargets*) echo "${portal},1 ${target}";;
  *--login) mkdir -p "$session" "$connection"
    echo ${target} > "$session/targetname"; echo 1 > "$session/tpgt"; echo LOGGED_IN > "$session/state"
    echo 192.0.2.20 > "$connection/persistent_address"; echo 3260 > "$connection/persistent_port";;
  *--logout) rm -rf "$session" "$connection";;
  *--rescan) ;;
  *) exit 7;;
esac
`;

onBothEnds('the initiator of this computer, with a stand-in for iscsiadm', ({ open }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lunascope-system-'));
  const root = join(folder, 'host');
  const bare = join(folder, 'bare');
  const before = process.env['PATH'];
  let running: Walked;
  const calls = (): string[] => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');
  beforeAll(async () => {
    const programs = join(folder, 'bin');
    mkdirSync(programs);
    mkdirSync(bare);
    for (const place of ['usr/sbin', 'etc/iscsi', 'sys/class/iscsi_session', 'sys/class/iscsi_connection'])
      mkdirSync(join(root, place), { recursive: true });
    writeFileSync(join(root, 'etc/iscsi/initiatorname.iscsi'), 'InitiatorName=iqn.2026-01.test.kernel:host\n');
    writeFileSync(join(root, 'calls'), '');
    // What chroot would do, for one who may not: the root is told to the stand-in instead.
    writeFileSync(join(programs, 'chroot'), '#!/bin/sh\nexport FAKE_ROOT="$1"\nshift\nexec "$FAKE_ROOT/usr/sbin/$@"\n');
    chmodSync(join(programs, 'chroot'), 0o755);
    writeFileSync(join(root, 'usr/sbin/iscsiadm'), ISCSIADM);
    chmodSync(join(root, 'usr/sbin/iscsiadm'), 0o755);
    for (const place of [folder, root, bare, 'calls', 'sys/class/iscsi_session', 'sys/class/iscsi_connection'])
      chmodSync(place.startsWith('/') ? place : join(root, place), 0o777);
    process.env['PATH'] = `${programs}:${before ?? ''}`;
    running = await open();
  });
  afterAll(async () => {
    process.env['PATH'] = before;
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says why there are no names and no sessions where the system has no initiator', async () => {
    const { page } = running;
    await page.getByRole('treeitem', { name: /^This computer/ }).click();
    await page.getByRole('heading', { name: 'This computer' }).waitFor();
    await page
      .getByText(/The iSCSI driver of the kernel is not loaded|The kernel has no iSCSI session/)
      .first()
      .waitFor();
  });

  it('offers nothing that needs iscsiadm where there is none', async () => {
    const { page } = running;
    await page.getByText('Root directory of the system').click();
    await page.getByRole('textbox', { name: 'Directory' }).fill(bare);
    await page.getByRole('button', { name: 'Use this directory' }).click();
    await page.getByText('There is no iscsiadm here to ask.').waitFor();
    expect(await page.getByRole('button', { name: 'Rescan its sessions' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Discover', exact: true }).count()).toBe(0);
    await keepPicture(page, 'system-without-iscsiadm');
  });

  it('tells the names of the initiator under another root', async () => {
    const { page } = running;
    await page.getByRole('textbox', { name: 'Directory' }).fill(root);
    await page.getByRole('button', { name: 'Use this directory' }).click();
    await page.getByRole('treeitem', { name: /iqn.2026-01.test.kernel:host/ }).waitFor();
    expect(await page.getByText('iqn.2026-01.test.kernel:host').count()).toBeGreaterThan(1);
  });

  it('discovers, logs in, rescans and logs out through iscsiadm', async () => {
    const { page } = running;
    await page.getByRole('textbox', { name: 'Portal' }).fill('192.0.2.20');
    await page.getByRole('button', { name: 'Discover', exact: true }).click();
    await page.getByRole('table', { name: 'Targets found' }).getByRole('button', { name: 'Log in' }).click();
    const sessions = page.getByRole('table', { name: 'Sessions of the kernel' });
    await sessions.getByRole('row', { name: new RegExp(`${target}.*${portal},1.*logged in`) }).waitFor();
    await page.getByRole('treeitem', { name: /^Kernel session array logged in/ }).waitFor();
    await page.getByRole('button', { name: 'Rescan its sessions' }).click();
    await keepPicture(page, 'system-sessions');
    expect(await findAccessibilityFaults(page)).toEqual([]);
    await sessions.getByRole('button', { name: 'Log out' }).click();
    await page.getByText(/The kernel has no iSCSI session/).waitFor();
    expect(calls()).toEqual([
      '-m discovery -t sendtargets -p 192.0.2.20:3260',
      `-m node -T ${target} -p ${portal} --login`,
      '-m session --rescan',
      `-m node -T ${target} -p ${portal} --logout`,
    ]);
  });

  it('says in words what iscsiadm could not do', async () => {
    const { page } = running;
    await page.getByRole('textbox', { name: 'Portal' }).fill('192.0.2.99');
    await page.getByRole('button', { name: 'Discover', exact: true }).click();
    const alert = page.getByRole('alert').filter({ visible: true });
    await expect.poll(() => alert.textContent()).toContain('the connection to the portal failed (iscsiadm exit 4)');
    await alert.getByRole('button', { name: /Detail/ }).click();
    expect(await alert.textContent()).toContain('No route to host');
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});
