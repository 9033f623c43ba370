import { afterAll, beforeAll, expect, it } from 'vitest';
import { TargetHost } from '../../core/node/index.ts';
import { LogicalUnit, SparseStore } from '../../core/target/index.ts';
import { findAccessibilityFaults } from './support/accessibility.ts';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { addPortal } from './support/explorer-steps.ts';
import { keepPicture } from './support/pictures.ts';

const MANY = 10_000;
const LONGEST_NAME = 223;
/** What a person takes for at once, on a machine that has other work. */
const AT_ONCE_MS = 1500;

/** A name as long as names may be, told apart only at its end. */
function nameOf(at: number): string {
  const end = `:t${String(at).padStart(5, '0')}`;
  return `iqn.2026-01.test.many:${'long.'.repeat(60)}`.slice(0, LONGEST_NAME - end.length) + end;
}

onBothEnds('a portal with ten thousand targets', ({ open }) => {
  let running: Walked;
  let host: TargetHost;
  beforeAll(async () => {
    const unit = new LogicalUnit({
      store: new SparseStore({ blocks: 2048, thin: false }),
      identity: { product: 'One of many', serial: 'MANY-1', revision: '1' },
    });
    host = await TargetHost.start({
      portals: [{ host: '127.0.0.1', port: 0, groupTag: 1 }],
      targets: Array.from({ length: MANY }, (_, at) => ({ name: nameOf(at), alias: '', luns: [{ lun: 0, unit }] })),
    });
    running = await open();
  });
  afterAll(async () => {
    await running.close();
    await host.close();
  });

  it('lists them all', async () => {
    const { page } = running;
    await addPortal(page, '127.0.0.1', host.portals[0]?.port ?? 0);
    await page.getByRole('heading', { name: `Targets (${MANY})` }).waitFor();
    await page.getByRole('treeitem', { name: /^Portal .* 10\s000 targets/ }).waitFor();
    await keepPicture(page, 'many-portal');
    expect(await findAccessibilityFaults(page)).toEqual([]);
  });

  it('walks the unfolded tree to its end and back at once', async () => {
    const { page } = running;
    await page.getByRole('tree', { name: 'Storage' }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: nameOf(0) }).waitFor();
    const began = Date.now();
    await page.keyboard.press('End');
    await page.getByRole('treeitem', { name: nameOf(MANY - 1) }).waitFor();
    expect(Date.now() - began).toBeLessThan(AT_ONCE_MS);
    expect(await page.getByRole('treeitem').count()).toBeLessThan(100);
    await keepPicture(page, 'many-tree');
  });

  it('finds one of them by the end of its name at once', async () => {
    const { page } = running;
    await page.keyboard.press('Control+P');
    await page.keyboard.type('t0777');
    const began = Date.now();
    await page.keyboard.type('7');
    await expect.poll(() => page.getByRole('option').count(), { interval: 20 }).toBe(1);
    expect(Date.now() - began).toBeLessThan(AT_ONCE_MS);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy as iscsi://' }).filter({ visible: true }).waitFor();
    expect(await page.getByText(nameOf(7777)).filter({ visible: true }).count()).toBeGreaterThan(0);
    await keepPicture(page, 'many-target');
  });

  it('scrolls without long pauses', async () => {
    const { page } = running;
    await page.getByRole('treeitem').first().hover();
    const longest = page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let worst = 0;
          let last = performance.now();
          const until = last + 1500;
          const frame = (now: number): void => {
            worst = Math.max(worst, now - last);
            last = now;
            if (now < until) requestAnimationFrame(frame);
            else resolve(worst);
          };
          requestAnimationFrame(frame);
        }),
    );
    for (let step = 0; step < 20; step += 1) await page.mouse.wheel(0, step % 2 === 0 ? 4000 : -2500);
    expect(await longest).toBeLessThan(400);
  });

  it('made no complaint', () => {
    expect(running.complaints).toEqual([]);
  });
});
