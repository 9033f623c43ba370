import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportPcapng, LineExport, SHARE_RULES, type Trace } from '../../../core/trace/index.ts';
import { ENDS, readTrace, Scene, senseBytes } from './scene.ts';

const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
const ascii = (...codes: number[]): string => String.fromCharCode(...codes);

/** Each is planted once or more; none may be found in what is shared. */
const SECRETS = {
  initiatorName: 'iqn.2026-01.corp:payroll-host',
  targetName: 'iqn.2026-01.corp:payroll-disk',
  initiatorAlias: 'alias-of-the-host',
  targetAlias: 'alias-of-the-array',
  chapName: 'chap-account-name',
  targetChapName: 'chap-array-account',
  chapResponse: '0x00112233445566778899aabbccddeeff',
  chapChallenge: '0xffeeddccbbaa99887766554433221100',
  privateKey: 'com.vendor.privatekeyname',
  privateValue: 'private-vendor-value',
  unknownKey: 'VendorlessUnknownKey',
  privateMethod: 'com.vendor.kerberized',
  isns: '172.31.250.9',
  portal: '10.77.66.55',
  portalName: 'array.corp.example',
  ipv6Portal: 'fd00:77:66::55',
  initiatorAddress: '10.20.30.40',
  targetAddress: '10.20.30.41',
  serial: 'SERIAL-0815-XYZ',
  vendor: 'ACMEVEND',
  naa: ascii(0x60, 0x01, 0x40, 0x5d, 0x1e, 0x2d, 0x3e, 0x4f),
  readData: 'what the disk holds',
  writtenData: 'what the host writes',
  immediateData: 'what came with the command',
  reservationKey: ascii(0x4b, 0x45, 0x59, 0x31, 0x32, 0x33, 0x34, 0x35),
  readKey: ascii(0x4b, 0x45, 0x59, 0x39, 0x38, 0x37, 0x36, 0x35),
  transportId: 'iqn.2026-01.corp:other-host',
  sense: 'VENDORSENSEBYTES',
  senseDescriptor: 'SECRETABCD',
  senseSpecific: 'QSR1',
  senseInvalid: 'QNV2',
  senseNoDescriptors: 'QZNODESC',
  senseOfVendor: 'QVENDORFORM',
  event: 'event-data-of-a-vendor',
  ping: 'ping-payload-of-a-host',
  rejected: 'data-behind-a-refused-header',
} as const;

function scene(): Scene {
  const made = new Scene(
    { keepChapResponses: true },
    { ...ENDS, initiatorHost: SECRETS.initiatorAddress, targetHost: SECRETS.targetAddress },
  );
  const stage = { csg: 0, nsg: 1, itt: 1 } as const;
  const asked = made.text({
    InitiatorName: SECRETS.initiatorName,
    TargetName: SECRETS.targetName,
    InitiatorAlias: SECRETS.initiatorAlias,
    AuthMethod: `CHAP,X-${SECRETS.privateMethod},None`,
    CHAP_N: SECRETS.chapName,
    CHAP_R: SECRETS.chapResponse,
    [`X-${SECRETS.privateKey}`]: SECRETS.privateValue,
    [SECRETS.unknownKey]: SECRETS.privateValue,
    'X-com.vendor.isns': `${SECRETS.isns}:3205`,
  });
  made.pdu('loginRequest', { ...stage, immediate: true, continue: true }, asked.slice(0, 40));
  made.pdu('loginResponse', stage);
  made.pdu('loginRequest', { ...stage, immediate: true }, asked.slice(40));
  const answered = made.text({
    TargetAlias: SECRETS.targetAlias,
    CHAP_N: SECRETS.targetChapName,
    CHAP_C: SECRETS.chapChallenge,
    CHAP_I: '7',
    TargetAddress: `${SECRETS.portal}:3260,1`,
  });
  made.pdu('loginResponse', { ...stage, transit: true, nsg: 3 }, answered);
  made.pdu('textRequest', { itt: 5, ttt: 0xffffffff }, made.text({ SendTargets: SECRETS.targetName }));
  const found = { TargetName: SECRETS.targetName, TargetAddress: `[${SECRETS.ipv6Portal}]:3260,2` };
  made.pdu('textResponse', { itt: 5, ttt: 0xffffffff }, made.text(found));
  made.pdu('textResponse', { itt: 6, ttt: 0xffffffff }, made.text({ TargetAddress: `${SECRETS.portalName}:3260,3` }));
  const data = (cdb: readonly number[], bytes: string): void => {
    const itt = made.command(cdb, { read: true, expectedDataTransferLength: bytes.length });
    const raw = Uint8Array.from(bytes, (char) => char.charCodeAt(0));
    made.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, raw);
  };
  data([0x12, 0, 0, 0, 64], `\0\0\x06\x02\x1f\0\0\0${SECRETS.vendor}`);
  data([0x12, 1, 0x80, 0, 64], `\0\x80\0\x0f${SECRETS.serial}`);
  data([0x12, 1, 0x83, 0, 64], `\0\x83\0\x0c\x01\x03\0\x08${SECRETS.naa}`);
  data([0x5e, 0, 0, 0, 0, 0, 0, 0, 99], `\0\0\0\x01\0\0\0\x08${SECRETS.readKey}`);
  data([0x5e, 3, 0, 0, 0, 0, 0, 0, 99], SECRETS.transportId);
  data([0x28, 0, 0, 0, 0, 0, 0, 0, 1], SECRETS.readData);
  const write = made.command([0x2a, 0, 0, 0, 0, 0, 0, 0, 1], { write: true, expectedDataTransferLength: 20 });
  made.pdu('readyToTransfer', { itt: write, ttt: 5, desiredDataTransferLength: 20 });
  made.pdu('dataOut', { final: true, itt: write, ttt: 5 }, encode(SECRETS.writtenData));
  made.respond(write, 2, [0, 38, ...senseBytes(5, 0x24, 0).slice(2), ...encode(SECRETS.sense)]);
  const refuse = (sense: string): void => {
    const bytes = Uint8Array.from(sense, (char) => char.charCodeAt(0));
    made.respond(made.command([0]), 2, [0, bytes.length, ...bytes]);
  };
  refuse(`${ascii(0x72, 5, 0x20, 0, 0, 0, 0, 12, 0x80, 10)}${SECRETS.senseDescriptor}`);
  refuse(`${ascii(0x72, 5, 0x20, 0, 0, 0, 0, 8)}${SECRETS.senseNoDescriptors}`);
  refuse(
    `${ascii(0x70, 0, 5)}${SECRETS.senseInvalid}${ascii(10)}${SECRETS.senseSpecific}${ascii(0x24, 0, 0x41, 0, 0, 0)}`,
  );
  refuse(`${ascii(0x7f)}${SECRETS.senseOfVendor}`);
  const reserve = made.command(
    [0x5f, 0, 0, 0, 0, 0, 0, 0, 24],
    { write: true, expectedDataTransferLength: 24 },
    Uint8Array.from(SECRETS.reservationKey + SECRETS.immediateData, (char) => char.charCodeAt(0)),
  );
  made.respond(reserve);
  made.pdu('nopOut', { immediate: true, itt: 60, ttt: 0xffffffff }, encode(SECRETS.ping));
  made.pdu('nopIn', { itt: 60, ttt: 0xffffffff }, encode(SECRETS.ping));
  made.pdu('asyncMessage', { event: 255 }, encode(SECRETS.event));
  const header = new Uint8Array(48);
  return made.pdu('reject', { itt: 0xffffffff, reason: 4 }, Uint8Array.from([...header, ...encode(SECRETS.rejected)]));
}

const shareHash = (value: string): Uint8Array => createHash('sha256').update(`key${value}`).digest();

function whole(trace: Trace, format: 'pcapng' | 'jsonl' | 'csv', safe: boolean, rows?: readonly number[]): Buffer {
  const hash = safe ? shareHash : undefined;
  if (format === 'pcapng') {
    const options = { ...(hash === undefined ? {} : { shareHash: hash }), ...(rows === undefined ? {} : { rows }) };
    return Buffer.concat([...exportPcapng(trace, options)]);
  }
  const lines = new LineExport(trace, format, hash);
  const each = rows ?? Array.from({ length: trace.length }, (_, row) => row);
  return Buffer.from([...lines.head, ...each.map((row) => lines.line(row))].join('\n'));
}

/** A secret in every spelling it could leave in. */
function spellings(secret: string): Buffer[] {
  const raw = Buffer.from(secret, 'latin1');
  const wide = Buffer.from(secret, 'utf16le');
  // Base64 depends on where the bytes begin; the part that does not touch its ends is the same.
  const base64 = [0, 1, 2].map((lead) => {
    const text = Buffer.concat([Buffer.alloc(lead), raw]).toString('base64');
    return text.slice(lead === 0 ? 0 : 4, Math.floor(text.length / 4) * 4 - 4);
  });
  const spaced = raw.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ');
  const hex = [raw.toString('hex'), spaced, spaced.replaceAll(' ', ':')];
  const texts = [...hex, ...hex.map((text) => text.toUpperCase()), ...base64, JSON.stringify(secret).slice(1, -1)];
  return [raw, wide, Buffer.from(wide).swap16(), ...texts.map((text) => Buffer.from(text))].filter(
    ({ length }) => length >= 4,
  );
}

const holds = (bytes: Buffer, secret: string): boolean => spellings(secret).some((one) => bytes.includes(one));
const packed = (address: string): string => ascii(...address.split('.').map(Number));

describe('an export that is safe to share', () => {
  const trace = scene().trace();
  const rows = Array.from({ length: trace.length }, (_, row) => row);
  const safe = (['pcapng', 'jsonl', 'csv'] as const).map((format) => [format, whole(trace, format, true)] as const);
  const plain = Buffer.concat([whole(trace, 'pcapng', false), whole(trace, 'jsonl', false)]);

  it.each(Object.entries(SECRETS))('does not tell the %s in any form or spelling', (name, secret) => {
    const asBytes = name === 'initiatorAddress' || name === 'targetAddress' ? packed(secret) : secret;
    expect(holds(plain, asBytes), 'the secret is planted').toBe(true);
    for (const [format, bytes] of safe) {
      expect(holds(bytes, secret), format).toBe(false);
      expect(holds(bytes, asBytes), format).toBe(false);
    }
  });

  it('does not tell them when PDUs are exported one by one', () => {
    for (const row of rows)
      for (const format of ['pcapng', 'jsonl', 'csv'] as const) {
        const bytes = whole(trace, format, true, [row]);
        for (const [name, secret] of Object.entries(SECRETS))
          expect(holds(bytes, secret), `${name}, ${row}`).toBe(false);
      }
  });

  it('keeps every header and length, and the kind and number of keys', () => {
    const shared = readTrace(whole(trace, 'pcapng', true)).trace;
    expect(shared.length).toBe(trace.length);
    for (const row of rows) {
      const [before, after] = [trace.readPdu(row), shared.readPdu(row)];
      expect(Buffer.from(after.bhs).equals(before.bhs)).toBe(true);
      expect(after.data.length).toBe(before.data.length);
      const count = (bytes: Uint8Array): number => bytes.filter((byte) => byte === 0).length;
      if (row < 4) expect(count(after.data)).toBe(count(before.data));
    }
  });

  it('gives the same stand-in to the same name in lines of JSON', () => {
    const lines = whole(trace, 'jsonl', true).toString().split('\n');
    const read = lines.map((line) => JSON.parse(line) as { keys: { key: string; value: string }[] | null });
    const names = read.flatMap(({ keys }) => (keys ?? []).filter(({ key }) => key === 'TargetName'));
    expect(names.map(({ value }) => value.length)).toContain(SECRETS.targetName.length);
    const asked = read.flatMap(({ keys }) => (keys ?? []).filter(({ key }) => key === 'SendTargets'));
    expect(asked[0]?.value).toBe(names.at(-1)?.value);
    const method = read.flatMap(({ keys }) => (keys ?? []).filter(({ key }) => key === 'AuthMethod'))[0]?.value;
    expect(method).toMatch(/^CHAP,X-[a-z0-9]+,None$/u);
  });

  it('says in its table what becomes of each', () => {
    const fields = SHARE_RULES.map(({ field }) => field).join('\n');
    for (const what of ['CHAP_N', 'VPD pages 80 and 83', 'Reservation keys', 'TransportIDs', 'private keys', 'iSNS'])
      expect(fields).toContain(what);
    for (const { treatment, why } of SHARE_RULES) {
      expect(['kept', 'hashed', 'zeroed']).toContain(treatment);
      expect(why).not.toBe('');
    }
  });
});
