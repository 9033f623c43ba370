import { CAPACITY } from './capacity.ts';
import type { HandlerTable } from './handler.ts';
import { LOG } from './log.ts';
import { MAINTENANCE, supportedOpcodes } from './maintenance.ts';
import { MODE } from './mode.ts';
import { OPTICAL } from './optical.ts';
import { PERSISTENT } from './persistent.ts';
import { PRIMARY } from './primary.ts';
import { RANGES } from './ranges.ts';
import { STATE } from './state.ts';
import { THIRD_PARTY_COPY } from './third-party-copy.ts';
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
  ...THIRD_PARTY_COPY,
  ...OPTICAL,
  ...LOG,
  reportSupportedOperationCodes: {
    touch: 'none',
    medium: false,
    anyAccess: true,
    run: supportedOpcodes(() => HANDLERS),
  },
};
