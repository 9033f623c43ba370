import type { Volume } from './source.ts';
import type { DiskStructure } from './structure.ts';

/** Looks for one kind of filesystem or volume; null where there is none. */
export type Finder = (volume: Volume) => Promise<DiskStructure | null>;

/** Words joined with commas, the empty ones left out. */
export function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

/** A list that is empty for undefined. */
export function listOf(problem: string | undefined): string[] {
  return problem === undefined ? [] : [problem];
}

/** A sentence for a filesystem that says it is larger than what holds it. */
export function tooLarge(said: bigint, volume: Volume): string | undefined {
  if (said <= volume.length) return undefined;
  return `It says it has ${String(said)} bytes; what holds it has ${String(volume.length)}.`;
}
