import { describe, expect, it } from 'vitest';
import { isUp, otherWays, readPathOf, refusesPath } from '../../renderer/state/read-path.ts';
import { lunParams } from '../../renderer/state/explorer-store.ts';
import { samplePaths } from './explorer-samples.ts';

const [first, second] = samplePaths();
const params = lunParams(first, '0000000000000000');
const choice = {
  unit: 'NAA 6001',
  host: '10.0.0.2',
  port: 3260,
  target: second.target,
  lun: '0001000000000000',
};

describe('the way that reads take', () => {
  it('is the one the screen was opened by while nobody chose', () => {
    const reads = readPathOf([first, second], [], params);
    expect([reads.session?.id, reads.lun, reads.chosen]).toEqual(['session-1', '0000000000000000', false]);
    expect(otherWays(reads).map(({ session }) => session.id)).toEqual(['session-2']);
  });

  it('is the one chosen for the disk, with the number the disk has there', () => {
    const reads = readPathOf([first, second], [choice], params);
    expect([reads.session?.id, reads.lun, reads.summary?.text, reads.chosen]).toEqual([
      'session-2',
      '0001000000000000',
      '1',
      true,
    ]);
  });

  it('is not changed because the chosen one is down: the others are only offered', () => {
    const down = { ...second, state: 'recovering' as const };
    const reads = readPathOf([first, down], [choice], params);
    expect([reads.session?.id, isUp(reads)]).toEqual(['session-2', false]);
    expect(otherWays(reads).map(({ session }) => session.id)).toEqual(['session-1']);
  });

  it('stays the chosen one when nobody is signed in there any more', () => {
    const reads = readPathOf([first], [choice], params);
    expect([reads.session, reads.place.host, reads.chosen]).toEqual([null, '10.0.0.2', true]);
  });

  it('offers the other ways of a disk whose own session has ended', () => {
    const reads = readPathOf([{ ...first, state: 'closed' }, second], [], params);
    expect(isUp(reads)).toBe(false);
    expect(otherWays(reads).map(({ session }) => session.id)).toEqual(['session-2']);
  });

  it('takes no choice of another disk', () => {
    expect(readPathOf([first, second], [{ ...choice, unit: 'NAA 6002' }], params).session?.id).toBe('session-1');
  });
});

describe('an answer of the unit', () => {
  const refused = (sense: string): boolean =>
    refusesPath({
      name: 'ScsiError',
      code: 'SCSI_CHECK_CONDITION',
      message: '',
      hint: null,
      retryable: false,
      details: {},
      raw: { status: 2, sense, cdb: '' },
    });

  it.each([
    ['on standby, fixed format', '700002000000000a00000000040b00000000', true],
    ['unavailable, with a valid information field', 'f00002000000000a00000000040c00000000', true],
    ['in transition, descriptor format', '7202040a00000000', true],
    ['becoming ready', '700002000000000a00000000040100000000', false],
    ['a medium error in descriptor format', '7203110000000000', false],
    ['no sense at all', '', false],
  ])('tells whether it refuses the path: %s', (_, sense, wanted) => {
    expect(refused(sense)).toBe(wanted);
  });
});
