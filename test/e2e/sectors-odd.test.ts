import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenRaw, type RawListener } from '../hostile/peers/raw-listener.ts';
import { RawTarget } from '../hostile/peers/raw-target.ts';
import { checkCondition, pattern, UNIT, twinOf, type Unit } from '../hostile/peers/raw-unit.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { addPortal, openTarget, signIn } from './support/explorer-steps.ts';
import { keepPicture } from './support/pictures.ts';
import { goTo, grid, rows, settled } from './support/sector-steps.ts';

const patient = { timeout: 20_000 };
const NAME = 'iqn.2026-01.test.odd:raw';
const BLOCK = 520;
/** A unit as arrays with protection of their own make them. */
const ODD: Unit = { ...UNIT, blockSize: BLOCK, blocks: 5000 };
/** As large as the first, under another name, with other bytes. */
const TWIN = twinOf(ODD);

/** Every row in view shows the digits of its own bytes; gives how many do. */
async function expectBytesOf(page: Page, unit: Unit): Promise<number> {
  const all = pattern(unit, 0, unit.blocks);
  const shown = (await rows(page, BigInt(unit.blockSize))).filter(({ hex }) => hex !== '');
  for (const { address, hex } of shown) {
    const at = Number(address);
    expect(hex, `at ${at}`).toBe(all.subarray(at, at + 16).toString('hex'));
  }
  return shown.length;
}

onBothEnds('sectors of disks that the demo does not have', ({ open, name }) => {
  let target: RawTarget;
  let listener: RawListener;
  let running: Walked;
  let page: Page;
  beforeAll(async () => {
    target = new RawTarget({ unit: ODD, segment: 8192 });
    listener = await listenRaw(target);
    const address = `127.0.0.1:${listener.port},1`;
    target.options.discovery = { TargetName: NAME, TargetAddress: address };
    running = await open();
    ({ page } = running);
    await addPortal(page, '127.0.0.1', listener.port);
    await openTarget(page, NAME);
    await signIn(page, null);
    await page.getByRole('treeitem', { name: /^LUN 0/ }).dblclick();
    await grid(page).waitFor();
    await settled(page);
  });
  afterAll(async () => {
    await running.close();
    await listener.close();
  });

  it('has right gutters and bytes where blocks are 520 bytes long', async () => {
    await page.getByText('5\u202f000 blocks of 520 bytes').filter({ visible: true }).waitFor();
    expect(await expectBytesOf(page, ODD)).toBeGreaterThan(16);
    const head = await grid(page).locator('.hex-row').first().textContent();
    expect(head).toMatch(/^ {5}0 \+000 {2}00 0d 1a 27/u);
    // The block begins in the middle of a row, and is named where its first whole row is.
    const status = page.getByRole('contentinfo', { name: 'Status' });
    await goTo(page, 'lba:1');
    await expect.poll(() => status.textContent(), patient).toMatch(/LBA 1 \+ 0.*offset 0x208, length/u);
    await expectBytesOf(page, ODD);
    const lines = await grid(page).locator('.hex-row').allTextContents();
    expect(lines.some((line) => line.startsWith('     1 +008  '))).toBe(true);
    await goTo(page, 'lba:4321');
    await expectBytesOf(page, ODD);
    await goTo(page, 'end');
    const last = (await rows(page, BigInt(BLOCK))).filter(({ hex }) => hex !== '').at(-1);
    expect(last?.address).toBe(BigInt(5000 * BLOCK - 16));
    await expectBytesOf(page, ODD);
  });

  it('reads numbers over the edge of such a block', async () => {
    await goTo(page, `0x${(78 * BLOCK - 2).toString(16)}`);
    const bytes = pattern(ODD, 77, 2).subarray(BLOCK - 2, BLOCK + 2);
    const row = page.getByRole('row', { name: /^Unsigned 32/ }).filter({ visible: true });
    await expect
      .poll(() => row.getByRole('cell').allTextContents(), patient)
      .toEqual([String(bytes.readUInt32LE()), String(bytes.readUInt32BE())]);
    await keepPicture(page, `sectors-520-${name}`);
  });

  it('says when another unit has come in the middle of the session, lists it, and opens it when asked to', async () => {
    await goTo(page, '0');
    expect(await expectBytesOf(page, ODD)).toBeGreaterThan(16);
    target.options.unit = TWIN;
    let told = false;
    target.onRead((connection, request) => {
      if (told) return false;
      told = true;
      // REPORTED LUNS DATA HAS CHANGED
      checkCondition(connection, request, 6, 0x3f, 0x0e);
      return true;
    });
    await goTo(page, 'lba:3000');
    const alert = page.getByRole('alert').filter({ visible: true });
    await expect
      .poll(() => alert.allTextContents(), patient)
      .toEqual([expect.stringMatching(/^Another unit is there now/)]);
    expect(await alert.textContent()).toMatch(
      new RegExp(`It is .*${TWIN.naa}\\. The bytes in view are those of .*${ODD.naa}`, 'u'),
    );
    expect((await rows(page, BigInt(BLOCK))).every(({ hex }) => !/^[0-9a-f]/u.test(hex))).toBe(true);
    await goTo(page, '0');
    // What was read of the first is still its own.
    expect(await expectBytesOf(page, ODD)).toBeGreaterThan(16);
    await keepPicture(page, `sectors-another-unit-${name}`);
    await alert.getByRole('button', { name: 'Open the unit that is there now' }).click();
    await grid(page).waitFor();
    await settled(page);
    expect(await alert.count()).toBe(0);
    expect(await expectBytesOf(page, TWIN)).toBeGreaterThan(16);
    expect(target.logins).toBe(2);
    await page.getByRole('treeitem', { name: /^LUN 0/ }).click();
    await page.getByText('RAW-0002').filter({ visible: true }).first().waitFor();
  });

  it('made no complaint', () => expect(running.complaints).toEqual([]));
});
