import { decodeSense, SENSE_KEY } from '../scsi/index.ts';
import type { SessionCore } from './core.ts';
import { endChanged, IdentityCheck } from './identity-check.ts';
import { KnownUnits, type KnownUnit } from './identity.ts';
import { sendQueued } from './send-command.ts';

/** REPORTED LUNS DATA HAS CHANGED tells of all LUNs of the target, whichever it is told on (SPC-5 6.33). */
const LUNS_CHANGED = 0x3f0e;
/** Additional sense after which another unit or medium may stand behind a LUN, as asc << 8 | ascq. */
const MAY_BE_ANOTHER: readonly number[] = [0x2800, 0x2a09, 0x3f03, 0x3f05, LUNS_CHANGED];

/** A unit that is being asked anew who it is while the session goes on. */
export interface Recheck {
  readonly check: IdentityCheck;
  /** Called once it is known. */
  readonly waiting: (() => void)[];
}

/**
 * Takes note of sense data, and tells of what it says of units. Where a known one may have been exchanged, the queue waits
 * until it has said who it is; what cannot be undone, and reads of blocks, then end where it is another.
 */
export function noticeSense(core: SessionCore, lunHigh: number, lunLow: number, sense: Uint8Array): void {
  const told = decodeSense(sense);
  const code = ((told?.asc ?? 0) << 8) | (told?.ascq ?? 0);
  if (told?.key !== SENSE_KEY.UNIT_ATTENTION || !MAY_BE_ANOTHER.includes(code)) return;
  core.emit({ kind: 'units', text: 'The target says that its units have changed.' });
  if (core.state !== 'full' || core.units.all.length === 0) return;
  const concerned = code === LUNS_CHANGED ? core.units.all : [core.units.get(lunHigh, lunLow)];
  for (const unit of concerned) if (unit !== undefined && unit.changed === undefined) recheck(core, unit);
}

function recheck(core: SessionCore, unit: KnownUnit): void {
  const key = KnownUnits.key(unit.identity.lunHigh, unit.identity.lunLow);
  if (core.rechecks.has(key)) return;
  const waiting: (() => void)[] = [];
  const check = new IdentityCheck(core, (_unit, finding) => {
    core.rechecks.delete(key);
    // Questions may still be asked of what is there now.
    if (finding.kind !== 'same' && core.state === 'full')
      endChanged(core, unit, finding.why, (task) => task.idempotent && !task.whole);
    for (const go of waiting) go();
    sendQueued(core);
  });
  core.rechecks.set(key, { check, waiting });
  core.emit({ kind: 'warning', text: 'The target says that units have changed; each known one is asked who it is.' });
  check.start([unit]);
}

/** Calls `done` once nothing is being asked of a unit, which may be at once. */
export function afterRecheck(core: SessionCore, lunHigh: number, lunLow: number, done: () => void): void {
  const under = core.rechecks.get(KnownUnits.key(lunHigh, lunLow));
  if (under === undefined) done();
  else under.waiting.push(done);
}

/** The session is over or comes back first, which asks all units. */
export function stopRechecks(core: SessionCore): void {
  const under = [...core.rechecks.values()];
  core.rechecks.clear();
  for (const { check, waiting } of under) {
    check.cancel();
    for (const go of waiting) go();
  }
}
