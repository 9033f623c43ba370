import { buildCdb } from '../scsi/index.ts';

/** A command that reads and changes nothing, and how long its answer may be. */
export interface Query {
  readonly cdb: Uint8Array;
  readonly length: number;
}

const BYTE = 255;
const LONGEST = 65535;

/** Which of a mode page's values are meant: current, changeable, default or saved (SPC-4 6.13.3). */
export type PageControl = 0 | 1 | 2 | 3;

/** The queries this library makes, each built in one place. */
export const QUERIES = {
  inquiry: (): Query => ({ cdb: buildCdb('inquiry', { allocationLength: BYTE }), length: BYTE }),
  vpd: (pageCode: number): Query => ({
    cdb: buildCdb('inquiry', { evpd: true, pageCode, allocationLength: LONGEST }),
    length: LONGEST,
  }),
  requestSense: (): Query => ({ cdb: buildCdb('requestSense', { allocationLength: 252 }), length: 252 }),
  readCapacity10: (): Query => ({ cdb: buildCdb('readCapacity10', {}), length: 8 }),
  readCapacity16: (): Query => ({ cdb: buildCdb('readCapacity16', { allocationLength: 32 }), length: 32 }),
  modeSense6: (pageCode: number, subpageCode = 0, pageControl: PageControl = 0): Query => ({
    cdb: buildCdb('modeSense6', { pageCode, subpageCode, pageControl, allocationLength: BYTE }),
    length: BYTE,
  }),
  modeSense10: (pageCode: number, subpageCode = 0, pageControl: PageControl = 0): Query => ({
    cdb: buildCdb('modeSense10', { pageCode, subpageCode, pageControl, allocationLength: LONGEST }),
    length: LONGEST,
  }),
  /** Cumulative values. */
  logSense: (pageCode: number, subpageCode = 0): Query => ({
    cdb: buildCdb('logSense', { pageControl: 1, pageCode, subpageCode, allocationLength: LONGEST }),
    length: LONGEST,
  }),
  supportedCommands: (): Query => ({
    cdb: buildCdb('reportSupportedOperationCodes', { rctd: true, allocationLength: LONGEST }),
    length: LONGEST,
  }),
  /** With the time each function may take. */
  taskFunctions: (): Query => ({
    cdb: buildCdb('reportSupportedTaskManagementFunctions', { repd: true, allocationLength: 16 }),
    length: 16,
  }),
  portGroups: (): Query => ({
    cdb: buildCdb('reportTargetPortGroups', { allocationLength: LONGEST }),
    length: LONGEST,
  }),
  lbaStatus: (lba: bigint): Query => ({
    cdb: buildCdb('getLbaStatus', { lba, allocationLength: LONGEST }),
    length: LONGEST,
  }),
  toc: (format = 0): Query => ({
    cdb: buildCdb('readTocPmaAtip', { format, allocationLength: LONGEST }),
    length: LONGEST,
  }),
  reservation: (): Query => ({
    cdb: buildCdb('prInReadReservation', { allocationLength: LONGEST }),
    length: LONGEST,
  }),
  reservationKeys: (): Query => ({
    cdb: buildCdb('prInReadKeys', { allocationLength: LONGEST }),
    length: LONGEST,
  }),
} as const;
