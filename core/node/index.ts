export { chapDigest } from './chap-digests.ts';
export { describePortal } from './connect.ts';
export { fastCrc32c } from './native-crc32c.ts';
export { secureRandom } from './random.ts';
export { SessionDriver } from './session-driver.ts';
export { TargetHost, type PortalOptions, type TargetHostOptions } from './target-host.ts';
export { FileStore, type FileStoreOptions } from './file-store.ts';
export { shareImage, shareStore, type Share, type ShareImageOptions, type ShareOptions } from './share.ts';
export { createShareHash, exportTraceFile, exportTraceLines, type ExportFileOptions } from './trace-export.ts';
export { deleteTrace, listSegments, segmentPath, traceSize } from './trace-files.ts';
export { tracesPastLimits } from './trace-retention.ts';
export { TraceFile, type ImportProgress, type OpenTraceOptions } from './trace-open.ts';
export { TraceRecording, type RecordingOptions } from './trace-recording.ts';
export { InputFile, OutputFile, readTextFile } from './files.ts';
export { openImageFile, type ImageFile, type OpenImageFile } from './image-file.ts';
export { createSums, isZero, sha256Aside, type SumName } from './image-sums.ts';
export { ImageJournal, journalPath, type ImagePlan, type JournalEntry } from './image-journal.ts';
export { hostInitiatorNames, INITIATOR_NAME_FILE, parseInitiatorNames } from './initiator-names.ts';
export {
  hasIscsiadm,
  LinuxInitiator,
  MockInitiator,
  type FoundTarget,
  type SystemInitiator,
  type SystemTarget,
} from './system-initiator/index.ts';
export { loadConfigFile, parseConfig } from './config-file.ts';
export { SETTINGS, type ConfigValue, type SettingKind } from './config-settings.ts';
