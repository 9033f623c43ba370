import { describe, expect, it } from 'vitest';
import { findingsOf, login, READ, refusal, status } from './finding-scenes.ts';
import { Scene } from './scene.ts';

const found = (made: Parameters<typeof findingsOf>[0]): string[] =>
  findingsOf(made)
    .map(({ rule }) => rule)
    .sort();

/** A REPORT LUNS with a SELECT REPORT, answered with so many units. */
function list(scene: Scene, select: number, units: number): Scene {
  const length = 8 + units * 8;
  const cdb = [0xa0, 0, select, 0, 0, 0, 0, 0, 0, length];
  const itt = scene.command(cdb, { read: true, expectedDataTransferLength: length });
  return scene.pdu(
    'dataIn',
    { ...status, itt },
    Uint8Array.from({ length }, (_, i) => (i === 3 ? units * 8 : 0)),
  );
}

function discover(scene: Scene, asked: string, answer: Readonly<Record<string, string>>): Scene {
  return scene
    .pdu('textRequest', { itt: 60, ttt: 0xffffffff }, scene.text({ SendTargets: asked }))
    .pdu('textResponse', { itt: 60, ttt: 0xffffffff }, scene.text(answer));
}

describe('the units a target reports', () => {
  it('are those of the last list, and well-known units are none', () => {
    expect(found(list(login(), 0, 0))).toEqual(['no-luns']);
    expect(found(list(login(), 2, 0))).toEqual(['no-luns']);
    expect(found(list(login(), 1, 0))).toEqual([]);
    expect(found(list(list(login(), 1, 0), 0, 1))).toEqual([]);
    expect(found(list(list(login(), 0, 0), 0, 1))).toEqual([]);
    expect(found(list(list(list(login(), 0, 1), 0, 0), 1, 1))).toEqual(['no-luns']);
  });

  it('may have no device behind them, which is told where nothing else is there', () => {
    const bare = (scene: Scene): Scene => {
      const itt = scene.command([0x12, 0, 0, 0, 36], { read: true, expectedDataTransferLength: 36 });
      return scene.pdu(
        'dataIn',
        { ...status, itt },
        Uint8Array.from({ length: 36 }, (_, i) => (i === 0 ? 0x3f : 0)),
      );
    };
    expect(findingsOf(bare(login()))).toMatchObject([{ rule: 'lun-not-connected', count: 1, pdus: [3, 4] }]);
    expect(found(list(bare(login()), 0, 0))).toEqual(['lun-not-connected', 'no-luns']);
    expect(found(list(bare(login()), 0, 2))).toEqual([]);
  });
});

describe('the targets a portal offers', () => {
  it('may be none, for all or for the one that was asked for', () => {
    const found = findingsOf(discover(login({ SessionType: 'Discovery' }), 'All', {}));
    expect(found).toMatchObject([{ rule: 'no-targets', severity: 'error', pdus: [3, 4] }]);
    expect(found[0]!.text).toBe('SendTargets=All was answered without a target.');
    expect(findingsOf(discover(login(), 'iqn.x:y', {}))[0]!.text).toContain('SendTargets=(one target)');
  });

  it('are there where a name or an address is, and are not what other texts ask for', () => {
    expect(found(discover(login(), '', { TargetAddress: '10.0.0.2:3260,1' }))).toEqual([]);
    const other = login();
    other
      .pdu('textRequest', { itt: 60, ttt: 0xffffffff }, other.text({ MaxRecvDataSegmentLength: '4096' }))
      .pdu('textResponse', { itt: 60, ttt: 0xffffffff });
    expect(found(other)).toEqual([]);
  });

  it('may come over several PDUs, the last of them empty', () => {
    const scene = login();
    scene
      .pdu('textRequest', { itt: 60, ttt: 0xffffffff }, scene.text({ SendTargets: 'All' }))
      .pdu('textResponse', { itt: 60, ttt: 3, final: false }, scene.text({ TargetName: 'iqn.x:disk' }))
      .pdu('textRequest', { itt: 60, ttt: 3 })
      .pdu('textResponse', { itt: 60, ttt: 0xffffffff });
    expect(found(scene)).toEqual([]);
  });
});

describe('a login that ends at the answer to a challenge', () => {
  const answered = (): Scene => {
    const scene = new Scene();
    scene.pdu('loginRequest', { itt: 1, csg: 0, nsg: 1, immediate: true }, scene.text({ CHAP_A: '5' }));
    scene.pdu('loginResponse', { itt: 1, csg: 0, nsg: 1 }, scene.text({ CHAP_I: '1', CHAP_C: '0x01' }));
    scene.pdu(
      'loginRequest',
      { itt: 1, csg: 0, nsg: 1, immediate: true },
      scene.text({ CHAP_N: 'bob', CHAP_R: '0x00' }),
    );
    return scene.close();
  };

  it('was refused by the target where the target closed', () => {
    const trace = answered().trace();
    trace.connections[0]!.closedBy = 'target';
    const finding = findingsOf(trace).find(({ rule }) => rule === 'chap-initiator-refused');
    expect(finding!.text).toBe(
      'The target closed the connection right after the initiator had answered its challenge as "bob".',
    );
    const left = answered().trace();
    left.connections[0]!.closedBy = 'initiator';
    expect(found(left)).toEqual(['login-unfinished']);
    expect(found(refusal(2, 1))).toEqual(['chap-initiator-refused', 'login-refused']);
  });
});

describe('slow outliers', () => {
  const slow = (usualMs: number, ms: number): Scene => {
    const scene = login();
    const fields = { read: true, expectedDataTransferLength: 512 };
    for (let turn = 0; turn < 41; turn += 1) {
      const itt = scene.command(READ, fields);
      scene.wait(turn === 20 ? ms : usualMs).pdu('dataIn', { ...status, itt }, new Uint8Array(512));
    }
    return scene;
  };

  it('are told by the slowest of them', () => {
    const scene = login();
    for (let turn = 0; turn < 60; turn += 1) {
      const itt = scene.command(READ, { read: true, expectedDataTransferLength: 512 });
      scene.wait(turn % 4 === 0 ? 100 + turn : 0.1).pdu('dataIn', { ...status, itt }, new Uint8Array(512));
    }
    const [finding] = findingsOf(scene);
    expect(finding).toMatchObject({ rule: 'slow-outlier', count: 15, proven: 10, worst: true, filter: null });
    const slowest = Array.from({ length: 10 }, (_, at) => 3 + 2 * (56 - 4 * at));
    expect(finding!.pdus).toEqual(slowest.flatMap((first) => [first, first + 1]));
    expect(finding!.text).toContain('took 156');
  });

  it.each([
    [0.1, 45, true],
    [0.1, 12, true],
    [0.1, 9, false],
    [1, 15, false],
    [4, 60, true],
    [8, 60, false],
  ])('beside %d ms, %d ms', (usual, ms, expected) => {
    expect(found(slow(usual, ms))).toEqual(expected ? ['slow-outlier'] : []);
  });
});
