import { readU16, writeU16, writeU32 } from '../../bytes/index.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { answer, call, callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import {
  illegalRequest,
  invalidField,
  invalidParameter,
  PARAMETER_LIST_LENGTH,
  RESERVATION_CONFLICT,
  WRITE_PROTECTED,
} from '../unit/refusals.ts';
import { UNIT_ATTENTIONS } from '../unit/unit-attention.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';
import { repeat } from './ranges.ts';

const MEDIUM_REMOVAL_PREVENTED = illegalRequest(0x53, 0x02);

/** START STOP UNIT (SBC-4 5.31): starts, stops, and takes a removable medium out or in. */
function startStop(context: CommandContext): Plan {
  const { unit, nexus } = context;
  const condition = numberField(context, 'powerCondition');
  const start = flagField(context, 'start');
  // This unit has no power conditions to go to; it is always active.
  if (condition !== 0) return done(GOOD);
  if (flagField(context, 'loej')) {
    if (!unit.removable) return done(invalidField(4, 1));
    if (unit.prevents.size > 0) return done(MEDIUM_REMOVAL_PREVENTED);
    if (start && !unit.mediumPresent) unit.raiseForAll(UNIT_ATTENTIONS.mediumMayHaveChanged, nexus.id);
    unit.mediumPresent = start;
  }
  // A drive with removable media starts by itself when it is used again.
  unit.started = start || unit.removable;
  return done(GOOD);
}

/** PREVENT ALLOW MEDIUM REMOVAL (SPC-4 6.16): kept per I_T nexus. */
function preventAllow(context: CommandContext): Plan {
  const { unit, nexus } = context;
  const prevent = numberField(context, 'prevent');
  if (prevent > 1) return done(invalidField(4, 1));
  if (prevent === 1) unit.prevents.add(nexus.id);
  else unit.prevents.delete(nexus.id);
  return done(GOOD);
}

/** RESERVE(6) and (10) of the whole unit (SPC-2 7.21). */
function reserve(context: CommandContext): Plan {
  const { unit, nexus } = context;
  const { reservations } = unit;
  if (flagField(context, 'extent') || flagField(context, 'thirdParty')) return done(invalidField(1));
  // Registrations of the newer kind rule the older out (SPC-4 5.12.3).
  if (reservations.registrations.length > 0) return done(RESERVATION_CONFLICT);
  if (reservations.legacyHolder !== undefined && reservations.legacyHolder !== nexus.id)
    return done(RESERVATION_CONFLICT);
  reservations.legacyHolder = nexus.id;
  return done(GOOD);
}

function release(context: CommandContext): Plan {
  const { unit, nexus } = context;
  const { reservations } = unit;
  if (reservations.registrations.length > 0) return done(RESERVATION_CONFLICT);
  if (reservations.legacyHolder === nexus.id) reservations.legacyHolder = undefined;
  return done(GOOD);
}

/** Writes one pattern over everything, or gives everything back where the store can. */
async function eraseAll(unit: LogicalUnit, pattern: Uint8Array): Promise<Outcome> {
  const { store } = unit;
  if (store.unmap !== undefined && pattern.every((byte) => byte === 0)) await store.unmap(0n, store.blocks);
  else await repeat(unit, 0n, Number(store.blocks), pattern);
  return GOOD;
}

/** SANITIZE (SBC-4 5.27): with IMMED the answer comes first and the unit is not ready meanwhile. */
function sanitize(context: CommandContext, pattern: Uint8Array): Outcome | Promise<Outcome> {
  const { unit } = context;
  unit.sanitizing = true;
  const work = eraseAll(unit, pattern).finally(() => {
    unit.sanitizing = false;
  });
  if (!flagField(context, 'immed')) return work;
  work.catch(() => undefined);
  return GOOD;
}

function sanitizeErase(context: CommandContext): Plan {
  if (flagField(context, 'znr')) return done(invalidField(1, 6));
  if (context.unit.writeProtected) return done(WRITE_PROTECTED);
  return call(() => sanitize(context, new Uint8Array(context.unit.store.blockSize)), true);
}

function sanitizeOverwrite(context: CommandContext): Plan {
  const { unit, parameterListLength } = context;
  const { blockSize } = unit.store;
  if (flagField(context, 'znr')) return done(invalidField(1, 6), parameterListLength);
  if (unit.writeProtected) return done(WRITE_PROTECTED, parameterListLength);
  if (parameterListLength < 5 || parameterListLength > blockSize + 4) return done(invalidField(7), parameterListLength);
  return callWithData(
    parameterListLength,
    (list) => {
      if (list.length < parameterListLength) return PARAMETER_LIST_LENGTH;
      const passes = (list[0] ?? 0) & 0x1f;
      const length = readU16(list, 2);
      if (((list[0] ?? 0) & 0x60) > 0x20 || passes === 0) return invalidParameter(0);
      if (length === 0 || length > blockSize || length + 4 > list.length) return invalidParameter(2);
      const pattern = new Uint8Array(blockSize);
      for (let at = 0; at < blockSize; at += 1) pattern[at] = list[4 + (at % length)] ?? 0;
      return sanitize(context, pattern);
    },
    true,
  );
}

/** FORMAT UNIT without defect lists: every block becomes zero (SBC-4 5.4). */
function formatUnit(context: CommandContext): Plan {
  const { unit } = context;
  const withList = flagField(context, 'fmtData');
  const dataLength = withList ? (flagField(context, 'longList') ? 8 : 4) : 0;
  if (numberField(context, 'fmtpInfo') !== 0) return done(invalidField(1, 7), dataLength);
  if (unit.writeProtected) return done(WRITE_PROTECTED, dataLength);
  const format = (list: Uint8Array): Outcome | Promise<Outcome> => {
    if (withList && (list.length < dataLength || ((list[0] ?? 0) & 7) !== 0)) return invalidParameter(0);
    return eraseAll(unit, new Uint8Array(unit.store.blockSize));
  };
  return callWithData(dataLength, format, true);
}

/** READ DEFECT DATA: this unit has no defects (SBC-4 5.21). */
function readDefectData(context: CommandContext): Plan {
  const long = context.cdb[0] === 0xb7;
  const bytes = new Uint8Array(long ? 8 : 4);
  const lists = (flagField(context, 'reqPlist') ? 0x10 : 0) | (flagField(context, 'reqGlist') ? 0x08 : 0);
  bytes[1] = lists | numberField(context, 'defectListFormat');
  if (long) {
    writeU16(bytes, 2, 0);
    writeU32(bytes, 4, 0);
  } else writeU16(bytes, 2, 0);
  return answer(bytes, context.allocationLength);
}

/** SEND DIAGNOSTIC: the self-test passes; diagnostic pages are not taken. */
function sendDiagnostic(context: CommandContext): Plan {
  const { parameterListLength } = context;
  return done(parameterListLength === 0 ? GOOD : invalidField(3), parameterListLength);
}

/** Commands about the state of a unit rather than its blocks. */
export const STATE: HandlerTable = {
  startStopUnit: { touch: 'none', medium: false, run: startStop },
  preventAllowMediumRemoval: { touch: 'none', medium: false, run: preventAllow },
  reserve6: { touch: 'none', medium: false, run: reserve },
  release6: { touch: 'none', medium: false, run: release },
  sanitizeOverwrite: { touch: 'write', medium: true, only: 'disk', run: sanitizeOverwrite },
  sanitizeBlockErase: { touch: 'write', medium: true, only: 'disk', run: sanitizeErase },
  sanitizeCryptographicErase: { touch: 'write', medium: true, only: 'disk', run: sanitizeErase },
  sanitizeExitFailureMode: { touch: 'write', medium: false, only: 'disk', run: () => done(GOOD) },
  formatUnit: { touch: 'write', medium: true, only: 'disk', strict: false, run: formatUnit },
  readDefectData10: { touch: 'none', medium: true, only: 'disk', run: readDefectData },
  readDefectData12: { touch: 'none', medium: true, only: 'disk', run: readDefectData },
  sendDiagnostic: { touch: 'none', medium: false, strict: false, run: sendDiagnostic },
};
