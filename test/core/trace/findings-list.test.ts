import { describe, expect, it } from 'vitest';
import { findProblems, formatFinding } from '../../../core/trace/index.ts';
import { findingsOf, login, passing } from './finding-scenes.ts';
import { senseBytes } from './scene.ts';

describe('the list of findings', () => {
  it('has a filter for every case, where there are more than are named', () => {
    const scene = login();
    for (let i = 0; i < 15; i += 1) scene.respond(scene.command([0]), 2, senseBytes(6, 0x29, 0)).read();
    const [finding] = findingsOf(scene);
    expect(finding).toMatchObject({ rule: 'unit-attention', count: 15, proven: 10, worst: false });
    expect(passing(scene, finding!.filter!)).toHaveLength(30);
  });

  it('lists the worst first and counts repetitions once', () => {
    const scene = login();
    for (let i = 0; i < 5; i += 1) scene.respond(scene.command([0]), 2, senseBytes(6, 0x29, 0));
    scene.respond(scene.command([0]), 2, senseBytes(3, 0x11, 0));
    const findings = findProblems(scene.trace());
    expect(findings.map((each) => [each.rule, each.count])).toEqual([
      ['medium-error', 1],
      ['unit-attention', 5],
    ]);
    expect(formatFinding(findings[1]!)).toContain('(5 times)');
    expect(formatFinding(findings[0]!)).toContain('#0 The medium or the device failed: Medium error');
  });
});
