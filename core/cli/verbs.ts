import { BENCH } from './bench.ts';
import { DISCOVER } from './discover.ts';
import { INFO } from './info.ts';
import { LUNS } from './luns.ts';
import { READ } from './read.ts';
import type { Verb } from './verb.ts';
import { WRITE } from './write.ts';

/** Every verb by name. */
export const VERBS: ReadonlyMap<string, Verb> = new Map([
  ['discover', DISCOVER],
  ['luns', LUNS],
  ['info', INFO],
  ['read', READ],
  ['write', WRITE],
  ['bench', BENCH],
]);
