import { decodeModeParameters, encodeModeParameters, type BlockDescriptor } from '../../scsi/mode/parameters.ts';
import { encodeModePage } from '../../scsi/mode/pages.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import type { ModeParameters } from '../unit/mode-parameters.ts';
import { answer, callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import { illegalRequest, invalidField, invalidParameter, PARAMETER_LIST_LENGTH } from '../unit/refusals.ts';
import { UNIT_ATTENTIONS } from '../unit/unit-attention.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';

const SAVING_NOT_SUPPORTED = illegalRequest(0x39, 0x00);
const ALL_PAGES = 0x3f;
const ALL_SUBPAGES = 0xff;

/** The parameters an initiator can change, as they are now, or each at its other value for the changeable mask. */
interface Settings {
  writeCache: boolean;
  descriptorSense: boolean;
  softwareWriteProtect: boolean;
}

interface PageMaker {
  readonly code: number;
  readonly subpage: number;
  /** The page with these settings; as a mask it leaves all else zero. */
  readonly make: (settings: Settings, unit: LogicalUnit, mask: boolean) => Uint8Array;
}

const DEFAULTS: Settings = { writeCache: true, descriptorSense: false, softwareWriteProtect: false };
const CHANGEABLE: Settings = { writeCache: true, descriptorSense: true, softwareWriteProtect: true };

const recovery: PageMaker = {
  code: 0x01,
  subpage: 0,
  make: (_, __, mask) => encodeModePage('readWriteErrorRecovery', mask ? {} : { awre: true, arre: true }),
};
const disconnect: PageMaker = { code: 0x02, subpage: 0, make: () => encodeModePage('disconnectReconnect', {}) };
const caching: PageMaker = {
  code: 0x08,
  subpage: 0,
  make: ({ writeCache }) => encodeModePage('caching', { wce: writeCache }),
};
const control: PageMaker = {
  code: 0x0a,
  subpage: 0,
  make: (settings, unit, mask) =>
    encodeModePage('control', {
      dSense: settings.descriptorSense,
      swp: settings.softwareWriteProtect && !unit.optical,
      ...(mask ? {} : { queueAlgorithm: 1, busyTimeout: 0xffff }),
    }),
};
const controlExtension: PageMaker = {
  code: 0x0a,
  subpage: 1,
  make: (_, __, mask) => encodeModePage('controlExtension', mask ? {} : { maximumSenseLength: 252 }),
};
const exceptions: PageMaker = {
  code: 0x1c,
  subpage: 0,
  make: (_, __, mask) => encodeModePage('informationalExceptions', mask ? {} : { dexcpt: true }),
};
const capabilities: PageMaker = {
  code: 0x2a,
  subpage: 0,
  make: (_, unit, mask) =>
    encodeModePage(
      'mmCapabilities',
      mask
        ? {}
        : {
            dvdRomRead: true,
            cdRRead: true,
            cdRwRead: true,
            mode2Form1: true,
            loadingMechanism: 1,
            eject: true,
            lock: true,
            lockState: unit.prevents.size > 0,
            bufferSize: 256,
          },
    ),
};

const DISK_PAGES: readonly PageMaker[] = [recovery, disconnect, caching, control, controlExtension, exceptions];
const OPTICAL_PAGES: readonly PageMaker[] = [recovery, caching, control, exceptions, capabilities];

function settingsOf({ writeCache, descriptorSense, softwareWriteProtect }: ModeParameters): Settings {
  return { writeCache, descriptorSense, softwareWriteProtect };
}

function makersOf(unit: LogicalUnit, code: number, subpage: number): readonly PageMaker[] {
  return (unit.optical ? OPTICAL_PAGES : DISK_PAGES).filter(
    (page) => (code === ALL_PAGES || page.code === code) && (subpage === ALL_SUBPAGES || page.subpage === subpage),
  );
}

function descriptorsOf(unit: LogicalUnit): BlockDescriptor[] {
  return [{ blocks: unit.store.blocks, blockSize: unit.store.blockSize }];
}

/** MODE SENSE (6) and (10) (SPC-5 6.14). */
function modeSense(context: CommandContext): Plan {
  const { unit, cdb, allocationLength } = context;
  const form = cdb[0] === 0x1a ? 6 : 10;
  const control = numberField(context, 'pageControl');
  const code = numberField(context, 'pageCode');
  const subpage = numberField(context, 'subpageCode');
  if (control === 3) return done(SAVING_NOT_SUPPORTED);
  const makers = makersOf(unit, code, subpage);
  if (makers.length === 0)
    return done(invalidField(code === ALL_PAGES || makersOf(unit, code, ALL_SUBPAGES).length > 0 ? 3 : 2));
  const settings = control === 1 ? CHANGEABLE : control === 2 ? DEFAULTS : settingsOf(unit.mode);
  const bytes = encodeModeParameters({
    form,
    deviceType: unit.optical ? 5 : 0,
    writeProtected: unit.writeProtected,
    dpoFua: !unit.optical,
    longLba: flagField(context, 'llbaa'),
    blockDescriptors: flagField(context, 'dbd') || unit.optical ? [] : descriptorsOf(unit),
    pages: makers.map((page) => page.make(settings, unit, control === 1)),
  });
  return answer(bytes, allocationLength);
}

/** Takes over what a page asks for; false where it changes a bit that cannot be changed. */
function applyPage(unit: LogicalUnit, maker: PageMaker, bytes: Uint8Array, to: Settings): boolean {
  const mask = maker.make(CHANGEABLE, unit, true);
  const now = maker.make(settingsOf(unit.mode), unit, false);
  if (bytes.length !== now.length) return false;
  const head = maker.subpage === 0 ? 2 : 4;
  for (let at = head; at < now.length; at += 1)
    if ((((bytes[at] ?? 0) ^ (now[at] ?? 0)) & ~(mask[at] ?? 0)) !== 0) return false;
  if (maker === caching) to.writeCache = ((bytes[2] ?? 0) & 0x04) !== 0;
  if (maker === control) {
    to.descriptorSense = ((bytes[2] ?? 0) & 0x04) !== 0;
    to.softwareWriteProtect = ((bytes[4] ?? 0) & 0x08) !== 0;
  }
  return true;
}

/** MODE SELECT (6) and (10): all of it is taken, or nothing (SPC-5 6.12). */
function modeSelect(context: CommandContext): Plan {
  const { unit, nexus, cdb, parameterListLength } = context;
  const form = cdb[0] === 0x15 ? 6 : 10;
  if (flagField(context, 'sp')) return done(invalidField(1, 0), parameterListLength);
  if (flagField(context, 'rtd')) return done(invalidField(1, 1), parameterListLength);
  if (parameterListLength === 0) return done(GOOD);
  return callWithData(parameterListLength, (list): Outcome => {
    if (list.length < (form === 6 ? 4 : 8)) return PARAMETER_LIST_LENGTH;
    const decoded = decodeModeParameters(list, form, unit.optical ? 5 : 0);
    if (decoded.warnings.length > 0) return PARAMETER_LIST_LENGTH;
    if (decoded.dataLength !== 0) return invalidParameter(0);
    const { store } = unit;
    for (const { blocks, blockSize } of decoded.blockDescriptors)
      if (blockSize !== store.blockSize || (blocks !== 0n && blocks !== store.blocks && blocks !== 0xffffffffn))
        return invalidParameter(form === 6 ? 4 : 8);
    const now = settingsOf(unit.mode);
    const next = { ...now };
    for (const page of decoded.pages) {
      const [maker] = makersOf(unit, page.pageCode, page.subpageCode);
      if (maker === undefined || !applyPage(unit, maker, page.bytes, next)) return invalidParameter(page.offset);
    }
    const changed = (Object.keys(now) as (keyof Settings)[]).some((key) => now[key] !== next[key]);
    Object.assign(unit.mode, next);
    if (changed) unit.raiseForAll(UNIT_ATTENTIONS.modeParametersChanged, nexus.id);
    return GOOD;
  });
}

/** Mode parameters. */
export const MODE: HandlerTable = {
  modeSense6: { touch: 'other', medium: false, run: modeSense },
  modeSense10: { touch: 'other', medium: false, run: modeSense },
  modeSelect6: { touch: 'other', medium: false, run: modeSelect },
  modeSelect10: { touch: 'other', medium: false, run: modeSelect },
};
