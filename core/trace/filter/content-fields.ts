import { readU16, readU32 } from '../../bytes/index.ts';
import { AHS_TYPES, cutAhs, type AhsSegment } from '../../pdu/index.ts';
import { decodeSense, type Sense } from '../../scsi/index.ts';
import { senseOf } from '../describe.ts';
import type { StoredPdu } from '../trace.ts';

/** What a field holds in a PDU read back: none, one or several numbers or stretches of bytes. */
export type ContentReader = (pdu: StoredPdu) => readonly (number | Uint8Array)[];

function ofSegments(read: (segment: AhsSegment) => number | Uint8Array | undefined): ContentReader {
  return ({ ahs }) =>
    cutAhs(ahs).flatMap((segment) => {
      const value = read(segment);
      return value === undefined ? [] : [value];
    });
}

function ofSense(read: (sense: Sense) => number | bigint | undefined): ContentReader {
  return ({ data }) => {
    const sense = data.length < 3 ? undefined : decodeSense(senseOf(data));
    const value = sense === undefined ? undefined : read(sense);
    return value === undefined ? [] : [Number(value)];
  };
}

const isKnown = (type: number): boolean => type === AHS_TYPES.extendedCdb || type === AHS_TYPES.bidirectionalReadLength;

/** Readers of the fields that lie in additional headers or in sense data, by name. */
export const CONTENT_READERS: Readonly<Record<string, ContentReader>> = {
  'iscsi.ahs.type': ofSegments(({ type }) => type),
  'iscsi.ahs.length': ofSegments(({ length }) => length),
  'iscsi.ahs.bidir.length': ofSegments(({ type, content }) =>
    type === AHS_TYPES.bidirectionalReadLength && content.length === 5 ? readU32(content, 1) : undefined,
  ),
  // A reserved byte comes before the rest of the CDB (RFC 7143 11.2.2.3).
  'iscsi.ahs.extended_cdb': ofSegments(({ type, content }) =>
    type === AHS_TYPES.extendedCdb ? content.subarray(1) : undefined,
  ),
  'iscsi.ahs.unknown_blob': ofSegments(({ type, content }) => (isKnown(type) ? undefined : content)),
  'iscsi.scsiresponse.senselength': ({ data }) => (data.length < 2 ? [] : [readU16(data, 0)]),
  'sense.format': ofSense(({ responseCode }) => responseCode & 0x7f),
  'sense.information': ofSense(({ information }) => information),
  'sense.fru': ofSense(({ fieldReplaceableUnit }) => fieldReplaceableUnit),
};
