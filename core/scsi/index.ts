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
  commandByCode,
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
export {
  accessStateName,
  ACCESS_STATES,
  decodePortGroups,
  decodeSetPortGroups,
  encodePortGroups,
  encodeSetPortGroups,
  type PortGroup,
  type PortGroupInput,
  type PortGroups,
  type SetPortGroups,
} from './alua.ts';
export { decodeElementStatus, ELEMENT_TYPES, type ChangerElement, type ElementStatus } from './changer.ts';
export { LOG_PAGES, logPageName } from './log/names.ts';
export {
  decodeLogPage,
  encodeLogPage,
  encodeSupportedLogPages,
  type LogPage,
  type LogParameter,
  type LogParameterInput,
} from './log/pages.ts';
export { MODE_PAGES, type ModePageSpec } from './mode/page-table.ts';
export { encodeModePage, findModePage, modePageName, type ModePageId, type ModePageInput } from './mode/pages.ts';
export {
  buildModeSelect,
  decodeModeParameters,
  encodeModeParameters,
  type BlockDescriptor,
  type ModePage,
  type ModeParameters,
  type ModeParametersInput,
} from './mode/parameters.ts';
export {
  decodeConfiguration,
  decodeRawToc,
  decodeToc,
  encodeConfiguration,
  encodeRawToc,
  encodeToc,
  FEATURES,
  PROFILES,
  type Configuration,
  type Feature,
  type RawToc,
  type Toc,
} from './optical.ts';
export { payloadFieldTree } from './payload-tree.ts';
export {
  decodeLbaStatus,
  decodeUnmapList,
  encodeLbaStatus,
  encodeUnmapList,
  PROVISIONING_STATES,
  type BlockRange,
  type LbaStatus,
  type UnmapList,
} from './provisioning.ts';
export {
  decodeReservation,
  decodeReservationCapabilities,
  decodeReservationKeys,
  decodeReservationStatus,
  encodeReservation,
  encodeReservationCapabilities,
  encodeReservationKeys,
  encodeReservationStatus,
  type Registration,
  type RegistrationInput,
  type ReservationCapabilities,
  type ReservationHeld,
  type ReservationKeys,
  type ReservationStatus,
} from './reservations/in.ts';
export { RESERVATION_TYPES, reservationTypeName } from './reservations/names.ts';
export {
  decodePrOut,
  decodePrOutMove,
  encodePrOut,
  encodePrOutMove,
  type PrOut,
  type PrOutMove,
} from './reservations/out.ts';
export { decodeTransportId, encodeIscsiTransportId, type TransportId } from './reservations/transport-id.ts';
export { senseFieldTree } from './sense/tree.ts';
export {
  decodeCommandSupport,
  decodeSupportedCommands,
  decodeTaskFunctions,
  encodeCommandSupport,
  encodeSupportedCommands,
  encodeTaskFunctions,
  type CommandSupport,
  type CommandTimeouts,
  type SupportedCommand,
  type SupportedCommands,
  type TaskFunctions,
} from './support.ts';
export {
  decodePosition,
  decodeTapeBlockLimits,
  encodePosition,
  encodeTapeBlockLimits,
  positionForm,
  type PositionForm,
  type TapeBlockLimits,
  type TapePosition,
} from './tape.ts';
export { decodeTimestamp, encodeTimestamp, type DeviceTimestamp } from './timestamp.ts';
export type { ManagementAddress, VpdContent, VpdInput, VpdPage, VpdPort } from './vpd/content.ts';
export { decodeVpd, vpdPageName } from './vpd/decode.ts';
export {
  ASSOCIATIONS,
  DESIGNATOR_TYPES,
  naaDesignator,
  numberDesignator,
  PROTOCOLS,
  scsiNameDesignator,
  t10Designator,
  type Designator,
  type DesignatorInput,
  type NaaParts,
} from './vpd/designators.ts';
export { encodeVpd, type VpdDevice } from './vpd/encode.ts';
