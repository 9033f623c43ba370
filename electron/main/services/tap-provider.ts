import type { PduTap } from '../../../core/session/index.ts';

/** What is about to be recorded. */
export interface TapAbout {
  readonly kind: 'session' | 'discovery';
  /** Names it in this run. */
  readonly id: string;
  /** Of the session; 0 for a discovery. */
  readonly number: number;
  /** Empty for a discovery. */
  readonly target: string;
  readonly portal: string;
}

/** Gives the recorder for a login that begins, so that its first PDU is on record; undefined records nothing. */
export type TapProvider = (about: TapAbout) => PduTap | undefined;
