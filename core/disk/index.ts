export { examineDisk, type DiskMap } from './examine.ts';
export type { BlockSource } from './source.ts';
export { locate, type DiskStructure } from './structure.ts';
