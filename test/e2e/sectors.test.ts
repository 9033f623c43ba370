import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runOk } from '../support/real/child.ts';
import { Tgt } from '../support/real/tgt.ts';
import { requireTool } from '../support/real/tools.ts';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { addPortal, openTarget, signIn } from './support/explorer-steps.ts';
import { keepPicture } from './support/pictures.ts';
import { goTo, grid, openSectors, rows, settled, shownFrom } from './support/sector-steps.ts';

// What else runs on the machine may take seconds of it.
const patient = { timeout: 20_000 };

const MIB = 1024 * 1024;
const EIGHT_EIB = 2n ** 63n;

onBothEnds('sectors of the demo SAN', ({ open }) => {
  let running: Walked;
  beforeAll(async () => {
    running = await open();
    const { page } = running;
    await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
    await page.getByRole('button', { name: 'GPT disk' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE GPT disk' }).waitFor();
    await openSectors(page);
  });
  afterAll(() => running.close());

  it('shows the GPT as a tree, both copies with right checksums', async () => {
    const { page } = running;
    const tree = page.getByRole('tree', { name: 'Structures on the disk' });
    const primary = tree.getByRole('treeitem', { name: /GPT header \(primary\)/ });
    await primary.waitFor();
    expect(await primary.textContent()).toContain('both checksums correct');
    expect(await tree.getByRole('treeitem', { name: /GPT header \(backup\)/ }).count()).toBe(1);
    expect(await tree.getByRole('treeitem', { name: /^Partition/ }).count()).toBe(2);
    await primary.click();
    await settled(page);
    expect(await shownFrom(page, 512n)).toMatch(/^4546492050415254/);
    await tree.press('ArrowRight');
    const guid = tree.getByRole('treeitem', { name: /^Disk GUID/ });
    await guid.click();
    await tree
      .getByRole('treeitem', { name: /GPT entries \(primary\)/ })
      .locator('.hex-twist')
      .click();
    await expect
      .poll(() => tree.getByRole('treeitem', { selected: true }).textContent(), patient)
      .toContain('Disk GUID');
    await running.setTheme('dark');
    await keepPicture(page, 'sectors-gpt-dark');
    await running.setTheme('light');
    await keepPicture(page, 'sectors-gpt-light');
    await running.setTheme('dark');
  });

  it('finds the field from the byte as well', async () => {
    const { page } = running;
    await goTo(page, '0x438');
    const tree = page.getByRole('tree', { name: 'Structures on the disk' });
    await expect.poll(() => tree.getByRole('treeitem', { selected: true }).textContent(), patient).toMatch(/^Name/);
    expect(await page.getByRole('group', { name: 'Data inspector' }).textContent()).toContain('Documents');
  });

  it('moves by keys, and tells offset and length of the selection', async () => {
    const { page } = running;
    await goTo(page, 'lba:2048');
    await grid(page).focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowRight'])
      await page.keyboard.press(key);
    const status = page.getByRole('contentinfo', { name: 'Status' });
    await expect.poll(() => status.textContent(), patient).toContain('offset 0x100011, length 3');
    await page.keyboard.press('Control+End');
    await expect
      .poll(() => status.textContent(), patient)
      .toContain(`offset 0x${(64 * MIB - 1).toString(16)}, length 1`);
    await page.keyboard.press('Alt+ArrowLeft');
    await expect.poll(() => status.textContent(), patient).toContain('offset 0x438');
    await page.keyboard.press('Alt+ArrowRight');
    await expect.poll(() => status.textContent(), patient).toContain('offset 0x100000');
  });

  it('says that it only reads, and where an address is wrong', async () => {
    const { page } = running;
    expect(await page.getByText('Read only', { exact: true }).filter({ visible: true }).count()).toBeGreaterThan(0);
    await page.keyboard.press('Control+G');
    const field = page.getByRole('textbox', { name: 'Go to address' });
    await field.fill('lba:999999999');
    await field.press('Enter');
    expect(await page.getByRole('alert').textContent()).toContain('past the end');
    await field.fill('');
  });

  it('finds all places, streams them, steps through them', async () => {
    const { page } = running;
    await page.keyboard.press('Control+F');
    await page.getByRole('combobox', { name: 'Find' }).selectOption('hex');
    await page.getByRole('textbox', { name: 'What' }).fill('45 46 49 20 50 41 52 54');
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await expect
      .poll(() => page.getByRole('group', { name: 'Places found' }).locator('button').count(), patient)
      .toBe(2);
    const places = await page.getByRole('group', { name: 'Places found' }).locator('button').allTextContents();
    expect(places).toEqual(['0x200block 1', `0x${(64 * MIB - 512).toString(16)}block 131071`]);
    await grid(page).focus();
    await page.keyboard.press('F3');
    await page.keyboard.press('F3');
    await keepPicture(page, 'sectors-find');
  });

  it('bookmarks are there again after a restart of the view', async () => {
    const { page } = running;
    await goTo(page, 'lba:34');
    await page.keyboard.press('Control+M');
    await page.keyboard.press('Control+W');
    await openSectors(page);
    await page.getByRole('tab', { name: 'Bookmarks' }).click();
    const mark = page.getByRole('button', { name: '0x4400', exact: true });
    await expect.poll(() => mark.count(), patient).toBe(1);
    await page.getByRole('textbox', { name: 'Note' }).fill('The first block for partitions');
    await mark.click();
    await expect
      .poll(() => page.getByRole('group', { name: 'Data inspector' }).textContent(), patient)
      .toContain('The first block for partitions');
    await page.locator('.hex-bookmark').first().waitFor();
    const tint = await page.evaluate(() => {
      const mark = document.querySelector('.hex-bookmark');
      return mark === null ? '' : getComputedStyle(mark, '::before').backgroundColor;
    });
    expect(tint).toMatch(/^rgb\(/);
    await keepPicture(page, 'sectors-bookmark');
  });

  it.each(['dark', 'light'] as const)('has nothing that axe would fault in the %s theme', async (wanted) => {
    await running.setTheme(wanted);
    expect(await findAccessibilityFaults(running.page)).toEqual([]);
  });

  it('begins as the last view was left', async () => {
    const { page } = running;
    const columns = page.getByRole('combobox', { name: 'Bytes in a row' }).filter({ visible: true });
    await columns.selectOption('32');
    await page.keyboard.press('Control+W');
    await openSectors(page);
    expect(await columns.inputValue()).toBe('32');
    await columns.selectOption('16');
  });

  it('is exact to the last sector of 8 EiB', async () => {
    const { page } = running;
    await running.setTheme('dark');
    await page.getByRole('tab', { name: 'Demo SAN' }).click();
    await page.getByRole('button', { name: '8 EiB of generated content' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE Generated 8 EiB' }).waitFor();
    await openSectors(page);
    await goTo(page, 'end');
    const last = (await rows(page)).filter(({ hex }) => hex !== '').at(-1);
    expect(last?.address).toBe(EIGHT_EIB - 16n);
    const block = (await rows(page))
      .filter(({ address }) => address >= EIGHT_EIB - 512n)
      .map(({ hex }) => hex)
      .join('');
    expect(block).toHaveLength(1024);
    const status = page.getByRole('contentinfo', { name: 'Status' });
    expect(await status.textContent()).toContain('LBA 18\u202f014\u202f398\u202f509\u202f481\u202f983 + 511');
    await keepPicture(page, 'sectors-last-8eib-dark');
    await running.setTheme('light');
    await keepPicture(page, 'sectors-last-8eib-light');
    await running.setTheme('dark');
  });

  it('drags to any place, ever finer away from the track', async () => {
    const { page } = running;
    const bar = page.getByRole('scrollbar').filter({ visible: true });
    const area = (await bar.boundingBox())!;
    await page.mouse.move(area.x + 5, area.y + area.height - 5);
    await page.mouse.down();
    await page.mouse.move(area.x + 5, area.y + area.height / 2, { steps: 5 });
    const middle = (await rows(page))[0]!.address;
    expect(middle > EIGHT_EIB / 4n && middle < (EIGHT_EIB * 3n) / 4n).toBe(true);
    await page.mouse.move(area.x - 700, area.y + area.height / 2);
    const before = (await rows(page))[0]!.address;
    await page.mouse.move(area.x - 700, area.y + area.height / 2 + 3);
    const after = (await rows(page))[0]!.address;
    await page.mouse.up();
    expect(after - before).toBeGreaterThan(0n);
    expect(after - before).toBeLessThan(2n ** 32n);
    await settled(page);
  });

  it('made no complaint', () => expect(running.complaints).toEqual([]));
});

onBothEnds('sectors of a real target', ({ open }) => {
  const target = 'iqn.2026-01.test.e2e:sectors';
  let running: Walked;
  let tgt: Tgt;
  beforeAll(async () => {
    tgt = await Tgt.start([{ name: target, luns: [{ lun: 1, file: 'sectors.img', sizeBytes: 16 * MIB }] }]);
    const image = tgt.path('sectors.img');
    for (const write of [
      'write -P 0xa5 1048576 4096',
      'write -P 0x5a 1052672 512',
      `write -P 0xc3 ${16 * MIB - 512} 512`,
    ])
      await runOk(requireTool('qemu-io'), ['-f', 'raw', '-c', write, image]);
    running = await open();
    const { page } = running;
    await addPortal(page, '127.0.0.1', tgt.port);
    await openTarget(page, target);
    await signIn(page, null);
    await page
      .getByRole('treeitem', { name: /^LUN 1/ })
      .first()
      .click();
    await openSectors(page);
  });
  afterAll(async () => {
    await running.close();
    await tgt.stop();
  });

  it('shows the bytes that qemu-io wrote outside', async () => {
    const { page } = running;
    await goTo(page, 'lba:2047');
    const shown = await shownFrom(page, 1048576n - 512n);
    expect(shown.slice(0, 1024)).toBe('00'.repeat(512));
    await goTo(page, 'lba:2055');
    expect(await shownFrom(page, 1052672n - 512n)).toMatch(/^(a5){512}(5a){16}/);
    await goTo(page, 'end');
    expect(await shownFrom(page, BigInt(16 * MIB - 512))).toMatch(/^(c3){512}$/);
    await keepPicture(page, 'sectors-tgt');
  });

  it('reads again what was changed under it', async () => {
    const { page } = running;
    await runOk(requireTool('qemu-io'), [
      '-f',
      'raw',
      '-c',
      `write -P 0x77 ${16 * MIB - 512} 512`,
      tgt.path('sectors.img'),
    ]);
    await page.keyboard.press('F5');
    await expect.poll(() => shownFrom(page, BigInt(16 * MIB - 512)), patient).toMatch(/^(77){512}$/);
  });

  it('sums the selection as another program would', async () => {
    const { page } = running;
    await goTo(page, 'lba:2056');
    await grid(page).focus();
    await page.keyboard.press('Control+A');
    await page.getByRole('tab', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Checksum' }).click();
    const sum = createHash('sha256').update(Buffer.alloc(512, 0x5a)).digest('hex');
    await page.getByText(sum).filter({ visible: true }).waitFor();
  });

  it('copies the selection', async () => {
    const { page } = running;
    await grid(page).focus();
    await page.keyboard.press('Control+C');
    await expect.poll(() => running.readClipboard(), patient).toBe(Array<string>(512).fill('5a').join(' '));
  });

  it('copies from the menu at the bytes, which first selects what is under the pointer', async () => {
    const { page } = running;
    await goTo(page, 'lba:2056');
    const row = grid(page).locator('.hex-row').filter({ hasText: '+000' }).first();
    await row.click({ button: 'right', position: { x: 100, y: 8 }, force: true });
    await page.getByRole('menuitem', { name: /^Copy as C array/ }).click();
    await expect.poll(() => running.readClipboard(), patient).toMatch(/^const unsigned char data\[1\] = \{/);
    await page.getByRole('menuitem').first().waitFor({ state: 'detached' });
  });

  it('saves the LUN to an image whose sum is that of the disk', async () => {
    const { page, home } = running;
    const path = join(home, 'saved.img');
    await running.answerDialogs(path);
    await page.getByRole('button', { name: 'Save the whole LUN' }).click();
    const saved = page.locator('.hex-images li').filter({ hasText: path });
    await expect.poll(() => saved.textContent(), patient).toContain('whole, 100.0%');
    const disk = createHash('sha256')
      .update(readFileSync(tgt.path('sectors.img')))
      .digest('hex');
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(disk);
    expect(await saved.textContent()).toContain(disk);
    await keepPicture(page, 'sectors-image');
  });

  it('keeps a snapshot, and lists and steps through what changed since', async () => {
    const { page } = running;
    await goTo(page, 'lba:100');
    await grid(page).focus();
    await page.keyboard.press('Control+A');
    for (let more = 0; more < 3; more += 1) await page.keyboard.press('Shift+PageDown');
    await page.getByRole('tab', { name: 'Compare', exact: true }).click();
    await page.getByRole('button', { name: 'Keep a snapshot' }).click();
    const other = page.getByRole('combobox', { name: 'Compare with' });
    const kept = other.locator('option', { hasText: 'Snapshot of' });
    await expect.poll(() => kept.count(), patient).toBe(1);
    await other.selectOption((await kept.getAttribute('value')) ?? '');
    for (const write of [`write -P 0x11 ${101 * 512} 512`, `write -P 0x22 ${102 * 512 + 100} 7`])
      await runOk(requireTool('qemu-io'), ['-f', 'raw', '-c', write, tgt.path('sectors.img')]);
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const list = page.getByRole('group', { name: 'Differences' }).locator('button');
    await expect
      .poll(() => list.allTextContents(), patient)
      .toEqual([`0x${(101 * 512).toString(16)}512 bytes`, `0x${(102 * 512 + 100).toString(16)}7 bytes`]);
    await list.first().click();
    await page.getByRole('button', { name: 'Next difference' }).click();
    const status = page.getByRole('contentinfo', { name: 'Status' });
    await expect
      .poll(() => status.textContent(), patient)
      .toContain(`offset 0x${(102 * 512 + 100).toString(16)}, length 7`);
    await keepPicture(page, 'sectors-compare');
  });

  it('shows the PDUs that touched a sector, and the sectors of a PDU', async () => {
    const { page } = running;
    await goTo(page, 'lba:2056');
    await page.getByRole('button', { name: 'Show the PDUs that touched this' }).filter({ visible: true }).click();
    await page.getByText('lastLba >= 2056').filter({ visible: true }).first().waitFor();
    const list = page.getByRole('treegrid').filter({ visible: true });
    await keepPicture(page, 'sectors-wire');
    await expect.poll(() => list.textContent(), patient).toMatch(/READ/i);
    await keepPicture(page, 'sectors-wire');
    await list.getByRole('row').filter({ hasText: /READ/i }).first().click();
    await page
      .getByRole('button', { name: /^Sectors at/ })
      .filter({ visible: true })
      .click();
    await grid(page).waitFor();
    await settled(page);
  });

  it('made no complaint', () => expect(running.complaints).toEqual([]));
});
