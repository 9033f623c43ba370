import type { Page } from 'playwright';

/** Controls of the page that cannot be scrolled into sight, or that something else lies over, in words. */
export function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const root = document.querySelector('[role="dialog"]') ?? document.querySelector('.frame') ?? document.body;
    const controls = root.querySelectorAll<HTMLElement>(
      'button, a[href], input, select, textarea, summary, [role="tab"], [role="option"], h1, h2',
    );
    for (const control of controls) {
      if (!control.checkVisibility() || control.closest('.visually-hidden, [aria-hidden="true"]') !== null) continue;
      control.scrollIntoView({ block: 'center', inline: 'center' });
      const box = control.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      const words = `${control.tagName.toLowerCase()} ${(control.getAttribute('aria-label') ?? control.textContent).slice(0, 40)}`;
      const [x, y] = [box.left + Math.min(box.width, innerWidth) / 2, box.top + Math.min(box.height, innerHeight) / 2];
      const top = document.elementFromPoint(x, y);
      if (box.right > innerWidth + 1 && box.width < innerWidth) found.push(`${words} ends at ${Math.round(box.right)}`);
      else if (top === null) found.push(`${words} cannot be seen`);
      else if (!control.contains(top) && !top.contains(control)) found.push(`${words} lies under ${top.className}`);
    }
    for (const box of root.querySelectorAll<HTMLElement>('main *')) {
      const { overflowX, textOverflow } = getComputedStyle(box);
      if (overflowX !== 'hidden' && overflowX !== 'clip') continue;
      if (textOverflow === 'ellipsis' || !box.checkVisibility()) continue;
      // What only repeats or measures something else scrolls with it.
      if (box.closest('.visually-hidden, [aria-hidden="true"]') !== null) continue;
      if (box.scrollWidth > box.clientWidth + 1) found.push(`${box.className || box.tagName} cuts its content off`);
    }
    for (const mark of root.querySelectorAll<HTMLElement>('.tree-row > :is(.state-dot, .badge)')) {
      const row = mark.parentElement;
      if (row === null || !mark.checkVisibility()) continue;
      if (mark.getBoundingClientRect().right > row.getBoundingClientRect().right)
        found.push(`the row ${row.textContent} cuts off what stands at its end`);
    }
    for (const item of root.querySelectorAll<HTMLElement>('.status-item, .status-button')) {
      const { right, bottom } = item.getBoundingClientRect();
      if (right > innerWidth + 1 || bottom > innerHeight + 1)
        found.push(`the status line cuts off ${item.textContent}`);
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('the window scrolls sideways');
    return found;
  });
}
