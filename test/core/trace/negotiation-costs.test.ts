import { describe, expect, it } from 'vitest';
import { negotiationOf, type NegotiatedKey } from '../../../core/trace/index.ts';
import { dataLimits } from '../../../core/trace/analysis/negotiation.ts';
import { Scene } from './scene.ts';

type Text = Readonly<Record<string, string>>;

function keysOf(offered: Text, answered: Text = {}): Map<string, NegotiatedKey> {
  const trace = new Scene().login(offered, answered).read().trace();
  return new Map(negotiationOf(trace, 0).map((row) => [row.key, row]));
}

const costOf = (key: string, offered: Text, answered: Text): string | null => {
  const row = keysOf(offered, answered).get(key);
  expect(row).toBeDefined();
  return row!.costs;
};

describe('what a negotiated value costs', () => {
  it('counts the round trips of writes beside those of what was offered', () => {
    const offered = { InitialR2T: 'No', MaxBurstLength: '16776192', FirstBurstLength: '16776192' };
    const answered = { InitialR2T: 'Yes', MaxBurstLength: '262144', FirstBurstLength: '65536' };
    const keys = keysOf(offered, { ...answered, MaxRecvDataSegmentLength: '8192' });
    expect(keys.get('MaxBurstLength')).toMatchObject({
      limitedBy: 'target',
      costs: 'A write of 16776192 bytes takes 64 R2Ts instead of one: 63 round trips more.',
    });
    expect(keys.get('InitialR2T')!.costs).toBe(
      'A write of more than the 8192 bytes its command can carry waits one round trip, for its R2T, before the rest goes out.',
    );
    expect(keys.get('FirstBurstLength')!.costs).toBe(
      'Nothing here: with InitialR2T=Yes only the 8192 bytes a command can carry go out unasked.',
    );
    expect(keys.get('MaxRecvDataSegmentLength')!.costs).toBe('A burst of 262144 bytes takes 32 PDUs.');
  });

  it.each<[string, Text, Text, string | null]>([
    ['MaxBurstLength', { MaxBurstLength: '16776192' }, { MaxBurstLength: '16776192' }, 'A long write needs one R2T'],
    ['MaxBurstLength', { MaxBurstLength: '262144' }, { MaxBurstLength: '262144' }, 'of 1048576 bytes takes 4 R2Ts'],
    [
      'MaxBurstLength',
      { MaxBurstLength: '524288', MaxOutstandingR2T: '4' },
      { MaxBurstLength: '262144', MaxOutstandingR2T: '4' },
      '1 round trip more, of which 4 may overlap.',
    ],
    ['MaxOutstandingR2T', { MaxOutstandingR2T: '8' }, { MaxOutstandingR2T: '1' }, '8 bursts take 8 round trips'],
    ['MaxOutstandingR2T', { MaxOutstandingR2T: '1' }, { MaxOutstandingR2T: '1' }, 'one burst at a time'],
    [
      'FirstBurstLength',
      { InitialR2T: 'No', FirstBurstLength: '262144' },
      { InitialR2T: 'No', FirstBurstLength: '65536' },
      'Writes of more than 65536 bytes wait one round trip',
    ],
    [
      'FirstBurstLength',
      { ImmediateData: 'No', FirstBurstLength: '262144' },
      { ImmediateData: 'No', FirstBurstLength: '65536' },
      'all data waits for an R2T',
    ],
    [
      'FirstBurstLength',
      { FirstBurstLength: '65536' },
      { FirstBurstLength: '4096', MaxRecvDataSegmentLength: '8192' },
      'at most 4096 bytes of its data, 4096 less than was named',
    ],
    [
      'InitialR2T',
      { ImmediateData: 'No', InitialR2T: 'No' },
      { ImmediateData: 'No', InitialR2T: 'Yes' },
      'Every write',
    ],
    ['ImmediateData', { ImmediateData: 'Yes' }, { ImmediateData: 'No' }, 'one PDU and, with InitialR2T=Yes, one round'],
    ['HeaderDigest', { HeaderDigest: 'CRC32C,None' }, { HeaderDigest: 'None' }, 'damage to a header'],
    ['DataDigest', { DataDigest: 'None,CRC32C' }, { DataDigest: 'None' }, null],
    ['DataDigest', { DataDigest: 'CRC32C' }, { DataDigest: 'CRC32C' }, 'CRC32C finds data damaged'],
    ['MaxConnections', { MaxConnections: '4' }, { MaxConnections: '1' }, 'use 1 connection where 4 were named'],
    ['DefaultTime2Wait', { DefaultTime2Wait: '2' }, { DefaultTime2Wait: '5' }, 'waits 5 s before it comes back, 3 s'],
    ['DefaultTime2Retain', { DefaultTime2Retain: '20' }, { DefaultTime2Retain: '0' }, '20 s less'],
    ['ErrorRecoveryLevel', { ErrorRecoveryLevel: '2' }, { ErrorRecoveryLevel: '0' }, 'level 2 would repair it'],
    ['ErrorRecoveryLevel', { ErrorRecoveryLevel: '2' }, { ErrorRecoveryLevel: '1' }, 'would move them to another'],
    ['DataPDUInOrder', { DataPDUInOrder: 'No' }, { DataPDUInOrder: 'Yes' }, 'No had been named'],
    ['DataSequenceInOrder', { DataSequenceInOrder: 'Yes' }, { DataSequenceInOrder: 'Yes' }, null],
  ])('%s, offered %o, answered %o', (key, offered, answered, words) => {
    const costs = costOf(key, offered, answered);
    if (words === null) expect(costs).toBeNull();
    else expect(costs).toContain(words);
  });
});

describe('keys that were answered with no value', () => {
  it.each<[string, string, string, object]>([
    [
      'X-com.foo',
      '1',
      'NotUnderstood',
      { result: null, limitedBy: 'none', costs: 'Not understood by the target: no value is in force.' },
    ],
    ['X-com.foo', '1', 'Reject', { result: null, costs: 'Refused by the target: no value is in force.' }],
    [
      'MaxConnections',
      '4',
      'Irrelevant',
      { result: null, limitedBy: 'none', costs: 'Called irrelevant by the target: no value is in force.' },
    ],
    ['MaxRecvDataSegmentLength', '262144', 'Reject', { result: '8192', limitedBy: 'default', defaultValue: '8192' }],
    ['TargetAlias', 'disk', 'Reject', { result: null, limitedBy: 'none' }],
  ])('%s=%s, answered %s', (key, offered, answered, expected) => {
    const row = keysOf({ [key]: offered }, { [key]: answered }).get(key);
    expect(row).toMatchObject({ offeredBy: 'initiator', offered, answered, ...expected });
  });

  it('fall back to their default, whose cost is told', () => {
    const row = keysOf({ ErrorRecoveryLevel: '2' }, { ErrorRecoveryLevel: 'Reject' }).get('ErrorRecoveryLevel');
    expect(row).toMatchObject({ answered: 'Reject', result: '0', limitedBy: 'default' });
    expect(row!.costs).toMatch(/^Refused by the target: the default 0 holds\. One lost PDU/);
  });

  it('may come without their offer, and a private key may be answered with a value', () => {
    const keys = keysOf({}, { InitialR2T: 'Reject', 'X-b': 'NotUnderstood' });
    expect(keys.get('InitialR2T')).toMatchObject({ offeredBy: null, offered: null, answered: 'Reject', result: 'Yes' });
    expect(keys.get('X-b')).toMatchObject({
      offered: null,
      answered: 'NotUnderstood',
      result: null,
      costs: 'Not understood: no value is in force.',
    });
    expect(keysOf({ 'X-c': '1' }, { 'X-c': '2' }).get('X-c')).toMatchObject({
      offered: '1',
      answered: '2',
      result: '2',
      limitedBy: 'target',
    });
  });

  it('leave the limits of the session at their defaults', () => {
    const offered = { MaxBurstLength: '1048576', InitialR2T: 'No', MaxRecvDataSegmentLength: '65536' };
    const trace = new Scene().login(offered, { MaxBurstLength: 'Irrelevant', InitialR2T: 'Reject' }).read().trace();
    expect(dataLimits(trace, 0)).toMatchObject({
      maxBurstLength: 262_144,
      initialR2T: true,
      initiatorSegment: 65_536,
      targetSegment: 8192,
    });
  });
});
