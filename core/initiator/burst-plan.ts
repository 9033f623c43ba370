import type { KeyOutcome, SessionParameters } from '../login/index.ts';

/** The keys that decide in how many pieces a transfer crosses the wire. */
export const BURST_KEYS = ['MaxRecvDataSegmentLength', 'FirstBurstLength', 'MaxBurstLength'] as const;

/** One of them. */
export type BurstKey = (typeof BURST_KEYS)[number];

/** The three lengths in bytes. */
export type BurstLengths = Readonly<Record<BurstKey, number>>;

/** Where an offered length comes from: this library's default, the size of transfers, or the caller's own word. */
export type BurstOrigin = 'default' | 'tuned' | 'fixed';

/** What is offered, and why. */
export interface BurstPlan {
  readonly transferBytes: number | null;
  readonly offered: BurstLengths;
  readonly origin: Readonly<Record<BurstKey, BurstOrigin>>;
}

const KiB = 1024;
const PAGE = 4 * KiB;
/** Below this a shorter burst saves nothing, and mixed loads need the room. */
const LEAST = 64 * KiB;
/** Above this unsolicited data costs the target buffers it may not have, and longer segments save next to nothing. */
const ENOUGH = 256 * KiB;
const LARGEST_LENGTH = 16777215;
const LARGEST_BURST = LARGEST_LENGTH - (LARGEST_LENGTH % 512);

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/**
 * Chooses what to offer for transfers of one size: a write as a whole in its first burst where it is small, else with one
 * R2T behind it, and a read in as few segments as help. What the caller fixed stays as it is, and the others keep to it.
 */
export function planBursts(
  transferBytes: number | undefined,
  defaults: BurstLengths,
  fixed: Partial<BurstLengths>,
): BurstPlan {
  const whole = transferBytes === undefined ? undefined : Math.ceil(transferBytes / PAGE) * PAGE;
  const wanted: BurstLengths =
    whole === undefined
      ? defaults
      : {
          MaxRecvDataSegmentLength: within(whole, LEAST, ENOUGH),
          FirstBurstLength: within(whole, LEAST, ENOUGH),
          MaxBurstLength: within(whole, LEAST, LARGEST_BURST),
        };
  const segment = fixed.MaxRecvDataSegmentLength ?? wanted.MaxRecvDataSegmentLength;
  const room = whole === undefined ? 0 : (fixed.FirstBurstLength ?? 0);
  const max = fixed.MaxBurstLength ?? Math.max(wanted.MaxBurstLength, room);
  const first = fixed.FirstBurstLength ?? Math.min(wanted.FirstBurstLength, max);
  const origin = (key: BurstKey): BurstOrigin =>
    fixed[key] !== undefined ? 'fixed' : transferBytes === undefined ? 'default' : 'tuned';
  return {
    transferBytes: transferBytes ?? null,
    offered: { MaxRecvDataSegmentLength: segment, FirstBurstLength: first, MaxBurstLength: max },
    origin: {
      MaxRecvDataSegmentLength: origin('MaxRecvDataSegmentLength'),
      FirstBurstLength: origin('FirstBurstLength'),
      MaxBurstLength: origin('MaxBurstLength'),
    },
  };
}

/** How one transfer crosses the wire under what was agreed. */
export interface TransferShape {
  readonly bytes: number;
  /** Data-In PDUs of a read. */
  readonly readSegments: number;
  /** Bytes of a write that go without being asked for. */
  readonly unsolicitedBytes: number;
  /** R2Ts a write waits for, each a round trip. */
  readonly r2ts: number;
}

/** What becomes of a transfer of this many bytes (RFC 7143 4.2.5.2, 13). */
export function shapeTransfer(bytes: number, parameters: SessionParameters): TransferShape {
  const { immediateData, initialR2T, firstBurstLength, maxBurstLength } = parameters;
  const immediate = immediateData ? Math.min(firstBurstLength, parameters.peerMaxRecvDataSegmentLength) : 0;
  const unsolicitedBytes = Math.min(bytes, initialR2T ? immediate : firstBurstLength);
  return {
    bytes,
    readSegments: Math.ceil(bytes / parameters.ownMaxRecvDataSegmentLength),
    unsolicitedBytes,
    r2ts: Math.ceil((bytes - unsolicitedBytes) / maxBurstLength),
  };
}

/** One length as it was offered and agreed, in numbers and in a sentence. */
export interface BurstFact {
  readonly key: BurstKey;
  readonly origin: BurstOrigin;
  readonly offered: number;
  readonly result: number;
  readonly text: string;
}

/** How transfers were tuned, and what they came to. */
export interface TransferTuning {
  readonly transferBytes: number | null;
  readonly lengths: readonly BurstFact[];
  /** Absent where no size was named. */
  readonly shape: TransferShape | null;
}

const ORIGINS: Readonly<Record<BurstOrigin, string>> = {
  default: 'the default',
  tuned: 'chosen for the size of transfers',
  fixed: 'fixed by hand',
};

/** Sets what was planned beside what the target agreed to. */
export function tuningFacts(plan: BurstPlan, parameters: SessionParameters): TransferTuning {
  const agreed: BurstLengths = {
    MaxRecvDataSegmentLength: parameters.ownMaxRecvDataSegmentLength,
    FirstBurstLength: parameters.firstBurstLength,
    MaxBurstLength: parameters.maxBurstLength,
  };
  const outcome = (key: BurstKey): KeyOutcome | undefined => parameters.negotiated.find((each) => each.key === key);
  return {
    transferBytes: plan.transferBytes,
    lengths: BURST_KEYS.map((key) => {
      const offered = Number(outcome(key)?.offered ?? plan.offered[key]);
      const result = agreed[key];
      const limited = result < offered ? `; the target takes ${String(result)}` : '';
      const origin = plan.origin[key];
      return { key, origin, offered, result, text: `${String(offered)}, ${ORIGINS[origin]}${limited}` };
    }),
    shape: plan.transferBytes === null ? null : shapeTransfer(plan.transferBytes, parameters),
  };
}

/** How long the commands of a disk are, and why. */
export interface ChunkPlan {
  readonly blocks: number;
  readonly bytes: number;
  readonly because: 'preferred' | 'transfer size' | 'maximum transfer length' | 'optimal transfer length';
}

/** What a unit says of the transfers it takes and likes (VPD page B0h), in blocks; 0 where it says nothing. */
export interface BlockLimitNumbers {
  readonly maxTransferBlocks: number;
  readonly optimalTransferBlocks: number;
  readonly granularityBlocks: number;
}

/** Chooses the length of a disk's commands: as wanted, never above what the unit takes or likes, and in its granularity (SBC-4 6.6.4). */
export function planChunk(blockSize: number, limits: BlockLimitNumbers, transferBytes?: number): ChunkPlan {
  let because: ChunkPlan['because'] = transferBytes === undefined ? 'preferred' : 'transfer size';
  let blocks = Math.max(1, Math.floor((transferBytes ?? ENOUGH) / blockSize));
  if (limits.optimalTransferBlocks > 0 && limits.optimalTransferBlocks < blocks) {
    blocks = limits.optimalTransferBlocks;
    because = 'optimal transfer length';
  }
  if (limits.maxTransferBlocks > 0 && limits.maxTransferBlocks < blocks) {
    blocks = limits.maxTransferBlocks;
    because = 'maximum transfer length';
  }
  const { granularityBlocks } = limits;
  if (granularityBlocks > 1 && blocks > granularityBlocks) blocks -= blocks % granularityBlocks;
  return { blocks, bytes: blocks * blockSize, because };
}
