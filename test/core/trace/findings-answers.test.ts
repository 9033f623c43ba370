import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../core/trace/columns.ts';
import { negotiationOf } from '../../../core/trace/index.ts';
import { findingsOf, login, mark } from './finding-scenes.ts';
import { Scene } from './scene.ts';

const illegal = (offered: object, answered: object): string[] =>
  findingsOf(login(offered, answered))
    .filter(({ rule }) => rule === 'illegal-answer')
    .map(({ text }) => text);

describe('answers in a login', () => {
  it.each([
    ['HeaderDigest', 'None', 'CRC32C', '13.1', 'is none of what was offered: None'],
    ['AuthMethod', 'CHAP,None', 'KRB5', '12.1', 'is none of what was offered: CHAP,None'],
    ['MaxBurstLength', '262144', '262145', '13.13', 'is more than the 262144 that was offered'],
    ['MaxBurstLength', '0x1000', '8192', '13.13', 'is more than the 0x1000 that was offered'],
    ['DefaultTime2Wait', '5', '4', '13.15', 'is less than the 5 that was offered'],
    ['InitialR2T', 'Yes', 'No', '13.10', 'cannot be: the offer of Yes alone decides it'],
    ['ImmediateData', 'No', 'Yes', '13.11', 'cannot be: the offer of No alone decides it'],
  ])('tell that %s=%s does not allow %s', (key, offered, answered, clause, fault) => {
    expect(illegal({ [key]: offered }, { [key]: answered })).toEqual([
      `The target answered ${key}=${answered} to ${offered} (RFC 7143 ${clause}).`,
    ]);
    const trace = login({ [key]: offered }, { [key]: answered }).trace();
    expect(negotiationOf(trace, 0).find((row) => row.key === key)!.fault).toBe(fault);
  });

  it.each([
    ['HeaderDigest', 'None,CRC32C', 'CRC32C'],
    ['HeaderDigest', 'None', 'Reject'],
    ['MaxBurstLength', '262144', '262144'],
    ['MaxBurstLength', '0x1000', '4096'],
    ['MaxOutstandingR2T', '8', 'Irrelevant'],
    ['DefaultTime2Wait', '2', '5'],
    ['DefaultTime2Retain', '20', '0'],
    ['InitialR2T', 'No', 'Yes'],
    ['InitialR2T', 'Yes', 'Yes'],
    ['ImmediateData', 'Yes', 'No'],
    // Both declare this one, and neither answers the other.
    ['MaxRecvDataSegmentLength', '8192', '262144'],
    // An offer that is no value itself has no right answer, and markers are gone.
    ['MaxBurstLength', '100', '512'],
    ['OFMarkInt', '2048~8192', '2048'],
  ])('take %s=%s answered with %s for right', (key, offered, answered) => {
    expect(illegal({ [key]: offered }, { [key]: answered })).toEqual([]);
  });

  it('are told of together, by side', () => {
    expect(
      illegal({ MaxConnections: '1', MaxOutstandingR2T: '1' }, { MaxConnections: '4', MaxOutstandingR2T: '8' }),
    ).toEqual([
      'The target answered MaxConnections=4 to 1 (RFC 7143 13.2), MaxOutstandingR2T=8 to 1 (RFC 7143 13.17).',
    ]);
    const scene = new Scene();
    const stage = { itt: 1, csg: 1, nsg: 3 } as const;
    scene.pdu('loginRequest', { ...stage, immediate: true }, scene.text({ InitiatorName: 'iqn.2026-01.test:host' }));
    scene.pdu('loginResponse', stage, scene.text({ FirstBurstLength: '8192' }));
    scene.pdu('loginRequest', { ...stage, immediate: true }, scene.text({ FirstBurstLength: '16384' }));
    expect(findingsOf(scene).filter(({ rule }) => rule === 'illegal-answer')).toMatchObject([
      { text: 'The initiator answered FirstBurstLength=16384 to 8192 (RFC 7143 13.14).', pdus: [3] },
    ]);
  });

  it('are not judged where what they answer may be missing', () => {
    const wrong = (): Scene => login({ HeaderDigest: 'None' }, { HeaderDigest: 'CRC32C' });
    const rules = (made: Parameters<typeof findingsOf>[0]): string[] => findingsOf(made).map(({ rule }) => rule);
    expect(rules(wrong())).toEqual(['illegal-answer']);
    expect(rules(mark(wrong(), 1, MARKS.gapBefore))).toEqual(['trace-gap']);
    const partial = wrong().trace();
    partial.connections[0]!.isPartial = true;
    expect(rules(partial)).toEqual([]);
    const lost = wrong().trace();
    lost.lostPdus = 1;
    expect(rules(lost)).toEqual(['trace-incomplete']);
  });
});

describe('answers that come again', () => {
  it.each([
    ['of the task', { itt: 2, type: 0 }, false],
    ['of any status', { itt: 0xffffffff, type: 1 }, false],
    ['of another task', { itt: 9, type: 0 }, true],
    ['not at all: data is acknowledged', { itt: 0xffffffff, ttt: 5, type: 2 }, true],
  ])('are no fault where a SNACK asked for them: %s', (_what, snack, isFault) => {
    const scene = login().read();
    scene.pdu('snackRequest', snack);
    scene.pdu('dataIn', { itt: 2, ttt: 0xffffffff, statSn: 0 }, new Uint8Array(512));
    expect(findingsOf(scene).some(({ rule }) => rule === 'answer-without-task')).toBe(isFault);
  });
});
