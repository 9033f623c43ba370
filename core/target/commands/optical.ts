import { writeU16 } from '../../bytes/index.ts';
import { encodeConfiguration, encodeToc } from '../../scsi/optical.ts';
import { answer, done, type Plan } from '../unit/outcome.ts';
import { invalidField, notReady } from '../unit/refusals.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';

const DATA_TRACK = { adr: 1, control: 4 };
const LEAD_OUT = 0xaa;
/** DVD-ROM, and CD-ROM for discs that would fit one. */
const PROFILE = { dvdRom: 0x0010, cdRom: 0x0008 };
const CD_BLOCKS = 360_000n;
const MEDIA_CLASS = 4;

/** A block address as minute, second and frame, 150 frames behind (MMC-6 table 688). */
function timeOf(lba: number): number {
  const frames = lba + 150;
  return (Math.floor(frames / 4500) << 16) | (Math.floor((frames / 75) % 60) << 8) | (frames % 75);
}

/** READ TOC: one data track and the lead-out, or the one session there is. */
function readToc(context: CommandContext): Plan {
  const { unit, allocationLength } = context;
  const format = numberField(context, 'format');
  const track = numberField(context, 'track');
  const place = (lba: number): number => (flagField(context, 'msf') ? timeOf(lba) : lba);
  const end = unit.store.blocks > 0xffffffffn ? 0xffffffff : Number(unit.store.blocks);
  if (format === 1) return answer(encodeToc(1, 1, [{ ...DATA_TRACK, track: 1, start: place(0) }]), allocationLength);
  if (format !== 0) return done(invalidField(2, 3));
  if (track > 1 && track !== LEAD_OUT) return done(invalidField(6));
  const tracks = [
    ...(track === LEAD_OUT ? [] : [{ ...DATA_TRACK, track: 1, start: place(0) }]),
    { ...DATA_TRACK, track: LEAD_OUT, start: place(end) },
  ];
  return answer(encodeToc(1, 1, tracks), allocationLength);
}

/** GET CONFIGURATION: profile list, core, removable medium, random readable. */
function getConfiguration(context: CommandContext): Plan {
  const { unit, allocationLength } = context;
  const profile = !unit.mediumPresent ? 0 : unit.store.blocks <= CD_BLOCKS ? PROFILE.cdRom : PROFILE.dvdRom;
  const entry = (code: number): number[] => [code >> 8, code & 0xff, profile === code ? 1 : 0, 0];
  const { blockSize } = unit.store;
  const features = [
    {
      code: 0x0000,
      version: 0,
      persistent: true,
      current: true,
      data: Uint8Array.from([...entry(PROFILE.dvdRom), ...entry(PROFILE.cdRom)]),
    },
    { code: 0x0001, version: 1, persistent: true, current: true, data: Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0) },
    { code: 0x0003, version: 0, persistent: true, current: true, data: Uint8Array.of(0x29, 0, 0, 0) },
    {
      code: 0x0010,
      version: 0,
      persistent: false,
      current: unit.mediumPresent,
      data: Uint8Array.of(0, 0, blockSize >> 8, blockSize & 0xff, 0, 1, 0, 0),
    },
  ];
  const start = numberField(context, 'startingFeature');
  const type = numberField(context, 'requestedType');
  if (type === 3) return done(invalidField(1, 1));
  const wanted = features.filter(({ code, current }) =>
    type === 2 ? code === start : code >= start && (type === 0 || current),
  );
  return answer(encodeConfiguration(profile, wanted), allocationLength);
}

/** GET EVENT STATUS NOTIFICATION: whether there is a medium; only the polled form. */
function eventStatus(context: CommandContext): Plan {
  const { unit, allocationLength } = context;
  if (!flagField(context, 'polled')) return done(invalidField(1, 0));
  const wanted = (numberField(context, 'classRequest') & (1 << MEDIA_CLASS)) !== 0;
  const bytes = new Uint8Array(wanted ? 8 : 4);
  writeU16(bytes, 0, bytes.length - 2);
  bytes[2] = wanted ? MEDIA_CLASS : 0x80;
  bytes[3] = 1 << MEDIA_CLASS;
  if (wanted) bytes[5] = unit.mediumPresent ? 0x02 : 0x01;
  return answer(bytes, allocationLength);
}

/** READ DISC INFORMATION: complete, one session, one track. */
function discInformation(context: CommandContext): Plan {
  if (!context.unit.mediumPresent) return done(notReady(0x3a, 0x00));
  if (numberField(context, 'dataType') !== 0) return done(invalidField(1, 2));
  const bytes = new Uint8Array(34);
  writeU16(bytes, 0, 32);
  bytes.set([0x0e, 1, 1, 1, 1, 0x20], 2);
  bytes.fill(0xff, 16, 24);
  return answer(bytes, context.allocationLength);
}

const open = { touch: 'none', medium: false, only: 'optical' } as const;

/** Commands of CD and DVD units (MMC-6). */
export const OPTICAL: HandlerTable = {
  readTocPmaAtip: { ...open, medium: true, strict: false, run: readToc },
  getConfiguration: { ...open, run: getConfiguration },
  getEventStatusNotification: { ...open, ignoresAttention: true, run: eventStatus },
  readDiscInformation: { ...open, run: discInformation },
};
