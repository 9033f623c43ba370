export {
  StoreError,
  storeBytes,
  type BlockStore,
  type Extent,
  type ProvisioningStatus,
  type StoreFailure,
} from './block-store.ts';
export { ConcatStore } from './concat-store.ts';
export { FaultStore, noFaults, type Faults, type LbaRange, type StoreClock } from './fault-store.ts';
export { GeneratedStore, patternGenerator, type BlockGenerator } from './generated-store.ts';
export { type Geometry } from './geometry.ts';
export { MemoryStore } from './memory-store.ts';
export { OverlayStore } from './overlay-store.ts';
export { SparseStore, type SparseOptions } from './sparse-store.ts';
