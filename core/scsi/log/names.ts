import { hexByte } from '../payload.ts';

/** Names of the log pages (SPC-4 7.3, SBC-4 log parameters, SSC-5 log parameters). */
export const LOG_PAGES: Readonly<Record<number, string>> = {
  0x00: 'Supported log pages',
  0x01: 'Buffer overrun and underrun',
  0x02: 'Write error counters',
  0x03: 'Read error counters',
  0x04: 'Read reverse error counters',
  0x05: 'Verify error counters',
  0x06: 'Non-medium errors',
  0x07: 'Last n error events',
  0x08: 'Format status',
  0x0b: 'Last n deferred errors or asynchronous events',
  0x0c: 'Logical block provisioning',
  0x0d: 'Temperature',
  0x0e: 'Start-stop cycle counter',
  0x0f: 'Application client',
  0x10: 'Self-test results',
  0x11: 'Solid state media',
  0x15: 'Background scan results',
  0x17: 'Non-volatile cache',
  0x18: 'Protocol specific port',
  0x19: 'General statistics and performance',
  0x1a: 'Power condition transitions',
  0x2f: 'Informational exceptions',
};

/** The name of a log page. */
export function logPageName(pageCode: number, subpageCode = 0): string {
  if (subpageCode === 0xff && pageCode === 0) return 'Supported log pages and subpages';
  const known = subpageCode === 0 ? LOG_PAGES[pageCode] : undefined;
  if (known !== undefined) return known;
  return `Log page ${hexByte(pageCode)}${subpageCode === 0 ? '' : `/${hexByte(subpageCode)}`}`;
}

const ERROR_COUNTERS: Readonly<Record<number, string>> = {
  0: 'Corrected without substantial delay',
  1: 'Corrected with possible delays',
  2: 'Repeated reads or writes',
  3: 'Errors corrected',
  4: 'Times the correction algorithm ran',
  5: 'Bytes processed',
  6: 'Uncorrected errors',
};

/** Names of log parameters, by page and parameter code. */
export const LOG_PARAMETERS: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  0x02: ERROR_COUNTERS,
  0x03: ERROR_COUNTERS,
  0x04: ERROR_COUNTERS,
  0x05: ERROR_COUNTERS,
  0x06: { 0: 'Non-medium errors' },
  0x0c: {
    0x0001: 'Available LBA mapping resources',
    0x0002: 'Used LBA mapping resources',
    0x0003: 'Available provisioning resource percentage',
    0x0100: 'De-duplicated LBA resources',
    0x0101: 'Compressed LBA resources',
    0x0102: 'Total efficiency LBA resources',
  },
  0x0d: { 0: 'Temperature', 1: 'Reference temperature' },
  0x0e: {
    1: 'Date of manufacture',
    2: 'Accounting date',
    3: 'Specified cycles over lifetime',
    4: 'Accumulated start-stop cycles',
    5: 'Specified load-unload cycles over lifetime',
    6: 'Accumulated load-unload cycles',
  },
  0x11: { 1: 'Percentage used endurance' },
  0x15: { 0: 'Background scan status' },
  0x19: {
    1: 'General access statistics and performance',
    2: 'Idle time',
    3: 'Time interval',
    4: 'Force unit access statistics',
  },
  0x2f: { 0: 'Informational exceptions' },
};
