import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { onBothEnds, type Walked } from './support/both-ends.ts';
import { measureFrames, type FrameTimes } from './support/frames.ts';
import { keepPicture } from './support/pictures.ts';
import { goTo, grid, openSectors, rows, settled } from './support/sector-steps.ts';
import { clearFilter, count, filter } from './support/trace-steps.ts';

const patient = { timeout: 20_000 };
const EIGHT_EIB = 2n ** 63n;
const LINE = 'This disk can be made to fail.\n';
const RUN = 64 * 1024;
/** What keys repeat at when they are held. */
const REPEAT_MS = 33;
/** A frame at 60 per second takes 16.7 ms; the rest is for what else runs on the machine. */
const SMOOTH_MS = 25;
/** In Chromium all bytes pass through the test itself, as text. */
const STALL_MS = { electron: 150, chromium: 500 };

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds a key for as many repeats. */
async function hold(page: Page, key: string, repeats: number): Promise<void> {
  for (let press = 0; press < repeats; press += 1) {
    await page.keyboard.down(key);
    await pause(REPEAT_MS);
  }
  await page.keyboard.up(key);
}

/** Takes the thumb and moves it over the track in small steps. */
async function drag(page: Page, from: number, to: number, steps: number, each?: () => Promise<void>): Promise<void> {
  const area = await page.getByRole('scrollbar').filter({ visible: true }).boundingBox();
  if (area === null) throw new Error('There is no scroll bar.');
  const y = (share: number): number => area.y + 2 + (area.height - 4) * share;
  await page.mouse.move(area.x + 5, y(from));
  await page.mouse.down();
  for (let step = 1; step <= steps; step += 1) {
    await page.mouse.move(area.x + 5, y(from + ((to - from) * step) / steps));
    await each?.();
  }
  await page.mouse.up();
}

/** Every row of the generated disk tells its own block and offset; a row that is not there yet tells nothing. */
async function expectOwnAddresses(page: Page): Promise<number> {
  const shown = (await rows(page)).filter(({ hex }) => /^[0-9a-f]+$/.test(hex));
  for (const { address, hex } of shown) {
    expect(BigInt(`0x${hex.slice(0, 16)}`), `at ${String(address)}`).toBe(address / 512n);
    expect(BigInt(`0x${hex.slice(16, 24)}`)).toBe(address % 512n);
  }
  return shown.length;
}

function told(name: string, { frames, median, p95, worst }: FrameTimes): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  process.stdout.write(`${name}: ${frames} frames, median ${ms(median)}, p95 ${ms(p95)}, worst ${ms(worst)}\n`);
}

function expectSmooth(times: FrameTimes, stallMs: number): void {
  expect(times.frames).toBeGreaterThan(30);
  expect(times.median).toBeLessThan(SMOOTH_MS);
  expect(times.worst).toBeLessThan(stallMs);
}

onBothEnds('scrolling the sectors', ({ name, open }) => {
  let running: Walked;
  beforeAll(async () => {
    running = await open();
    const { page } = running;
    await page.getByRole('button', { name: 'Explore the demo SAN' }).click();
    await page.getByRole('button', { name: '8 EiB of generated content' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE Generated 8 EiB' }).waitFor();
    await openSectors(page);
  });
  afterAll(() => running.close());

  it('draws at the pace of the screen while PgDn is held', async () => {
    const { page } = running;
    await goTo(page, '50%');
    await grid(page).focus();
    const before = (await rows(page))[0]!.address;
    const times = await measureFrames(page, () => hold(page, 'PageDown', 60));
    told(`${name}, PgDn held`, times);
    expectSmooth(times, STALL_MS[name]);
    await settled(page);
    const after = (await rows(page))[0]!.address;
    expect(after - before).toBeGreaterThan(60n * 16n * 16n);
    expect(await expectOwnAddresses(page)).toBeGreaterThan(16);
  });

  it('does so with the most columns as well', async () => {
    const { page } = running;
    const columns = page.getByRole('combobox', { name: 'Bytes in a row' }).filter({ visible: true });
    await columns.selectOption('64');
    await grid(page).focus();
    const times = await measureFrames(page, () => hold(page, 'PageDown', 40));
    told(`${name}, PgDn held, 64 columns`, times);
    expectSmooth(times, STALL_MS[name]);
    await settled(page);
    expect(await expectOwnAddresses(page)).toBeGreaterThan(16);
    await columns.selectOption('16');
    await settled(page);
  });

  it('draws at the pace of the screen while the thumb is dragged over 8 EiB', async () => {
    const { page } = running;
    const times = await measureFrames(page, () => drag(page, 0.5, 0.02, 60, () => pause(16)));
    told(`${name}, dragged`, times);
    expectSmooth(times, STALL_MS[name]);
    await settled(page);
    expect((await rows(page))[0]!.address).toBeLessThan(EIGHT_EIB / 8n);
    expect(await expectOwnAddresses(page)).toBeGreaterThan(16);
  });

  it('shows no byte anywhere on the way that is not of its address', async () => {
    const { page } = running;
    let seen = 0;
    await drag(page, 0.02, 0.9, 20, async () => {
      seen += await expectOwnAddresses(page);
    });
    await settled(page);
    seen += await expectOwnAddresses(page);
    expect(seen).toBeGreaterThan(20);
  });

  it('shows placeholders on a slow disk, calls off what scrolled away, and fills with the right bytes', async () => {
    const { page } = running;
    await page.getByRole('tab', { name: 'Demo SAN' }).click();
    await page.getByRole('button', { name: 'Troubled disk' }).click();
    await page.getByRole('heading', { name: 'LUNASCPE Troubled' }).waitFor();
    await openSectors(page);
    await page.getByRole('tab', { name: 'Demo SAN' }).click();
    const slow = page.getByRole('switch', { name: 'Slow LUN' });
    await slow.click();
    await expect.poll(() => slow.getAttribute('aria-checked'), patient).toBe('true');
    await page.getByRole('tab', { name: 'Sectors of LUN 0 Troubled' }).click();
    let placeholders = 0;
    const times = await measureFrames(page, () =>
      drag(page, 0.01, 0.97, 40, async () => {
        for (const { hex } of await rows(page)) if (/^·+$/.test(hex)) placeholders += 1;
      }),
    );
    told(`${name}, dragged on a slow disk`, times);
    expectSmooth(times, STALL_MS[name]);
    expect(placeholders).toBeGreaterThan(100);
    await keepPicture(page, `sectors-placeholders-${name}`);
    const started = Date.now();
    await settled(page);
    // One command takes 1.5 s; whoever waited for all that scrolled by would wait for dozens.
    expect(Date.now() - started).toBeLessThan(8000);
    const filled = (await rows(page)).filter(({ hex }) => hex !== '');
    expect(filled.length).toBeGreaterThan(16);
    for (const { address, hex } of filled) {
      const from = Number(address % BigInt(RUN));
      const expected = Array.from({ length: 16 }, (_, at) => LINE.charCodeAt((from + at) % LINE.length));
      expect(hex).toBe(Buffer.from(expected).toString('hex'));
    }
  });

  it('tells the target of every read that it called off', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'Show the PDUs that touched this' }).filter({ visible: true }).click();
    await page.getByText('lastLba >=').filter({ visible: true }).first().waitFor();
    await clearFilter(page);
    await filter(page, 'tmf == abortTask');
    await expect.poll(() => count(page), patient).toMatch(/^[1-9]/);
    process.stdout.write(`${name}, reads called off: ${await count(page)}\n`);
    await keepPicture(page, `sectors-called-off-${name}`);
  });

  it('made no complaint', () => expect(running.complaints).toEqual([]));
});
