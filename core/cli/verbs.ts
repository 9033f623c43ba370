import type { Verb } from './verb.ts';

/** Every verb by name; each is loaded when it is asked for, so that a quick one starts quickly. */
export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ['discover', async () => (await import('./discover.ts')).DISCOVER],
  ['luns', async () => (await import('./luns.ts')).LUNS],
  ['info', async () => (await import('./info.ts')).INFO],
  ['read', async () => (await import('./read.ts')).READ],
  ['write', async () => (await import('./write.ts')).WRITE],
  ['bench', async () => (await import('./bench.ts')).BENCH],
  ['decode', async () => (await import('./decode.ts')).DECODE],
  ['record', async () => (await import('./record.ts')).RECORD],
  ['serve', async () => (await import('./serve.ts')).SERVE],
]);
