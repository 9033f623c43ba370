export type { CommandOptions } from './command.ts';
export {
  discover,
  discoverAll,
  discoverWithWarnings,
  type DiscoveredTarget,
  type Discovery,
  type PortalOutcome,
} from './discover.ts';
export { Disk, type DiskOptions } from './disk.ts';
export type { BlockLimitNumbers, BurstFact, ChunkPlan, TransferShape, TransferTuning } from './burst-plan.ts';
export type { LunEntry } from './luns.ts';
export {
  DEFAULTS,
  type ChapOptions,
  type CommonOptions,
  type ConnectOptions,
  type Logger,
  type Portal,
} from './options.ts';
export type { LunAddress, ExecuteOptions, RawOps, RawResult, StreamOptions } from './raw.ts';
export type { ScsiStream, StreamResult } from './raw-stream.ts';
export {
  RESERVATION_TYPE_CODES,
  type ReservationInput,
  type ReservationOps,
  type ReservationType,
} from './reservation-ops.ts';
export type { ScsiOps, TransferForm, WriteSameOptions } from './scsi-ops.ts';
export { connect, Session, type MetricEvent, type SessionListeners } from './session.ts';
export type { TaskOps, TmfResult } from './task-ops.ts';
export { latencyBucketUs, measure, WARM_UP_SECONDS, type MeasureOptions, type Measurement } from './measure.ts';
export { describeLun, identityOf, type Answer, type Fact, type LunFacts } from './lun-facts.ts';
export { compareSources, sumSource, type CompareOptions } from './image-compare.ts';
export { differences, type Difference } from './image-differences.ts';
export { readUnfinished, withUnread, type BlockRun, type CopySource, type ImageContent } from './image-copy.ts';
export { saveImage, type ImageOptions, type ImageProgress, type ImageResult } from './image-save.ts';
export { searchSource, type AsyncMatcher, type SearchOptions, type SearchResult } from './image-search.ts';
export { workHere, type ByteWork, type PieceSum } from './image-work.ts';
export { diskSource, fileSource, isUnreadable, readAround, type Piece, type ThinSource } from './image-source.ts';
export type { DecodedOps } from './decoded-ops.ts';
export { checkStatus, decodeLun, deviceTypeName, parseSense } from '../scsi/index.ts';
export { SessionPool, type PooledSession, type PoolLimits } from './pool.ts';
export type { TlsFacts, TlsOptions } from '../node/tls.ts';
