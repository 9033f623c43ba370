import { bits, decodeLayout, encodeLayout, flag, layout, raw, u64, uint } from '../../bytes/index.ts';
import { naaDesignator, t10Designator } from '../../scsi/vpd/designators.ts';
import type { LogicalUnit, UnitMap } from '../unit/logical-unit.ts';
import { answer, callWithData, done, GOOD, STATUS, type Outcome, type Plan } from '../unit/outcome.ts';
import { illegalRequest, invalidField, PARAMETER_LIST_LENGTH } from '../unit/refusals.ts';
import { numberField, type CommandContext, type HandlerTable } from './handler.ts';
import { outOfRange } from './transfer.ts';
import { unitName } from './vital-product-data.ts';

const HEADER = layout('copyHeader', 'EXTENDED COPY parameter list header', 16, 'SPC-4 6.4.3', [
  uint('listId', 'List identifier', 0, 1),
  bits('listIdUsage', 'List ID usage', 1, [4, 3]),
  uint('targetsLength', 'CSCD descriptor list length', 2, 2),
  uint('segmentsLength', 'Segment descriptor list length', 8, 4),
  uint('inlineLength', 'Inline data length', 12, 4),
]);
const IDENTIFICATION = layout('identificationDescriptor', 'Identification CSCD descriptor', 32, 'SPC-4 6.4.5.3', [
  uint('type', 'Descriptor type', 0, 1),
  flag('none', 'NUL', 1, 5),
  bits('designatorType', 'Designator type', 5, [3, 0]),
  uint('designatorLength', 'Designator length', 7, 1),
  raw('designator', 'Designator', 8, 20),
]);
const BLOCK_TO_BLOCK = layout('blockToBlock', 'Block device to block device segment', 28, 'SPC-4 6.4.6.3', [
  uint('type', 'Descriptor type', 0, 1),
  flag('destinationCount', 'DC', 1, 1),
  uint('length', 'Descriptor length', 2, 2),
  uint('source', 'Source CSCD descriptor', 4, 2),
  uint('destination', 'Destination CSCD descriptor', 6, 2),
  uint('blocks', 'Number of blocks', 10, 2),
  u64('sourceLba', 'Source LBA', 12),
  u64('destinationLba', 'Destination LBA', 20),
]);
const COPY_STATUS = layout('copyStatus', 'RECEIVE COPY STATUS data', 12, 'SPC-4 6.18.2', [
  uint('available', 'Available data', 0, 4),
  bits('status', 'Copy manager status', 4, [6, 0]),
  uint('segments', 'Segments processed', 5, 2),
  uint('countUnits', 'Transfer count units', 7, 1),
  uint('count', 'Transfer count', 8, 4),
]);
const OPERATING = layout('operatingParameters', 'RECEIVE COPY OPERATING PARAMETERS data', 46, 'SPC-4 6.19', [
  uint('available', 'Available data', 0, 4),
  uint('mostTargets', 'Maximum CSCD count', 8, 2),
  uint('mostSegments', 'Maximum segment count', 10, 2),
  uint('mostDescriptorBytes', 'Maximum descriptor list length', 12, 4),
  uint('mostSegmentBytes', 'Maximum segment length', 16, 4),
  uint('concurrent', 'Total concurrent copies', 34, 2),
  uint('concurrentLists', 'Maximum concurrent copies', 36, 1),
  uint('granularity', 'Data segment granularity', 37, 1),
  uint('typesLength', 'Implemented descriptor list length', 43, 1),
  raw('types', 'Implemented descriptor types', 44, 2),
]);

const IDENTIFICATION_TYPE = 0xe4;
const BLOCK_TO_BLOCK_TYPE = 0x02;
const MOST_TARGETS = 16;
const MOST_SEGMENTS = 16;
const MOST_DESCRIPTOR_BYTES = 1000;
const PIECE = 1024 * 1024;
const TOO_MANY_TARGETS = illegalRequest(0x26, 0x06);
const TOO_MANY_SEGMENTS = illegalRequest(0x26, 0x08);
const UNKNOWN_TARGET_TYPE = illegalRequest(0x26, 0x07);
const UNKNOWN_SEGMENT_TYPE = illegalRequest(0x26, 0x09);
const COPY_ABORTED = 0x0a;

function copyAborted(asc: number, ascq: number): Outcome {
  return { status: STATUS.checkCondition, sense: { key: COPY_ABORTED, asc, ascq } };
}

/** COPY ABORTED that points into the segment descriptor (SPC-4 4.5.2.4.5). */
function segmentAborted(byte: number): Outcome {
  const specific = { kind: 'segment', inDescriptor: true, byte } as const;
  return { status: STATUS.checkCondition, sense: { key: COPY_ABORTED, asc: 0, ascq: 0, specific } };
}

const UNREACHABLE = copyAborted(0x0d, 0x02);

interface Segment {
  readonly source: number;
  readonly destination: number;
  readonly blocks: number;
  readonly destinationCount: boolean;
  readonly sourceLba: bigint;
  readonly destinationLba: bigint;
}

/** The unit of this target that a designator names. */
function findUnit(units: UnitMap, type: number, designator: Uint8Array): LogicalUnit | undefined {
  const same = (bytes: Uint8Array): boolean =>
    bytes.slice(0, 20).length === designator.length && designator.every((byte, i) => bytes[i] === byte);
  for (const unit of units.values()) {
    const { serial, vendor = 'LUNASCPE' } = unit.options.identity;
    if (type === 3 && same(naaDesignator(unitName(serial)).bytes)) return unit;
    if (type === 1 && same(t10Designator(vendor, serial).bytes)) return unit;
  }
  return undefined;
}

/** Takes the descriptors apart; an outcome where they are refused before anything is copied. */
function readDescriptors(
  list: Uint8Array,
  units: UnitMap,
): Outcome | { readonly targets: (LogicalUnit | undefined)[]; readonly segments: Segment[]; readonly listId: number } {
  const header = decodeLayout(HEADER, list);
  if (header === undefined) return PARAMETER_LIST_LENGTH;
  const { targetsLength, segmentsLength, inlineLength, listId } = header;
  if (targetsLength + segmentsLength > MOST_DESCRIPTOR_BYTES) return PARAMETER_LIST_LENGTH;
  if (HEADER.size + targetsLength + segmentsLength + inlineLength > list.length) return PARAMETER_LIST_LENGTH;
  const targetCount = Math.floor(targetsLength / IDENTIFICATION.size);
  if (targetCount > MOST_TARGETS) return TOO_MANY_TARGETS;
  const targets: (LogicalUnit | undefined)[] = [];
  for (let i = 0; i < targetCount; i += 1) {
    const target = decodeLayout(IDENTIFICATION, list, HEADER.size + i * IDENTIFICATION.size);
    if (target?.type !== IDENTIFICATION_TYPE) return UNKNOWN_TARGET_TYPE;
    const designator = target.designator.subarray(0, Math.min(20, target.designatorLength));
    targets.push(target.none ? undefined : findUnit(units, target.designatorType, designator));
  }
  const segments: Segment[] = [];
  const end = HEADER.size + targetsLength + segmentsLength;
  for (let at = HEADER.size + targetsLength; at < end;) {
    if (list[at] !== BLOCK_TO_BLOCK_TYPE) return UNKNOWN_SEGMENT_TYPE;
    const segment = decodeLayout(BLOCK_TO_BLOCK, list, at);
    if (segment === undefined || at + BLOCK_TO_BLOCK.size > end) return PARAMETER_LIST_LENGTH;
    segments.push(segment);
    if (segments.length > MOST_SEGMENTS) return TOO_MANY_SEGMENTS;
    at += BLOCK_TO_BLOCK.size;
  }
  return { targets, segments, listId };
}

async function copySegment(segment: Segment, targets: readonly (LogicalUnit | undefined)[]): Promise<Outcome> {
  const source = targets[segment.source];
  const destination = targets[segment.destination];
  if (source === undefined || destination === undefined) return UNREACHABLE;
  const counted = segment.destinationCount ? destination : source;
  const bytes = segment.blocks * counted.store.blockSize;
  const sourceBlocks = Math.ceil(bytes / source.store.blockSize);
  const destinationBlocks = Math.floor(bytes / destination.store.blockSize);
  if (outOfRange(source, segment.sourceLba, sourceBlocks)) return segmentAborted(12);
  if (outOfRange(destination, segment.destinationLba, destinationBlocks)) return segmentAborted(20);
  if (destination.writeProtected) return copyAborted(0x27, 0x00);
  const step = Math.max(source.store.blockSize, destination.store.blockSize, PIECE);
  for (let at = 0; at < bytes; at += step) {
    const piece = new Uint8Array(Math.min(step, bytes - at));
    const whole = new Uint8Array(Math.ceil(piece.length / source.store.blockSize) * source.store.blockSize);
    await source.store.read(segment.sourceLba + BigInt(at / source.store.blockSize), whole);
    piece.set(whole.subarray(0, piece.length));
    const usable = piece.length - (piece.length % destination.store.blockSize);
    if (usable > 0)
      await destination.store.write(
        segment.destinationLba + BigInt(at / destination.store.blockSize),
        piece.subarray(0, usable),
      );
  }
  return GOOD;
}

/** EXTENDED COPY(LID1) from block device to block device among the units of this target (SPC-4 6.4). */
function extendedCopy(context: CommandContext): Plan {
  const { unit, nexus, units, parameterListLength } = context;
  if (parameterListLength === 0) return done(GOOD);
  if (parameterListLength < HEADER.size) return done(PARAMETER_LIST_LENGTH, parameterListLength);
  if (parameterListLength > HEADER.size + 2 * MOST_DESCRIPTOR_BYTES)
    return done(PARAMETER_LIST_LENGTH, parameterListLength);
  return callWithData(
    parameterListLength,
    async (list): Promise<Outcome> => {
      const read = readDescriptors(list, units);
      if ('status' in read) return read;
      let blocks = 0;
      let segments = 0;
      for (const segment of read.segments) {
        const outcome = await copySegment(segment, read.targets);
        if (outcome.status !== STATUS.good) {
          unit.copies.add(nexus.id, read.listId, { failed: true, segments, blocks });
          return outcome;
        }
        segments += 1;
        blocks += segment.blocks;
      }
      unit.copies.add(nexus.id, read.listId, { failed: false, segments, blocks });
      return GOOD;
    },
    true,
  );
}

function copyStatus(context: CommandContext): Plan {
  const { unit, nexus, allocationLength } = context;
  const record = unit.copies.find(nexus.id, numberField(context, 'listIdentifier'));
  if (record === undefined) return done(invalidField(2));
  const status = record.failed ? 2 : 1;
  const bytes = encodeLayout(COPY_STATUS, {
    available: 8,
    status,
    segments: record.segments,
    countUnits: 0xf1,
    count: record.blocks,
  });
  return answer(bytes, allocationLength);
}

function operatingParameters({ allocationLength }: CommandContext): Plan {
  const bytes = encodeLayout(OPERATING, {
    available: OPERATING.size - 4,
    mostTargets: MOST_TARGETS,
    mostSegments: MOST_SEGMENTS,
    mostDescriptorBytes: MOST_DESCRIPTOR_BYTES,
    mostSegmentBytes: 0xffffffff,
    concurrent: 1,
    concurrentLists: 1,
    granularity: 9,
    typesLength: 2,
    types: Uint8Array.of(BLOCK_TO_BLOCK_TYPE, IDENTIFICATION_TYPE),
  });
  return answer(bytes, allocationLength);
}

/** Copies the unit makes by itself. */
export const THIRD_PARTY_COPY: HandlerTable = {
  extendedCopyLid1: { touch: 'write', medium: true, only: 'disk', run: extendedCopy },
  receiveCopyStatusLid1: { touch: 'none', medium: false, only: 'disk', run: copyStatus },
  receiveCopyOperatingParameters: { touch: 'none', medium: false, only: 'disk', run: operatingParameters },
};
