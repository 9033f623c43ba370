import { describe, expect, it } from 'vitest';
import { findProblems, RULES, type Trace } from '../../../core/trace/index.ts';
import { MARKS } from '../../../core/trace/columns.ts';
import {
  block,
  failing,
  findingsOf,
  login,
  mark,
  passing,
  READ,
  refusal,
  status,
  withRead,
  withWrite,
} from './finding-scenes.ts';
import { cleanScene, Scene, senseBytes } from './scene.ts';

/** A trace that each rule finds something in. */
const CASES: Readonly<Record<string, () => Scene | Trace>> = {
  'cmdsn-gap': () => {
    const scene = login().read();
    scene.cmdSn += 2;
    return scene.read();
  },
  'cmdsn-repeated': () => {
    const scene = login().read().read();
    scene.respond(scene.command([0], { cmdSn: 1 }));
    return scene;
  },
  'cmdsn-outside-window': () => {
    const scene = login().read();
    scene.cmdSn += 100;
    return scene.read();
  },
  'statsn-gap': () =>
    withRead((scene, itt) => {
      scene.statSn += 3;
      scene.pdu('dataIn', { ...status, itt }, block(1024));
    }),
  'statsn-repeated': () => {
    const scene = login().read();
    scene.statSn -= 1;
    return scene.read();
  },
  'expstatsn-ahead': () => {
    const scene = login().read();
    scene.respond(scene.command([0], { expStatSn: 90 }));
    return scene;
  },
  'data-in-number': () => withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt, dataSn: 3 }, block(1024))),
  'data-in-hole': () =>
    withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt, bufferOffset: 512 }, block(512))),
  'data-in-too-long': () => withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(2048))),
  'data-wrong-way': () => withWrite((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(512)), block(2048)),
  'data-out-number': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
        .pdu('dataOut', { final: true, itt, ttt: 1, dataSn: 4 }, block(2048))
        .respond(itt),
    ),
  'data-out-outside-r2t': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
        .respond(itt),
    ),
  'data-out-unasked': () =>
    withWrite((scene, itt) => scene.pdu('dataOut', { final: true, itt, ttt: 9 }, block(512)).respond(itt)),
  'data-out-hole': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
        .pdu('dataOut', { itt, ttt: 1 }, block(1024))
        .pdu('dataOut', { final: true, itt, ttt: 1, dataSn: 1 }, block(1024))
        .respond(itt),
    ),
  'data-out-short': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
        .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
        .respond(itt),
    ),
  'short-write-good': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
        .respond(itt),
    ),
  'r2t-number': () =>
    withWrite((scene, itt) => scene.pdu('readyToTransfer', { itt, ttt: 1, r2tSn: 2, desiredDataTransferLength: 512 })),
  'r2t-too-long': () =>
    withWrite((scene, itt) => scene.pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 300_000 })),
  'r2t-order': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
        .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 2 }, block(1024))
        .respond(itt),
    ),
  'r2t-too-many': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
        .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
        .pdu('dataOut', { final: true, itt, ttt: 2, bufferOffset: 1024 }, block(1024))
        .respond(itt),
    ),
  'response-count': () =>
    withRead((scene, itt) =>
      scene.pdu('dataIn', { final: true, itt, ttt: 0xffffffff }, block(1024)).respond(itt, 0, [], { expDataSn: 5 }),
    ),
  'unsolicited-forbidden': () =>
    withWrite((scene, itt) => scene.pdu('dataOut', { final: true, itt, ttt: 0xffffffff }, block(512)).respond(itt)),
  'immediate-forbidden': () =>
    withWrite((scene, itt) => scene.respond(itt), block(512), [{ ImmediateData: 'No' }, { ImmediateData: 'No' }]),
  'first-burst-exceeded': () =>
    withWrite((scene, itt) => scene.respond(itt), block(2048), [
      { FirstBurstLength: '512' },
      { FirstBurstLength: '512' },
    ]),
  'burst-exceeded': () =>
    withRead(
      (scene, itt) =>
        scene
          .pdu('dataIn', { itt, ttt: 0xffffffff }, block(512))
          .pdu('dataIn', { ...status, itt, dataSn: 1, bufferOffset: 512 }, block(512)),
      1024,
      [{ MaxBurstLength: '512' }, { MaxBurstLength: '512' }],
    ),
  'segment-too-long': () =>
    withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(1024)), 1024, [
      { MaxRecvDataSegmentLength: '512' },
      {},
    ]),
  'residual-mismatch': () =>
    withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt, underflow: true, residualCount: 100 }, block(512))),
  'short-data-good': () => withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(512))),
  'data-with-error': () =>
    withRead((scene, itt) =>
      scene.pdu('dataIn', { final: true, itt, ttt: 0xffffffff }, block(512)).respond(itt, 2, senseBytes(5, 0x24, 0)),
    ),
  'header-digest-error': () => mark(login().read(), 3, MARKS.headerDigestBad),
  'data-digest-error': () => login().pdu('dataIn', { ...status, itt: 9 }, block(8), undefined, 'data'),
  'window-closed': () => {
    const scene = login();
    scene.command(READ, { read: true, expectedDataTransferLength: 512 });
    scene.respond(scene.command([0]), 0, [], { expCmdSn: 3, maxCmdSn: 2 });
    return scene;
  },
  stall: () => {
    const scene = login();
    const itt = scene.command([0]);
    return scene.wait(3000).respond(itt);
  },
  'ping-unanswered': () => login().pdu('nopOut', { immediate: true, itt: 77, ttt: 0xffffffff }).wait(5000).read(),
  'ping-changed': () =>
    login().pdu('nopOut', { immediate: true, itt: 77, ttt: 0xffffffff }, block(8)).pdu('nopIn', { itt: 77 }, block(4)),
  'target-ping-unanswered': () => login().pdu('nopIn', { itt: 0xffffffff, ttt: 5 }).wait(5000).read(),
  reject: () => login().pdu('reject', { itt: 0xffffffff, reason: 4 }, block(48)),
  'async-logout': () => login().pdu('asyncMessage', { itt: 0xffffffff, event: 1 }),
  'async-drop': () => login().pdu('asyncMessage', { itt: 0xffffffff, event: 3 }),
  'async-event': () => login().pdu('asyncMessage', { itt: 0xffffffff, event: 0 }),
  'unit-attention': () => failing(6, 0x29, 0),
  'medium-error': () => failing(3, 0x11, 0),
  'not-ready': () => failing(2, 0x04, 1),
  'illegal-request': () => failing(5, 0x20, 0),
  'lba-out-of-range': () => {
    const scene = login();
    return scene.respond(
      scene.command(READ, { read: true, expectedDataTransferLength: 512 }),
      2,
      senseBytes(5, 0x21, 0),
    );
  },
  'write-protected': () => failing(7, 0x27, 0),
  'aborted-by-target': () => failing(0xb, 0x47, 3),
  'sense-missing': () => {
    const scene = login();
    return scene.respond(scene.command([0]), 2);
  },
  busy: () => {
    const scene = login();
    return scene.respond(scene.command([0]), 0x28);
  },
  'aca-active': () => {
    const scene = login();
    return scene.respond(scene.command([0]), 0x30);
  },
  'reservation-conflict': () => {
    const scene = login();
    return scene.respond(scene.command([0]), 0x18);
  },
  'task-aborted': () => login().pdu('taskManagementRequest', { immediate: true, itt: 50, function: 1 }),
  'reset-issued': () => login().pdu('taskManagementRequest', { immediate: true, itt: 50, function: 5 }),
  'tmf-failed': () =>
    login()
      .pdu('taskManagementRequest', { immediate: true, itt: 50, function: 9 })
      .pdu('taskManagementResponse', { itt: 50, response: 5 }),
  'target-failure': () => {
    const scene = login();
    return scene.respond(scene.command([0]), 0, [], { response: 1 });
  },
  unanswered: () => {
    const scene = login();
    scene.command([0]);
    return scene.wait(100).close();
  },
  'tag-reused': () => {
    const scene = login();
    scene.command([0], { itt: 40 });
    scene.command([0], { itt: 40 });
    return scene.respond(40);
  },
  'answer-without-task': () => login().respond(4242),
  'slow-outlier': () => {
    const scene = login();
    for (let i = 0; i < 30; i += 1) scene.read();
    const itt = scene.command(READ, { read: true, expectedDataTransferLength: 512 });
    return scene.wait(300).pdu('dataIn', { ...status, itt }, block(512));
  },
  'login-refused': () => refusal(2, 3),
  'login-redirected': () => refusal(1, 1, { TargetAddress: '10.0.0.9:3260,1' }),
  'login-unfinished': () => {
    const scene = new Scene();
    return scene
      .pdu('loginRequest', { itt: 1, immediate: true, csg: 0 }, scene.text({ InitiatorName: 'iqn.x:a' }))
      .close();
  },
  'chap-initiator-refused': () => refusal(2, 1),
  'chap-target-unproven': () => {
    const scene = new Scene();
    const stage = { itt: 1, csg: 0, nsg: 1 };
    scene.pdu(
      'loginRequest',
      { ...stage, immediate: true },
      scene.text({ CHAP_N: 'a', CHAP_R: '0x00', CHAP_I: '1', CHAP_C: '0x01' }),
    );
    return scene.pdu('loginResponse', stage, scene.text({ CHAP_N: 'b', CHAP_R: '0x02' })).close();
  },
  'digest-in-discovery': () =>
    login({ SessionType: 'Discovery', HeaderDigest: 'CRC32C,None' }, { HeaderDigest: 'CRC32C' }),
  'illegal-answer': () => login({ HeaderDigest: 'None' }, { HeaderDigest: 'CRC32C' }),
  'key-refused': () => login({ TaskReporting: 'FastAbort' }, { TaskReporting: 'NotUnderstood' }),
  'trace-gap': () => mark(login().read(), 3, MARKS.gapBefore),
  'trace-one-sided': () => {
    const scene = new Scene();
    scene.pdu(
      'loginRequest',
      { itt: 1, immediate: true, transit: true, csg: 1, nsg: 3 },
      scene.text({ SessionType: 'Normal' }),
    );
    scene.command([0]);
    scene.command([0]);
    return scene.wait(9000).close();
  },
  'trace-sliced': () => mark(login().read(), 3, MARKS.cut),
  'trace-incomplete': () => {
    const trace = login().trace();
    trace.lostPdus = 3;
    return trace;
  },
  'trace-capped': () => {
    const trace = login().trace();
    trace.droppedPdus = 3;
    return trace;
  },
  'recorder-late': () => {
    const scene = login();
    scene.recorder.recordLag(scene.timeMs, 80);
    return scene;
  },
  'mtu-black-hole': () => {
    const scene = login();
    scene.respond(scene.command([0]));
    scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 8], { read: true, expectedDataTransferLength: 4096 });
    return scene.wait(9000).close();
  },
  'no-luns': () => {
    const scene = login();
    const itt = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 8], { read: true, expectedDataTransferLength: 8 });
    return scene.pdu('dataIn', { ...status, itt }, new Uint8Array(8));
  },
  'no-targets': () => {
    const scene = login({ SessionType: 'Discovery' });
    return scene
      .pdu('textRequest', { itt: 60, ttt: 0xffffffff }, scene.text({ SendTargets: 'All' }))
      .pdu('textResponse', { itt: 60, ttt: 0xffffffff });
  },
  'lun-not-connected': () => {
    const scene = login();
    const itt = scene.command([0x12, 0, 0, 0, 36], { read: true, expectedDataTransferLength: 36 });
    return scene.pdu(
      'dataIn',
      { ...status, itt },
      Uint8Array.from({ length: 36 }, (_, i) => (i === 0 ? 0x3f : 0)),
    );
  },
  'lun-not-mapped': () => {
    const scene = login();
    const itt = scene.command([0x12, 0, 0, 0, 36], { read: true, expectedDataTransferLength: 36 });
    return scene.pdu(
      'dataIn',
      { ...status, itt },
      Uint8Array.from({ length: 36 }, (_, i) => (i === 0 ? 0x7f : 0)),
    );
  },
  'connection-reset': () => {
    return login().close('target-reset');
  },
  'broken-off': () => mark(login().read(), 3, MARKS.brokenOff),
  'no-logout': () => login().read().close(),
  retransmission: () => login().pdu('snackRequest', { itt: 5, type: 0 }),
};

describe('the rules', () => {
  it('finds nothing in a session without trouble', () => {
    expect(findProblems(cleanScene().trace())).toEqual([]);
  });

  it('has a case for every rule, and more than thirty rules', () => {
    expect(Object.keys(CASES).sort()).toEqual([...RULES.keys()].sort());
    expect(RULES.size).toBeGreaterThan(30);
  });

  for (const [rule, make] of Object.entries(CASES))
    it(`finds ${rule}, with proof`, () => {
      const made = make();
      const finding = findingsOf(made).find((each) => each.rule === rule);
      expect(finding).toBeDefined();
      expect(finding!.text).not.toBe('');
      expect(finding!.hint).not.toBe('');
      if (!['trace-incomplete', 'trace-capped', 'recorder-late'].includes(rule))
        expect(finding!.pdus.length).toBeGreaterThan(0);
      if (finding!.filter !== null) expect(passing(made, finding!.filter)).toEqual(finding!.pdus);
    });
});
