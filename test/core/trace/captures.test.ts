import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TraceFile } from '../../../core/node/trace-open.ts';
import type { PduFacts } from '../../support/real/tshark-facts.ts';
import { compareWithTshark, type Comparison } from '../../trace/compare.ts';

const folder = fileURLToPath(new URL('../../fixtures/captures', import.meta.url));
const captures = readdirSync(folder)
  .filter((name) => name.endsWith('.pcapng'))
  .map((name) => name.replace(/\.pcapng$/, ''));

describe('captures of real targets, beside what tshark said about them when they were recorded', () => {
  it.each(captures)('%s', async (name) => {
    const { pdus } = JSON.parse(readFileSync(join(folder, `${name}.tshark.json`), 'utf8')) as { pdus: PduFacts[] };
    const file = new TraceFile();
    await file.read(join(folder, `${name}.pcapng`));
    expect(file.failure).toBeUndefined();
    const found: Comparison = { compared: 0, skipped: 0, cdbFields: 0, disagreements: [] };
    compareWithTshark(name, file.trace, pdus, found);
    file.close();
    expect(found.disagreements).toEqual([]);
    expect(found.compared + found.skipped).toBeGreaterThanOrEqual(pdus.length);
  });
});
