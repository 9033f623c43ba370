import type { CopyForm } from '../../core/disk/index.ts';

/** The forms bytes are copied in. */
export const COPY_FORM_NAMES = [
  'hex',
  'hex-spaced',
  'c',
  'rust',
  'python',
  'base64',
  'hexdump',
  'text',
] as const satisfies readonly CopyForm[];
