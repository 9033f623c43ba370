export { examineDisk, type DiskMap } from './examine.ts';
export type { BlockSource } from './source.ts';
export { locate, type DiskStructure } from './structure.ts';
export { createMatcher, type Match, type Matcher } from './search/matcher.ts';
export { LONGEST_PATTERN, parseSearch, type Pattern, type SearchQuery } from './search/pattern.ts';
export { COPY_FORMS, copyAs, type CopyForm } from './view/copy-as.ts';
