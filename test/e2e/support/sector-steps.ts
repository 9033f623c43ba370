import type { Page } from 'playwright';

/** The sector view in front. */
export const grid = (page: Page) => page.getByRole('grid', { name: /^Bytes of/ }).filter({ visible: true });

/** Opens the sectors from the LUN's screen in front, and waits for its bytes. */
export async function openSectors(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sectors', exact: true }).filter({ visible: true }).click();
  await grid(page).waitFor();
  await settled(page);
}

/** Waits until every row in view holds bytes, or says why it holds none. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const view = [...document.querySelectorAll('.hex-grid')].find((one) => (one as HTMLElement).offsetParent !== null);
    const rows = [...(view?.querySelectorAll('.hex-row') ?? [])];
    return rows.length > 1 && rows.every((row) => row.getAttribute('data-state') !== 'loading');
  });
}

/** Goes to an address by the address bar. */
export async function goTo(page: Page, address: string): Promise<void> {
  await page.keyboard.press('Control+G');
  const field = page.getByRole('textbox', { name: 'Go to address' }).filter({ visible: true });
  await field.fill(address);
  await field.press('Enter');
  await settled(page);
}

/** The rows in view: address, and the digits of its bytes; rows without a named block follow the one before. */
export async function rows(
  page: Page,
  blockSize = 512n,
): Promise<{ readonly address: bigint; readonly hex: string }[]> {
  const lines = await grid(page).locator('.hex-row').allTextContents();
  let block = 0n;
  return lines.map((line) => {
    const match = /^\s*(\d*) \+([0-9a-f]+) {2}(.*)$/su.exec(line);
    if (match === null) throw new Error(`"${line}" is no row.`);
    const [, named = '', offset = '', rest = ''] = match;
    if (named !== '') block = BigInt(named);
    const hex = rest.slice(0, 16 * 3 + 1).replaceAll(' ', '');
    return { address: block * blockSize + BigInt(`0x${offset}`), hex };
  });
}

/** The digits that the view shows of the bytes from an address on, as far as they are in view. */
export async function shownFrom(page: Page, address: bigint): Promise<string> {
  return (await rows(page))
    .filter((row) => row.address >= address)
    .map(({ hex }) => hex)
    .join('');
}
