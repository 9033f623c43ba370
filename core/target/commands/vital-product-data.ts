import { encodeVpd } from '../../scsi/vpd/encode.ts';
import { naaDesignator, numberDesignator, scsiNameDesignator, t10Designator } from '../../scsi/vpd/designators.ts';
import type { VpdInput } from '../../scsi/vpd/content.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import type { Nexus } from '../unit/nexus.ts';
import { answer, done, type Plan } from '../unit/outcome.ts';
import { invalidField } from '../unit/refusals.ts';
import type { CommandContext } from './handler.ts';

/** The commands descriptor of the Third-party Copy page: opcodes and their service actions (SPC-4 7.8.17). */
const THIRD_PARTY_COPY_PAGE = Uint8Array.of(0x00, 0x01, 0x00, 0x08, 7, 0x83, 1, 0x00, 0x84, 2, 0x00, 0x03);
const ISCSI = 5;
const MOST_BLOCKS = 0xffffffff;

/** An NAA 3 (locally assigned) name made of the serial number, the same over every path. */
export function unitName(serial: string): Uint8Array {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < serial.length; i += 1)
    hash = ((hash ^ BigInt(serial.charCodeAt(i))) * 0x100000001b3n) & 0xffffffffffffffffn;
  const bytes = new Uint8Array(8);
  for (let i = 0; i < 8; i += 1) bytes[i] = Number((hash >> BigInt(56 - i * 8)) & 0xffn);
  bytes[0] = 0x30 | ((bytes[0] ?? 0) & 0x0f);
  return bytes;
}

function blocksOf(bytes: number, unit: LogicalUnit): number {
  return Math.floor(bytes / unit.store.blockSize);
}

function identification(unit: LogicalUnit, nexus: Nexus): VpdInput {
  const { serial, vendor = 'LUNASCPE' } = unit.options.identity;
  const { port } = nexus;
  const portName = `${port.targetName},t,0x${port.portalGroupTag.toString(16).padStart(4, '0')}`;
  return {
    kind: 'deviceIdentification',
    designators: [
      naaDesignator(unitName(serial)),
      t10Designator(vendor, serial),
      numberDesignator(4, port.relativeId, ISCSI),
      ...(unit.portGroups.length > 0 ? [numberDesignator(5, port.portGroup, ISCSI)] : []),
      scsiNameDesignator(portName, 1, ISCSI),
      scsiNameDesignator(port.targetName, 2, ISCSI),
    ],
  };
}

function blockLimits(unit: LogicalUnit): VpdInput {
  const { store } = unit;
  const most = blocksOf(unit.maxTransferBytes, unit);
  const thin = store.thin && !unit.writeProtected;
  const granularity = Math.max(1, 4096 / store.blockSize);
  return {
    kind: 'blockLimits',
    fields: {
      wsnz: false,
      maximumCompareAndWrite: Math.min(255, most),
      optimalGranularity: granularity,
      maximumTransfer: most,
      optimalTransfer: Math.min(most, blocksOf(1024 * 1024, unit)),
      maximumUnmapBlocks: thin ? MOST_BLOCKS : 0,
      maximumUnmapDescriptors: thin ? 256 : 0,
      optimalUnmapGranularity: thin ? granularity : 0,
      maximumWriteSame: BigInt(maximumWriteSame(unit)),
      maximumAtomic: most,
      atomicAlignment: 1,
      atomicGranularity: 1,
    },
  };
}

/** Most blocks one WRITE SAME covers: no more than one WRITE, because what is not unmapped is written. */
export function maximumWriteSame(unit: LogicalUnit): number {
  return blocksOf(unit.maxTransferBytes, unit);
}

type PageMaker = (unit: LogicalUnit, nexus: Nexus) => VpdInput;

const COMMON: readonly (readonly [number, PageMaker])[] = [
  [0x80, (unit) => ({ kind: 'unitSerialNumber', serial: unit.options.identity.serial })],
  [0x83, identification],
  [
    0x86,
    () => ({
      kind: 'extendedInquiry',
      fields: { simple: true, ordered: true, headOfQueue: true, luiClear: true },
    }),
  ],
];

const DISK: readonly (readonly [number, PageMaker])[] = [
  ...COMMON,
  [0x8f, () => ({ kind: 'other', pageCode: 0x8f, bytes: THIRD_PARTY_COPY_PAGE })],
  [0xb0, blockLimits],
  [0xb1, () => ({ kind: 'blockCharacteristics', fields: { rotationRate: 1, wabereq: 1, wacereq: 1 } })],
  [
    0xb2,
    (unit) => {
      const thin = unit.store.thin && !unit.writeProtected;
      const fields = {
        unmap: thin,
        writeSame16: thin,
        writeSame10: thin,
        readsZero: thin ? 1 : 0,
        provisioningType: thin ? 2 : 0,
      };
      return { kind: 'provisioning', fields };
    },
  ],
];

/** INQUIRY with EVPD: one page of vital product data (SPC-5 7.7). */
export function planVitalProductData({ unit, nexus, allocationLength }: CommandContext, pageCode: number): Plan {
  const pages = unit.optical ? COMMON : DISK;
  const device = { deviceType: unit.optical ? 5 : 0 };
  if (pageCode === 0)
    return answer(
      encodeVpd({ kind: 'supportedPages', pages: [0, ...pages.map(([code]) => code)] }, device),
      allocationLength,
    );
  const maker = pages.find(([code]) => code === pageCode);
  if (maker === undefined) return done(invalidField(2));
  return answer(encodeVpd(maker[1](unit, nexus), device), allocationLength);
}
