import { describe, expect, it } from 'vitest';
import { addTallies, parseTestCuLog, tallySuites } from '../support/real/test-cu-log.ts';

const log = `
     CUnit - A unit testing framework for C - Version 2.1-3

Suite: Reserve6
  Test: Simple ...passed
  Test: 2Initiators ...    Take out a RESERVE6 from the first initiator
    [FAILED] MODESENSE6 successful but should have failed
    RELEASE6 from the second initiator
FAILED
    1. test_reserve6_2initiators.c:70  - CU_ASSERT_EQUAL(_r,0)
  Test: TargetColdReset ...    [SKIPPED] Task Management function is not implemented

passed
  Test: LUNReset ...passed    [FAILED] PRIN command: failed with sense

Suite: Read10
  Test: BeyondEol ...FAILED
    1. test_read10_beyond_eol.c:73  - CU_ASSERT_EQUAL(_r,0)
  Test: ZeroBlocks ...    some words, and then nothing
`;

describe('the log of iscsi-test-cu', () => {
  it('tells a skip and a hang from a pass', () => {
    expect(parseTestCuLog(log).map(({ suite, test, verdict }) => `${suite}.${test} ${verdict}`)).toEqual([
      'Reserve6.Simple pass',
      'Reserve6.2Initiators fail',
      'Reserve6.TargetColdReset skip',
      'Reserve6.LUNReset pass',
      'Read10.BeyondEol fail',
      'Read10.ZeroBlocks hang',
    ]);
  });

  it('keeps the first reason', () => {
    const reasons = new Map(parseTestCuLog(log).map(({ test, reason }) => [test, reason]));
    expect(reasons.get('2Initiators')).toBe('MODESENSE6 successful but should have failed');
    expect(reasons.get('TargetColdReset')).toBe('Task Management function is not implemented');
    expect(reasons.get('BeyondEol')).toBe('test_read10_beyond_eol.c:73  - CU_ASSERT_EQUAL(_r,0)');
    expect(reasons.get('Simple')).toBe('');
  });

  it('adds up by suite and in all', () => {
    const suites = tallySuites(parseTestCuLog(log));
    expect(suites.get('Reserve6')).toEqual({ pass: 2, fail: 1, skip: 1, hang: 0 });
    expect(addTallies(suites.values())).toEqual({ pass: 2, fail: 2, skip: 1, hang: 1 });
  });

  it('ignores the run summary, which has words of its own', () => {
    const summary = 'Suite: A\n  Test: B ...passed\n\nRun Summary:  Type Total\n  tests 1 1 FAILED\n';
    expect(parseTestCuLog(summary)).toEqual([{ suite: 'A', test: 'B', verdict: 'pass', reason: '' }]);
  });
});
