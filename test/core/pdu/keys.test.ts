import { describe, expect, it } from 'vitest';
import {
  encodeText,
  extensionOf,
  formatKeyValue,
  isReservedValue,
  keySpec,
  parseBinaryConstant,
  parseKeyValue,
  TEXT_KEYS,
} from '../../../core/pdu/index.ts';

const fault = (key: string, value: string) => {
  const parsed = parseKeyValue(keySpec(key)!, value);
  return parsed.kind === 'fault' ? parsed.fault : undefined;
};

describe('the table of keys', () => {
  // Key, default, rule and scope as RFC 7143 section 13 gives them.
  it.each([
    ['HeaderDigest', 'None', 'choice', 'connection', 'initialize only', 'any'],
    ['DataDigest', 'None', 'choice', 'connection', 'initialize only', 'any'],
    ['MaxConnections', '1', 'minimum', 'session', 'leading only', 'normal'],
    ['InitialR2T', 'Yes', 'or', 'session', 'leading only', 'normal'],
    ['ImmediateData', 'Yes', 'and', 'session', 'leading only', 'normal'],
    ['MaxRecvDataSegmentLength', '8192', 'declared', 'connection', 'any', 'any'],
    ['MaxBurstLength', '262144', 'minimum', 'session', 'leading only', 'normal'],
    ['FirstBurstLength', '65536', 'minimum', 'session', 'leading only', 'normal'],
    ['DefaultTime2Wait', '2', 'maximum', 'session', 'leading only', 'any'],
    ['DefaultTime2Retain', '20', 'minimum', 'session', 'leading only', 'any'],
    ['MaxOutstandingR2T', '1', 'minimum', 'session', 'leading only', 'normal'],
    ['DataPDUInOrder', 'Yes', 'or', 'session', 'leading only', 'normal'],
    ['DataSequenceInOrder', 'Yes', 'or', 'session', 'leading only', 'normal'],
    ['ErrorRecoveryLevel', '0', 'minimum', 'session', 'leading only', 'any'],
    ['SessionType', 'Normal', 'declared', 'session', 'leading only', 'any'],
    ['TaskReporting', 'RFC3720', 'choice', 'session', 'leading only', 'normal'],
    ['iSCSIProtocolLevel', '1', 'minimum', 'session', 'leading only', 'normal'],
  ])('says about %s what the RFC says', (name, defaultValue, rule, scope, use, sessions) => {
    expect(keySpec(name)).toMatchObject({ name, defaultValue, rule, scope, use, sessions });
  });

  it('holds each name once, with a sentence of meaning, one of effect, and a clause', () => {
    expect(new Set(TEXT_KEYS.map((spec) => spec.name)).size).toBe(TEXT_KEYS.length);
    for (const spec of TEXT_KEYS) {
      expect(spec.meaning).toMatch(/^[A-Z].*\.$/u);
      expect(spec.effect).toMatch(/^[A-Z].*\.$/u);
      expect(spec.clause).toMatch(/^RFC \d{4}/u);
      expect(spec.stages.length).toBeGreaterThan(0);
    }
  });

  it('has defaults that its own parser takes', () => {
    for (const spec of TEXT_KEYS)
      if (spec.defaultValue !== null) expect(fault(spec.name, spec.defaultValue)).toBeUndefined();
  });

  it('names every key so that it can be sent', () => {
    for (const spec of TEXT_KEYS) expect(encodeText([{ key: spec.name, value: 'x' }]).length).toBeGreaterThan(3);
  });

  it('knows its names by their letters and case', () => {
    expect(keySpec('headerdigest')).toBeUndefined();
    expect(keySpec('constructor')).toBeUndefined();
    expect(keySpec('SRP_s')?.stages).toEqual(['security']);
  });

  it('tells extensions apart', () => {
    expect(['X-com.acme.a', 'X#b', 'Y-d', 'Y#e', 'Z-f', 'Z#g', 'MaxBurst'].map(extensionOf)).toEqual([
      'private key',
      'registered key',
      'digest',
      'digest',
      'authentication method',
      'authentication method',
      undefined,
    ]);
    expect(['Reject', 'Irrelevant', 'NotUnderstood', 'reject', 'None'].map(isReservedValue)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('values', () => {
  it.each([
    ['MaxBurstLength', '512', 512],
    ['MaxBurstLength', '16777215', 16777215],
    ['MaxBurstLength', '0x200', 512],
    ['MaxBurstLength', '0X00fFFFff', 16777215],
    ['DefaultTime2Wait', '0', 0],
    ['ErrorRecoveryLevel', '2', 2],
  ])('%s reads %s', (key, value, number) => {
    expect(parseKeyValue(keySpec(key)!, value)).toEqual({ kind: 'number', number });
  });

  it.each([
    ['MaxBurstLength', ''],
    ['MaxBurstLength', 'banana'],
    ['MaxBurstLength', '-1'],
    ['MaxBurstLength', '+512'],
    ['MaxBurstLength', ' 512'],
    ['MaxBurstLength', '512 '],
    ['MaxBurstLength', '0512'],
    ['MaxBurstLength', '5e3'],
    ['MaxBurstLength', '512.0'],
    ['MaxBurstLength', '0x'],
    ['MaxBurstLength', '0xg0'],
    ['MaxBurstLength', '１０２４'],
    ['MaxBurstLength', '99999999999999999999999'],
    ['InitialR2T', 'yes'],
    ['InitialR2T', 'YES'],
    ['InitialR2T', '1'],
    ['InitialR2T', 'Yes,No'],
    ['HeaderDigest', ''],
    ['HeaderDigest', 'None,'],
    ['HeaderDigest', 'None, CRC32C'],
    ['HeaderDigest', 'None,None'],
    ['TaskReporting', 'RFC9999'],
    ['SessionType', 'discovery'],
    ['CHAP_I', '256'],
    ['CHAP_C', ''],
    ['CHAP_C', '00ff'],
    ['CHAP_C', '0xfg'],
    ['CHAP_C', '0b===='],
    ['CHAP_C', '0bAA'],
    ['CHAP_C', `0x${'00'.repeat(1025)}`],
    ['CHAP_C', `0b${'AAAA'.repeat(342)}`],
    ['TargetAlias', 'x'.repeat(256)],
    ['TargetName', 'é'.repeat(112)],
  ])('%s refuses %s', (key, value) => {
    expect(fault(key, value)).toBeTypeOf('string');
  });

  it.each([
    ['MaxBurstLength', '511', '512 to 16777215'],
    ['MaxBurstLength', '1000000000', '512 to 16777215'],
    ['MaxConnections', '0', '1 to 65535'],
    ['ErrorRecoveryLevel', '3', '0 to 2'],
    ['DefaultTime2Retain', '3601', '0 to 3600'],
    ['TargetPortalGroupTag', '65536', '0 to 65535'],
  ])('%s says the range %s leaves', (key, value, range) => {
    expect(fault(key, value)).toContain(range);
  });

  it('reads bytes in hex of either case and odd length, and in base64', () => {
    expect(parseBinaryConstant('0xaBc')).toEqual(Uint8Array.of(0x0a, 0xbc));
    expect(parseBinaryConstant('0XFF')).toEqual(Uint8Array.of(0xff));
    expect(parseBinaryConstant('0bAQID')).toEqual(Uint8Array.of(1, 2, 3));
    expect(parseBinaryConstant('0BAQI=')).toEqual(Uint8Array.of(1, 2));
    expect(parseBinaryConstant('AQID')).toBeUndefined();
    expect(parseKeyValue(keySpec('CHAP_C')!, `0x${'ab'.repeat(1024)}`)).toMatchObject({ kind: 'binary' });
    expect(parseKeyValue(keySpec('CHAP_C')!, '0x')).toMatchObject({ kind: 'fault' });
  });

  it('writes what it read', () => {
    const again = (key: string, value: string) => {
      const parsed = parseKeyValue(keySpec(key)!, value);
      return parsed.kind === 'fault' ? parsed.fault : formatKeyValue(parsed);
    };
    expect(again('MaxBurstLength', '0x200')).toBe('512');
    expect(again('InitialR2T', 'No')).toBe('No');
    expect(again('InitialR2T', 'Yes')).toBe('Yes');
    expect(again('HeaderDigest', 'CRC32C,Y-acme,None')).toBe('CRC32C,Y-acme,None');
    expect(again('TargetAlias', 'Größe')).toBe('Größe');
    expect(again('CHAP_C', '0bAQ==')).toBe('0x01');
  });
});
