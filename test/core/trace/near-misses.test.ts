import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../core/trace/columns.ts';
import { RULES, type Trace } from '../../../core/trace/index.ts';
import {
  block,
  failing,
  findingsOf,
  login,
  mark,
  READ,
  refusal,
  status,
  withRead,
  withWrite,
} from './finding-scenes.ts';
import { Scene, senseBytes } from './scene.ts';

const GOOD_READ = { read: true, expectedDataTransferLength: 512 };
const stage = { itt: 1, csg: 0, nsg: 1 } as const;

function answered(scene: Scene, statusByte: number, sense: readonly number[] = []): Scene {
  return scene.respond(scene.command([0]), statusByte, sense);
}

/** For every rule a trace of the same shape as one that breaks it, which stays just within the law. */
const NEAR: Readonly<Record<string, () => Scene | Trace>> = {
  'cmdsn-gap': () => login().read().read(),
  'cmdsn-repeated': () => {
    const scene = login().read();
    // An immediate command takes the number that the next one will have too.
    scene.respond(scene.command([0], { immediate: true }));
    return scene.read();
  },
  'cmdsn-outside-window': () => {
    const scene = login().read();
    // The last number of the window of 32 that the answer before has opened.
    const opened = scene.cmdSn + 31;
    while (scene.cmdSn < opened) scene.command([0]);
    scene.command([0]);
    return scene;
  },
  'statsn-gap': () =>
    withRead((scene, itt) => {
      // A Data-In without status takes no StatSN.
      scene.pdu('dataIn', { itt, ttt: 0xffffffff, statSn: 0 }, block(512));
      scene.pdu('dataIn', { ...status, itt, dataSn: 1, bufferOffset: 512 }, block(512));
    }),
  'statsn-repeated': () => {
    const scene = login();
    const itt = scene.command([0]);
    // A status that is sent once more has the same number and the same tag.
    scene.respond(itt).pdu('snackRequest', { itt: 0xffffffff, ttt: 0xffffffff, type: 1 });
    return scene.respond(itt, 0, [], { statSn: scene.statSn - 1 });
  },
  'expstatsn-ahead': () => {
    const scene = login().read();
    scene.respond(scene.command([0], { expStatSn: scene.statSn }));
    return scene;
  },
  'data-in-number': () =>
    withRead((scene, itt) =>
      scene
        .pdu('dataIn', { itt, ttt: 0xffffffff, dataSn: 0 }, block(512))
        .pdu('dataIn', { ...status, itt, dataSn: 1, bufferOffset: 512 }, block(512)),
    ),
  'data-in-hole': () =>
    withRead(
      (scene, itt) =>
        scene
          .pdu('dataIn', { itt, ttt: 0xffffffff, bufferOffset: 512 }, block(512))
          .pdu('dataIn', { ...status, itt, dataSn: 1, bufferOffset: 0 }, block(512)),
      1024,
      // Data out of order is allowed where both have agreed to it.
      [{ DataPDUInOrder: 'No' }, { DataPDUInOrder: 'No' }],
    ),
  'data-in-too-long': () => withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(1024))),
  // A Data-In without data only brings the status.
  'data-wrong-way': () => withWrite((scene, itt) => scene.pdu('dataIn', { ...status, itt }), block(2048)),
  'data-out-number': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
        .pdu('dataOut', { itt, ttt: 1, dataSn: 0 }, block(1024))
        .pdu('dataOut', { final: true, itt, ttt: 1, dataSn: 1, bufferOffset: 1024 }, block(1024))
        .respond(itt),
    ),
  'data-out-outside-r2t': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
        .respond(itt),
    ),
  'data-out-unasked': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 9, desiredDataTransferLength: 512 })
        .pdu('dataOut', { final: true, itt, ttt: 9 }, block(512))
        .respond(itt),
    ),
  'data-out-hole': () =>
    withWrite(
      (scene, itt) =>
        scene
          .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
          .pdu('dataOut', { itt, ttt: 1, bufferOffset: 1024 }, block(1024))
          .pdu('dataOut', { final: true, itt, ttt: 1, dataSn: 1 }, block(1024))
          .respond(itt),
      undefined,
      // Data out of order is allowed where both have agreed to it.
      [{ DataPDUInOrder: 'No' }, { DataPDUInOrder: 'No' }],
    ),
  'data-out-short': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 2048 })
        .pdu('dataOut', { itt, ttt: 1 }, block(1024))
        .pdu('dataOut', { final: true, itt, ttt: 1, dataSn: 1, bufferOffset: 1024 }, block(1024))
        .respond(itt),
    ),
  'short-write-good': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
        .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
        .respond(itt, 0, [], { underflow: true, residualCount: 1024 }),
    ),
  'r2t-number': () =>
    withWrite((scene, itt) =>
      scene
        .pdu('readyToTransfer', { itt, ttt: 1, r2tSn: 0, desiredDataTransferLength: 512 })
        .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, bufferOffset: 512, desiredDataTransferLength: 512 }),
    ),
  'r2t-too-long': () =>
    withWrite((scene, itt) => scene.pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 262_144 })),
  'r2t-order': () =>
    withWrite(
      (scene, itt) =>
        scene
          .pdu('readyToTransfer', { itt, ttt: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
          .pdu('dataOut', { final: true, itt, ttt: 1, bufferOffset: 1024 }, block(1024))
          .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, desiredDataTransferLength: 1024 })
          .pdu('dataOut', { final: true, itt, ttt: 2 }, block(1024))
          .respond(itt),
      undefined,
      [{ DataSequenceInOrder: 'No' }, { DataSequenceInOrder: 'No' }],
    ),
  'r2t-too-many': () =>
    withWrite(
      (scene, itt) =>
        scene
          .pdu('readyToTransfer', { itt, ttt: 1, desiredDataTransferLength: 1024 })
          .pdu('readyToTransfer', { itt, ttt: 2, r2tSn: 1, bufferOffset: 1024, desiredDataTransferLength: 1024 })
          .pdu('dataOut', { final: true, itt, ttt: 1 }, block(1024))
          .pdu('dataOut', { final: true, itt, ttt: 2, bufferOffset: 1024 }, block(1024))
          .respond(itt),
      undefined,
      [{ MaxOutstandingR2T: '2' }, { MaxOutstandingR2T: '2' }],
    ),
  'response-count': () =>
    withRead((scene, itt) =>
      scene
        .pdu('dataIn', { itt, ttt: 0xffffffff }, block(512))
        .pdu('dataIn', { final: true, itt, ttt: 0xffffffff, dataSn: 1, bufferOffset: 512 }, block(512))
        .respond(itt, 0, [], { expDataSn: 2 }),
    ),
  'unsolicited-forbidden': () =>
    withWrite(
      (scene, itt) => scene.pdu('dataOut', { final: true, itt, ttt: 0xffffffff }, block(512)).respond(itt),
      undefined,
      [{ InitialR2T: 'No' }, { InitialR2T: 'No' }],
    ),
  'immediate-forbidden': () => withWrite((scene, itt) => scene.respond(itt), block(512)),
  'first-burst-exceeded': () =>
    withWrite((scene, itt) => scene.respond(itt), block(512), [
      { FirstBurstLength: '512' },
      { FirstBurstLength: '512' },
    ]),
  'burst-exceeded': () =>
    withRead(
      (scene, itt) =>
        scene
          .pdu('dataIn', { itt, ttt: 0xffffffff, final: true }, block(512))
          .pdu('dataIn', { ...status, itt, dataSn: 1, bufferOffset: 512 }, block(512)),
      1024,
      [{ MaxBurstLength: '512' }, { MaxBurstLength: '512' }],
    ),
  'segment-too-long': () =>
    withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt }, block(512)), 512, [
      { MaxRecvDataSegmentLength: '512' },
      {},
    ]),
  'residual-mismatch': () =>
    withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt, underflow: true, residualCount: 512 }, block(512))),
  'short-data-good': () =>
    withRead((scene, itt) => scene.pdu('dataIn', { ...status, itt, underflow: true, residualCount: 512 }, block(512))),
  'data-with-error': () => withRead((scene, itt) => scene.respond(itt, 2, senseBytes(5, 0x24, 0))),
  'header-digest-error': () => mark(login().read(), 3, MARKS.headerDigest),
  'data-digest-error': () => login().read(8),
  'window-closed': () => {
    const scene = login();
    scene.command(READ, GOOD_READ);
    // Room for one more command.
    return scene.respond(scene.command([0]), 0, [], { expCmdSn: 3, maxCmdSn: 3 });
  },
  stall: () => {
    const scene = login();
    const itt = scene.command([0]);
    return scene.wait(900).respond(itt);
  },
  'ping-unanswered': () =>
    login().pdu('nopOut', { immediate: true, itt: 77, ttt: 0xffffffff }).pdu('nopIn', { itt: 77 }).wait(5000).read(),
  'ping-changed': () =>
    login().pdu('nopOut', { immediate: true, itt: 77, ttt: 0xffffffff }, block(8)).pdu('nopIn', { itt: 77 }, block(8)),
  'target-ping-unanswered': () =>
    login()
      .pdu('nopIn', { itt: 0xffffffff, ttt: 5 })
      .pdu('nopOut', { immediate: true, itt: 0xffffffff, ttt: 5 })
      .wait(5000)
      .read(),
  reject: () => login().pdu('nopIn', { itt: 0xffffffff, ttt: 0xffffffff }),
  'async-logout': () => login().pdu('asyncMessage', { itt: 0xffffffff, event: 2 }),
  'async-drop': () => login().pdu('asyncMessage', { itt: 0xffffffff, event: 4 }),
  'async-event': () => login().pdu('asyncMessage', { itt: 0xffffffff, event: 1 }),
  'unit-attention': () => failing(2, 0x29, 0),
  'medium-error': () => failing(1, 0x17, 1),
  'not-ready': () => failing(6, 0x28, 0),
  'illegal-request': () => failing(5, 0x25, 0),
  // TEST UNIT READY asks for no block.
  'lba-out-of-range': () => answered(login(), 2, senseBytes(5, 0x21, 0)),
  'write-protected': () => failing(5, 0x26, 0),
  'aborted-by-target': () => failing(0, 0, 0),
  'sense-missing': () => failing(6, 0x29, 0),
  busy: () => answered(login(), 0x18),
  'aca-active': () => answered(login(), 0x08),
  'reservation-conflict': () => answered(login(), 0x28),
  'task-aborted': () => login().pdu('taskManagementRequest', { immediate: true, itt: 50, function: 8 }),
  'reset-issued': () => login().pdu('taskManagementRequest', { immediate: true, itt: 50, function: 1 }),
  'tmf-failed': () =>
    login()
      .pdu('taskManagementRequest', { immediate: true, itt: 50, function: 1 })
      .pdu('taskManagementResponse', { itt: 50, response: 0 }),
  'target-failure': () => answered(login(), 2, senseBytes(5, 0x20, 0)),
  unanswered: () => {
    const scene = login();
    scene.command([0]);
    // Not for long, and the trace goes no further.
    return scene.wait(4000);
  },
  'tag-reused': () => {
    const scene = login();
    for (let turn = 0; turn < 2; turn += 1) {
      scene.command([0], { itt: 40 });
      scene.respond(40);
    }
    return scene;
  },
  'answer-without-task': () => {
    const trace = login().respond(4242).trace();
    // The capture began in the middle, so that the command may have come before.
    trace.connections[0]!.fromStart = false;
    return trace;
  },
  'slow-outlier': () => {
    const scene = login();
    for (let i = 0; i < 30; i += 1) scene.read();
    const itt = scene.command(READ, GOOD_READ);
    return scene.wait(8).pdu('dataIn', { ...status, itt }, block(512));
  },
  'login-refused': () => refusal(1, 1, { TargetAddress: '10.0.0.9:3260,1' }),
  'login-redirected': () => refusal(2, 3),
  'login-unfinished': () => login().close(),
  'chap-initiator-refused': () => refusal(2, 2),
  'chap-target-unproven': () => {
    const scene = new Scene();
    const proof = scene.text({ CHAP_N: 'a', CHAP_R: '0x00', CHAP_I: '1', CHAP_C: '0x01' });
    scene.pdu('loginRequest', { ...stage, immediate: true, transit: true }, proof);
    scene.pdu('loginResponse', { ...stage, transit: true }, scene.text({ CHAP_N: 'b', CHAP_R: '0x02' }));
    return scene.login();
  },
  'digest-in-discovery': () =>
    login({ SessionType: 'Discovery', HeaderDigest: 'CRC32C,None' }, { HeaderDigest: 'None' }),
  'illegal-answer': () => login({ HeaderDigest: 'None,CRC32C' }, { HeaderDigest: 'CRC32C' }),
  'key-refused': () => login({ TaskReporting: 'FastAbort' }, { TaskReporting: 'RFC3720' }),
  'trace-gap': () => mark(login().read(), 3, MARKS.cut),
  'trace-one-sided': () => {
    // Nothing shows that the target has answered what hangs here.
    const scene = new Scene();
    for (let turn = 0; turn < 5; turn += 1) scene.command([0]);
    return scene.wait(9000).close();
  },
  'trace-sliced': () => new Scene({ mode: 'headers' }).login().read(4096),
  'trace-incomplete': () => {
    const trace = login().trace();
    trace.droppedPdus = 3;
    return trace;
  },
  'trace-capped': () => {
    const trace = login().trace();
    trace.lostPdus = 3;
    return trace;
  },
  'recorder-late': () => {
    const scene = login();
    scene.recorder.recordLag(scene.timeMs, 49);
    return scene;
  },
  'mtu-black-hole': () => {
    const scene = login();
    scene.respond(scene.command([0]));
    // One large answer has come, so the path takes large packets.
    scene.read(2048);
    scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, 8], { read: true, expectedDataTransferLength: 4096 });
    return scene.wait(9000).close();
  },
  'no-luns': () => {
    const scene = login();
    const itt = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16], { read: true, expectedDataTransferLength: 16 });
    return scene.pdu(
      'dataIn',
      { ...status, itt },
      Uint8Array.from({ length: 16 }, (_, i) => (i === 3 ? 8 : 0)),
    );
  },
  'no-targets': () => {
    const scene = login({ SessionType: 'Discovery' });
    return scene
      .pdu('textRequest', { itt: 60, ttt: 0xffffffff }, scene.text({ SendTargets: 'All' }))
      .pdu('textResponse', { itt: 60, ttt: 0xffffffff }, scene.text({ TargetName: 'iqn.x:disk' }));
  },
  'lun-not-connected': () => {
    // Beside other units LUN 0 is often there in name only.
    const scene = login();
    const list = scene.command([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16], { read: true, expectedDataTransferLength: 16 });
    scene.pdu(
      'dataIn',
      { ...status, itt: list },
      Uint8Array.from({ length: 16 }, (_, i) => (i === 3 ? 8 : i === 9 ? 1 : 0)),
    );
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
    // The unit is not connected just now, yet the target knows it.
    return scene.pdu(
      'dataIn',
      { ...status, itt },
      Uint8Array.from({ length: 36 }, (_, i) => (i === 0 ? 0x20 : 0)),
    );
  },
  'connection-reset': () => {
    return login().close('target-closed');
  },
  // The capture ended there, and not the connection.
  'broken-off': () => mark(login().read(), 3, MARKS.cut),
  'no-logout': () => login().read().logout().close(),
  retransmission: () => login().pdu('snackRequest', { itt: 0xffffffff, ttt: 5, type: 2 }),
};

describe('near misses', () => {
  it('are there for every rule', () => {
    expect(Object.keys(NEAR).sort()).toEqual([...RULES.keys()].sort());
  });

  it.each(Object.entries(NEAR))('%s is not found where the law is kept', (rule, make) => {
    const made = make();
    const trace = made instanceof Scene ? made.trace() : made;
    expect(trace.length).toBeGreaterThan(1);
    expect(findingsOf(trace).map((finding) => finding.rule)).not.toContain(rule);
  });
});
