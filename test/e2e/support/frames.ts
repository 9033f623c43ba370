import type { Page } from 'playwright';

/** How long the frames of a stretch took, in ms. */
export interface FrameTimes {
  readonly frames: number;
  readonly median: number;
  readonly p95: number;
  readonly worst: number;
}

interface Meter {
  running: boolean;
  readonly times: number[];
}

type Metered = typeof globalThis & { frameMeter?: Meter };

/** Times the window's frames while something is done. */
export async function measureFrames(page: Page, act: () => Promise<void>): Promise<FrameTimes> {
  await page.evaluate(() => {
    const meter: Meter = { running: true, times: [] };
    (globalThis as Metered).frameMeter = meter;
    let last = performance.now();
    const tick = (now: number): void => {
      meter.times.push(now - last);
      last = now;
      if (meter.running) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await act();
  const times = await page.evaluate(() => {
    const meter = (globalThis as Metered).frameMeter;
    if (meter === undefined) return [];
    meter.running = false;
    return meter.times.slice(1);
  });
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Infinity;
  return { frames: sorted.length, median: at(0.5), p95: at(0.95), worst: at(1) };
}
