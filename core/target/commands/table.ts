import { CAPACITY } from './capacity.ts';
import type { HandlerTable } from './handler.ts';
import { MAINTENANCE, supportedOpcodes } from './maintenance.ts';
import { MODE } from './mode.ts';
import { PERSISTENT } from './persistent.ts';
import { PRIMARY } from './primary.ts';
import { RANGES } from './ranges.ts';
import { STATE } from './state.ts';
import { TRANSFERS } from './transfers.ts';

/** Every command this target serves. */
export const HANDLERS: HandlerTable = {
  ...PRIMARY,
  ...CAPACITY,
  ...TRANSFERS,
  ...RANGES,
  ...STATE,
  ...MODE,
  ...PERSISTENT,
  ...MAINTENANCE,
  reportSupportedOperationCodes: { touch: 'none', medium: false, anyAccess: true, run: supportedOpcodes(() => HANDLERS) },
};
