import { UsageError } from '../../errors/index.ts';
import { encodeStruct, joinBytes } from '../payload.ts';
import { encodeUtf8 } from '../utf8.ts';
import type { Layout, LayoutInput } from '../../bytes/index.ts';
import type { VpdInput } from './content.ts';
import { PAGE_OF_KIND } from './decode.ts';
import { encodeDesignator } from './designators.ts';
import {
  FIXED_PAGES,
  MANAGEMENT_ADDRESS,
  MODE_PAGE_POLICY,
  PROVISIONING,
  SCSI_PORT,
  SCSI_PORT_TARGET,
  VPD_HEADER,
} from './layouts.ts';

/** Whose page it is; a connected disk unless told otherwise. */
export interface VpdDevice {
  readonly qualifier?: number;
  readonly deviceType?: number;
}

function page(pageCode: number, body: Uint8Array, device: VpdDevice): Uint8Array {
  if (body.length > 0xffff)
    throw new UsageError('OUT_OF_RANGE', `A VPD page has at most 65535 bytes; ${String(body.length)} were given.`);
  return joinBytes([encodeStruct(VPD_HEADER, { ...device, pageCode, pageLength: body.length }), body]);
}

function serialBytes(serial: string): Uint8Array {
  if (!/^[\x20-\x7e]*$/u.test(serial)) throw new UsageError('BAD_ARGUMENT', 'A unit serial number is printable ASCII.');
  return encodeUtf8(serial);
}

function addressBytes(address: string): Uint8Array {
  const text = encodeUtf8(address);
  const padded = new Uint8Array((text.length + 4) & ~3);
  padded.set(text);
  return padded;
}

/** Builds a VPD page from its content. */
export function encodeVpd(input: VpdInput, device: VpdDevice = {}): Uint8Array {
  switch (input.kind) {
    case 'supportedPages':
      return page(0x00, Uint8Array.from([...new Set(input.pages)].sort((a, b) => a - b)), device);
    case 'unitSerialNumber':
      return page(0x80, serialBytes(input.serial), device);
    case 'deviceIdentification':
      return page(0x83, joinBytes(input.designators.map(encodeDesignator)), device);
    case 'managementAddresses':
      return page(
        0x85,
        joinBytes(
          input.addresses.flatMap(({ address, ...fields }) => {
            const bytes = addressBytes(address);
            return [encodeStruct(MANAGEMENT_ADDRESS, { ...fields, length: bytes.length }), bytes];
          }),
        ),
        device,
      );
    case 'modePagePolicy':
      return page(0x87, joinBytes(input.policies.map((policy) => encodeStruct(MODE_PAGE_POLICY, policy))), device);
    case 'scsiPorts':
      return page(
        0x88,
        joinBytes(
          input.ports.flatMap(({ relativePort, transportId = new Uint8Array(0), designators }) => {
            const names = joinBytes(designators.map(encodeDesignator));
            return [
              encodeStruct(SCSI_PORT, { relativePort, transportIdLength: transportId.length }),
              transportId,
              encodeStruct(SCSI_PORT_TARGET, { descriptorsLength: names.length }),
              names,
            ];
          }),
        ),
        device,
      );
    case 'provisioning': {
      const fields = encodeStruct(PROVISIONING, { ...input.fields, groupPresent: input.group !== undefined });
      const group = input.group === undefined ? new Uint8Array(0) : encodeDesignator(input.group);
      return page(0xb2, joinBytes([fields.subarray(4), group]), device);
    }
    case 'other':
      return page(input.pageCode, input.bytes, device);
    default: {
      const table: Layout = FIXED_PAGES[input.kind];
      const fields: LayoutInput<Layout> = input.fields;
      return page(PAGE_OF_KIND[input.kind], encodeStruct(table, fields).subarray(4), device);
    }
  }
}
