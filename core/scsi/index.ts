export {
  decodeCapacity10,
  decodeCapacity16,
  encodeCapacity10,
  encodeCapacity16,
  needsCapacity16,
  type Capacity,
} from './capacity.ts';
export { buildBlockAccess, readBlockAccess, type BlockAccess } from './cdb/block-access.ts';
export { buildCdb, buildFromSpec, type CdbInput, type LooseCdbInput } from './cdb/build.ts';
export {
  cdbLengthOf,
  COMMAND_LIST,
  COMMANDS,
  commandsWithOpcode,
  fieldAt,
  findCommand,
  serviceActionOf,
  type CommandId,
  type KnownCommands,
} from './cdb/catalog.ts';
export {
  cdbFieldTree,
  cdbUsage,
  decodeCdb,
  decodeCdbAs,
  describeCdb,
  expectedTransfer,
  type CdbValue,
  type DecodedCdb,
  type ExpectedTransfer,
  type UnknownCdb,
} from './cdb/decode.ts';
export type { CommandFamily, CommandSpec, DataAmount, DataDirection } from './cdb/spec.ts';
export {
  deviceAccess,
  deviceTypeLongName,
  deviceTypeName,
  DEVICE_TYPES,
  isBlockReadable,
  PERIPHERAL_QUALIFIERS,
  type DeviceAccess,
  type DeviceType,
} from './device-types.ts';
export {
  decodeInquiry,
  encodeInquiry,
  INQUIRY_VERSIONS,
  versionDescriptorName,
  type Inquiry,
  type InquiryInput,
  type VersionDescriptor,
} from './inquiry/standard.ts';
export {
  decodeLun,
  encodeLun,
  formatLun,
  lunBytes,
  lunFromNumber,
  WELL_KNOWN_LUNS,
  type DecodedLun,
  type LunMethod,
  type LunParts,
} from './lun.ts';
export { decodeLunList, encodeLunList, type LunList } from './report-luns.ts';
export { ascName, senseKeyName, SENSE_KEY, SENSE_KEYS } from './sense/asc-names.ts';
export { decodeSense, parseSense } from './sense/decode.ts';
export { encodeSense, type SenseInput } from './sense/encode.ts';
export { checkStatus, explainSense, statusError, type SenseExplanation } from './sense/explain.ts';
export type { Sense, SenseDescriptor, SenseKeySpecific } from './sense/sense.ts';
export { isGoodStatus, SCSI_STATUS, statusName } from './status.ts';
