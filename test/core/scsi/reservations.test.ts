import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  decodePrOut,
  decodePrOutMove,
  decodeReservation,
  decodeReservationCapabilities,
  decodeReservationKeys,
  decodeReservationStatus,
  decodeTransportId,
  encodeIscsiTransportId,
  encodePrOut,
  encodePrOutMove,
  encodeReservation,
  encodeReservationCapabilities,
  encodeReservationKeys,
  encodeReservationStatus,
  reservationTypeName,
} from '../../../core/scsi/index.ts';
import { FULL_STATUS, PR_CAPABILITIES, RESERVATION } from '../../../core/scsi/reservations/in.ts';
import { PR_OUT_BASIC, PR_OUT_MOVE } from '../../../core/scsi/reservations/out.ts';
import { hex, layoutArbitrary } from './arbitrary.ts';

const ID = '45000010 69716e2e78000000 0000000000000000';

describe('PERSISTENT RESERVE IN, by hand from SPC-4 6.15', () => {
  it('reads keys', () => {
    expect(decodeReservationKeys(hex('00000007 00000010 0123456789abcdef 0000000000000001'))).toEqual({
      generation: 7,
      keys: [0x0123456789abcdefn, 1n],
      warnings: [],
    });
    expect(decodeReservationKeys(hex('00000007 00000010 0123456789abcdef')).warnings).toHaveLength(1);
    expect(decodeReservationKeys(hex('00000007')).warnings).toHaveLength(1);
  });

  it('reads the reservation, or that there is none', () => {
    expect(decodeReservation(hex('00000002 00000010 00000000000000aa 00000000 00 05 0000'))).toMatchObject({
      generation: 2,
      reservation: { key: 0xaan, scope: 0, type: 5, typeName: 'Write exclusive, registrants only' },
      warnings: [],
    });
    expect(decodeReservation(hex('00000002 00000000')).reservation).toBeUndefined();
    expect(decodeReservation(hex('00000002 00000010 00aa')).warnings).toHaveLength(2);
    expect(reservationTypeName(0xf)).toBe('Reservation type 0xf');
  });

  it('reads capabilities', () => {
    expect(decodeReservationCapabilities(hex('0008 9d 81 ea 01 0000'))).toMatchObject({
      length: 8,
      replaceLost: true,
      compatible: true,
      specifyInitiators: true,
      allTargetPorts: true,
      persistCapable: true,
      typeMaskValid: true,
      persistActive: true,
      writeExclusiveAll: true,
      exclusiveAccessAll: true,
      warnings: [],
    });
    expect(decodeReservationCapabilities(hex('0008')).warnings).toHaveLength(1);
  });

  it('reads full status with TransportIDs', () => {
    const text = `00000003 0000002c 00000000000000aa 00000000 03 08 00000000 0001 00000014 ${ID}`;
    const found = decodeReservationStatus(hex(text));
    expect(found.warnings).toEqual([]);
    expect(found.registrations[0]).toMatchObject({
      key: 0xaan,
      allTargetPorts: true,
      holder: true,
      type: 8,
      relativePort: 1,
      initiator: { protocol: 5, protocolName: 'iSCSI', name: 'iqn.x' },
    });
    expect(decodeReservationStatus(hex('00000003 00000004 00000000')).warnings).toEqual([
      '4 bytes follow the last registration.',
    ]);
  });
});

describe('TransportIDs, by hand from SPC-4 7.6.4', () => {
  it('name initiators of every transport', () => {
    expect(decodeTransportId(hex('45 00 0018 69716e2e782c692c307830303032336430303030303100 00'))).toMatchObject({
      name: 'iqn.x',
      isid: '00023d000001',
    });
    expect(decodeTransportId(hex(`00 00000000000000 5001400501020304 ${'00'.repeat(8)}`))).toMatchObject({
      protocolName: 'Fibre Channel',
      name: '5001400501020304',
    });
    expect(decodeTransportId(hex(`06 000000 5001400501020304 ${'00'.repeat(12)}`))).toMatchObject({
      protocolName: 'SAS',
      name: '5001400501020304',
    });
    expect(decodeTransportId(hex('04 01 02'))).toMatchObject({ protocolName: 'SRP', name: '0102' });
    expect(decodeTransportId(hex('0d 01'))).toMatchObject({ protocolName: 'Protocol 13' });
    expect(decodeTransportId(new Uint8Array(0)).name).toBe('');
  });

  it('are built with room for the NUL and padding', () => {
    expect(toHex(encodeIscsiTransportId('iqn.x'))).toBe(`0500001469716e2e78${'00'.repeat(15)}`);
    const session = encodeIscsiTransportId('iqn.2026-01.example:host', '00023D000001');
    expect(session.length % 4).toBe(0);
    expect(decodeTransportId(session)).toMatchObject({ name: 'iqn.2026-01.example:host', isid: '00023d000001' });
  });

  it('refuse names and ISIDs that are none', () => {
    expect(() => encodeIscsiTransportId('')).toThrow(UsageError);
    expect(() => encodeIscsiTransportId('a\0b')).toThrow(UsageError);
    expect(() => encodeIscsiTransportId('iqn.x', '12')).toThrow('twelve hex digits');
  });
});

describe('PERSISTENT RESERVE OUT, by hand from SPC-4 6.16', () => {
  it('reads the basic list', () => {
    expect(decodePrOut(hex('0000000000000001 0000000000000002 00000000 05 000000'))).toMatchObject({
      key: 1n,
      serviceActionKey: 2n,
      specifyInitiators: false,
      allTargetPorts: true,
      aptpl: true,
      transportIds: [],
      warnings: [],
    });
  });

  it('reads TransportIDs behind SPEC_I_PT', () => {
    const found = decodePrOut(hex(`${'00'.repeat(20)} 08 000000 00000028 ${ID} ${ID}`));
    expect(found.transportIds.map((id) => id.name)).toEqual(['iqn.x', 'iqn.x']);
    expect(decodePrOut(hex(`${'00'.repeat(20)} 08 000000`)).warnings).toEqual([
      'SPEC_I_PT is set, yet no TransportID list follows.',
    ]);
    expect(decodePrOut(hex('00')).warnings).toHaveLength(1);
  });

  it('reads REGISTER AND MOVE', () => {
    const found = decodePrOutMove(hex(`0000000000000001 0000000000000002 00 03 0002 00000014 ${ID}`));
    expect(found).toMatchObject({
      key: 1n,
      serviceActionKey: 2n,
      unregister: true,
      aptpl: true,
      relativePort: 2,
      warnings: [],
    });
    expect(found.transportIds[0]?.name).toBe('iqn.x');
    expect(decodePrOutMove(hex('00')).warnings).not.toEqual([]);
  });
});

describe('round trips', () => {
  const id = encodeIscsiTransportId('iqn.2026-01.example:host');

  it('of keys and reservations', () => {
    const key = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(fc.nat(), fc.array(key), layoutArbitrary(RESERVATION), (generation, keys, reservation) => {
        expect(decodeReservationKeys(encodeReservationKeys(generation, keys))).toEqual({
          generation,
          keys,
          warnings: [],
        });
        expect(decodeReservation(encodeReservation(generation, reservation))).toMatchObject({
          generation,
          reservation,
          warnings: [],
        });
      }),
    );
    expect(decodeReservation(encodeReservation(4)).reservation).toBeUndefined();
    expect(() => encodeReservationKeys(0, [-1n])).toThrow(UsageError);
  });

  it('of capabilities and full status', () => {
    fc.assert(
      fc.property(
        layoutArbitrary(PR_CAPABILITIES, ['length']),
        fc.array(layoutArbitrary(FULL_STATUS, ['additionalLength'])),
        (fields, registrations) => {
          expect(decodeReservationCapabilities(encodeReservationCapabilities(fields))).toMatchObject({
            ...fields,
            length: 8,
          });
          const status = encodeReservationStatus(
            1,
            registrations.map((registration) => ({ ...registration, transportId: id })),
          );
          expect(decodeReservationStatus(status)).toMatchObject({ registrations, warnings: [] });
        },
      ),
    );
  });

  it('of parameter lists', () => {
    fc.assert(
      fc.property(
        layoutArbitrary(PR_OUT_BASIC, ['specifyInitiators']),
        layoutArbitrary(PR_OUT_MOVE, ['transportIdLength']),
        (basic, move) => {
          expect(encodePrOut(basic)).toHaveLength(24);
          expect(decodePrOut(encodePrOut(basic))).toMatchObject(basic);
          const listed = decodePrOut(encodePrOut({ ...basic, transportIds: [id, id] }));
          expect(listed).toMatchObject({ ...basic, specifyInitiators: true, warnings: [] });
          expect(listed.transportIds).toHaveLength(2);
          expect(decodePrOutMove(encodePrOutMove({ ...move, transportId: id }))).toMatchObject({
            ...move,
            warnings: [],
          });
        },
      ),
    );
  });
});
