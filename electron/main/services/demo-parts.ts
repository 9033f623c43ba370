import type { DemoParts } from './demo-san.ts';

/** The core's demo SAN, once it is there. */
export const demoParts: DemoParts | undefined = undefined;
