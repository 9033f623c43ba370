import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** What axe finds wrong on the page as it is; each finding with the first element it names. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const result = await page.evaluate(
    () => (window as unknown as { axe: { run: () => Promise<unknown> } }).axe.run() as Promise<AxeResult>,
  );
  // A splitter lies between the landmarks by its nature.
  const isSplitter = (html: string): boolean => html.includes('role="separator"');
  return result.violations.flatMap(({ id, nodes }) => {
    const counted = id === 'region' ? nodes.filter(({ html }) => !isSplitter(html)) : nodes;
    return counted.length === 0 ? [] : [`${id}: ${counted[0]?.html ?? ''}`];
  });
}
