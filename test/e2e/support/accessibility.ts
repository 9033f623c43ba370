import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

interface Axe {
  readonly run: (options: object) => Promise<{ readonly violations: readonly Finding[] }>;
}

type Audited = typeof globalThis & { readonly axe?: Axe };

/** What axe finds wrong on the page as it is; each finding with the first element it names. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  // What passed is not read, and no element is looked up by a selector: telling of both is half of axe's time.
  const findings = await page.evaluate(async (): Promise<Finding[]> => {
    const result = await (globalThis as Audited).axe!.run({ resultTypes: ['violations'], selectors: false });
    return result.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) }));
  });
  // A splitter lies between the landmarks by its nature.
  const isSplitter = (html: string): boolean => html.includes('role="separator"');
  return findings.flatMap(({ id, nodes }) => {
    const counted = id === 'region' ? nodes.filter(({ html }) => !isSplitter(html)) : nodes;
    return counted.length === 0 ? [] : [`${id}: ${counted[0]?.html ?? ''}`];
  });
}
