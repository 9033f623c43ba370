import type { Page } from 'playwright';

/** Types a portal into the form, as a person would, and asks it. */
export async function addPortal(page: Page, host: string, port: number): Promise<void> {
  await page.keyboard.press('Control+N');
  const field = page.getByRole('textbox', { name: 'Host, address, or iscsi:// link' });
  await field.waitFor();
  await field.fill(host);
  await page.getByRole('textbox', { name: 'Port' }).fill(String(port));
  await page.getByRole('button', { name: 'Discover targets' }).filter({ visible: true }).click();
}

/** Opens a target from the tree. */
export async function openTarget(page: Page, name: string): Promise<void> {
  await page.getByRole('treeitem', { name: new RegExp(`^${name}`) }).click();
  await page.getByRole('button', { name: 'Copy as iscsi://' }).filter({ visible: true }).waitFor();
}

/** Fills the sign-in form in and sends it. */
export async function signIn(
  page: Page,
  chap: { readonly user: string; readonly secret: string } | null,
): Promise<void> {
  const form = page.getByRole('form', { name: 'Sign in' }).filter({ visible: true });
  const wanted = form.getByRole('checkbox', { name: 'Authenticate with CHAP' });
  if (chap !== null) {
    await wanted.check();
    await form.getByRole('textbox', { name: 'CHAP name' }).fill(chap.user);
    await form.getByLabel('CHAP secret').fill(chap.secret);
  }
  await form.getByRole('button', { name: 'Sign in' }).click();
}
