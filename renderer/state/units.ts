import type { LunSummary, SessionEntry } from '../../electron/contract/sessions.ts';
import type { Finding } from './findings-store.ts';

/** One way to a logical unit. */
export interface UnitPath {
  readonly session: SessionEntry;
  readonly lun: LunSummary;
}

/** A logical unit with every way to it. */
export interface Unit {
  /** Its world-wide name, or a key of its own where it has none. */
  readonly key: string;
  readonly name: string | null;
  /** What a choice of its path is kept under; null where it has no world-wide name. */
  readonly identity: string | null;
  readonly paths: readonly UnitPath[];
}

/** How many ways lead to a unit, and how many of them can be taken now; null where there is only one. */
export function pathsWords(paths: readonly UnitPath[]): string | null {
  if (paths.length < 2) return null;
  const up = paths.filter(({ session }) => session.state === 'full').length;
  return up === paths.length ? `${up} paths` : `${up} of ${paths.length} paths`;
}

const STRONG = /NAA|EUI|UUID/i;
const FAIR = /T10|SCSI name/i;

/** The best name a unit states of itself; only world-wide ones count. */
export function unitName({ names }: LunSummary): { readonly key: string; readonly text: string } | null {
  const best = names.find(({ kind }) => STRONG.test(kind)) ?? names.find(({ kind }) => FAIR.test(kind));
  return best === undefined ? null : { key: `${best.kind} ${best.hex}`, text: best.text };
}

const size = ({ blocks, blockSize }: LunSummary): string => `${blocks ?? '?'} × ${blockSize ?? '?'}`;

const unitKey = (session: SessionEntry, lun: LunSummary): string => {
  const name = unitName(lun);
  return name === null ? `${session.id} ${lun.lun}` : `${name.key} ${size(lun)}`;
};

/** Puts the paths to the same unit together: the same name with the same capacity; a name on another size stays apart and is a finding. */
export function joinUnits(sessions: readonly SessionEntry[]): {
  readonly units: readonly Unit[];
  readonly findings: readonly Finding[];
} {
  const byKey = new Map<string, UnitPath[]>();
  const sizes = new Map<string, UnitPath[]>();
  for (const session of sessions) {
    if (session.state === 'closed') continue;
    for (const lun of session.luns ?? []) {
      const name = unitName(lun);
      const key = unitKey(session, lun);
      byKey.set(key, [...(byKey.get(key) ?? []), { session, lun }]);
      if (name !== null) sizes.set(name.key, [...(sizes.get(name.key) ?? []), { session, lun }]);
    }
  }
  const units = [...byKey].map(([key, paths]) => {
    const [first] = paths;
    const name = first === undefined ? null : unitName(first.lun);
    return { key, name: name?.text ?? null, identity: name?.key ?? null, paths };
  });
  const findings = [...sizes].flatMap(([key, paths]): Finding[] => {
    const different = [...new Set(paths.map(({ lun }) => size(lun)))];
    if (different.length < 2) return [];
    const where = paths.map(({ session, lun }) => `LUN ${lun.text} of ${session.target} (${size(lun)})`).join(', ');
    return [
      {
        id: `duplicate ${key}`,
        severity: 'error',
        title: 'One name, different disks.',
        detail: `${where} state the same world-wide name ${unitName((paths[0] as UnitPath).lun)?.text ?? ''} with different capacities. They are not taken for one disk.`,
      },
    ];
  });
  return { units, findings };
}

/** Finds the ways to the unit that a LUN is, through the sessions that have not ended. */
export function pathFinder(
  sessions: readonly SessionEntry[],
): (session: SessionEntry, lun: LunSummary) => readonly UnitPath[] {
  const byKey = new Map(joinUnits(sessions).units.map(({ key, paths }) => [key, paths]));
  return (session, lun) => byKey.get(unitKey(session, lun)) ?? [];
}
