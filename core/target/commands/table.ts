import { CAPACITY } from './capacity.ts';
import type { HandlerTable } from './handler.ts';
import { PRIMARY } from './primary.ts';
import { RANGES } from './ranges.ts';
import { STATE } from './state.ts';
import { TRANSFERS } from './transfers.ts';

/** Every command this target serves. */
export const HANDLERS: HandlerTable = { ...PRIMARY, ...CAPACITY, ...TRANSFERS, ...RANGES, ...STATE };
