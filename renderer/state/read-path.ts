import { useMemo } from 'react';
import type { WireError } from '../../electron/contract/errors.ts';
import type { ChosenPath } from '../../electron/contract/explorer.ts';
import type { LunSummary, SessionEntry } from '../../electron/contract/sessions.ts';
import { request } from '../lib/client.ts';
import { placeOf, sessionFor, useExplorer, type TargetPlace } from './explorer-store.ts';
import type { TabParams } from './plugs.ts';
import { pathFinder, unitName, type UnitPath } from './units.ts';

/** The way the reads of a screen go. */
export interface ReadPath {
  /** The target over the portal that reads go through, and the LUN there. */
  readonly place: TargetPlace;
  readonly lun: string;
  /** What serves that place now, if anything does. */
  readonly session: SessionEntry | null;
  readonly summary: LunSummary | null;
  /** Whether a person chose it; else it is the place the screen was opened at. */
  readonly chosen: boolean;
  /** What the choice is kept under; null where the unit has no world-wide name. */
  readonly unit: string | null;
  /** Every way to the unit through a session that has not ended, this one included. */
  readonly paths: readonly UnitPath[];
}

const summaryOf = (session: SessionEntry | null, lun: string): LunSummary | null =>
  session?.luns?.find((one) => one.lun === lun) ?? null;

/** The way that reads of a LUN's screen take: the one chosen for its unit, else the one it was opened by; never another because one is down. */
export function readPathOf(
  sessions: readonly SessionEntry[],
  choices: readonly ChosenPath[],
  params: TabParams,
): ReadPath {
  const own = { place: placeOf(params), lun: params['lun'] ?? '' };
  const session = sessionFor(sessions, own.place);
  const summary = summaryOf(session, own.lun);
  const unit = summary === null ? null : (unitName(summary)?.key ?? null);
  const choice = unit === null ? undefined : choices.find((one) => one.unit === unit);
  const paths = session === null || summary === null ? [] : pathFinder(sessions)(session, summary);
  if (choice === undefined) return { ...own, session, summary, chosen: false, unit, paths };
  const place = { host: choice.host, port: choice.port, target: choice.target };
  const through = sessionFor(sessions, place);
  return {
    place,
    lun: choice.lun,
    session: through,
    summary: summaryOf(through, choice.lun),
    chosen: true,
    unit,
    paths,
  };
}

/** The way that reads of a LUN's screen take now. */
export function useReadPath(params: TabParams): ReadPath {
  const sessions = useExplorer((store) => store.sessions);
  const choices = useExplorer((store) => store.explorer.paths);
  return useMemo(() => readPathOf(sessions, choices, params), [sessions, choices, params]);
}

/** The session that reads of a LUN's screen go through now, and the LUN there; null where they cannot go their way. */
export function useLunSession(
  params: TabParams,
): { readonly session: SessionEntry; readonly lun: LunSummary | null; readonly lunHex: string } | null {
  const { session, summary, lun } = useReadPath(params);
  return session === null || session.state === 'closed' ? null : { session, lun: summary, lunHex: lun };
}

/** Whether reads can go this way now. */
export const isUp = ({ session }: { readonly session: SessionEntry | null }): boolean => session?.state === 'full';

/** Whether two ways are the same one. */
export const isThisWay = (
  { place, lun }: Pick<ReadPath, 'place' | 'lun'>,
  { session, lun: other }: UnitPath,
): boolean =>
  session.host === place.host && session.port === place.port && session.target === place.target && other.lun === lun;

/** The other ways that are up now. */
export const otherWays = (reads: ReadPath): readonly UnitPath[] =>
  reads.paths.filter((path) => !isThisWay(reads, path) && path.session.state === 'full');

/** Hex digits before the additional sense code: of descriptor format, and of fixed format (SPC-4 4.5). */
const CODE_AT = { descriptor: 4, fixed: 24 };

/** Whether a unit answered that its blocks are not to be had by this path: in transition, on standby, unavailable (SPC-4 5.15.2). */
export function refusesPath({ raw }: WireError): boolean {
  const sense = raw?.sense ?? '';
  return /^040[abc]/.test(sense.slice(/^7[23]/.test(sense) ? CODE_AT.descriptor : CODE_AT.fixed));
}

/** Lets the reads of a unit go another way from now on, on every screen. */
export function choosePath(unit: string, { session, lun }: UnitPath): void {
  const { host, port, target } = session;
  void request('luns.choosePath', { unit, path: { host, port, target, lun: lun.lun } });
}

/** Leaves it to each screen again: the way it was opened by. */
export function forgetPath(unit: string): void {
  void request('luns.choosePath', { unit, path: null });
}
