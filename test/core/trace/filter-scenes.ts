import { compileFilter, exportPcapng, matchRows, parseFilter, type Trace } from '../../../core/trace/index.ts';
import { readTrace, Scene } from './scene.ts';

const ISID = Uint8Array.from([0x80, 0x12, 0x34, 0x57, 0x00, 0x02]);
const FOUR = { initiatorHost: '10.0.0.1', initiatorPort: 50_000, targetHost: '10.0.1.9', targetPort: 3260 };
const SIX = { initiatorHost: 'fd00::1', initiatorPort: 50_001, targetHost: 'fd00:0:1::9', targetPort: 3261 };
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Rows: 1-2 login, 3-4 logout. */
export function overFour(): Scene {
  const scene = new Scene({}, FOUR);
  const login = { transit: true, csg: 1, nsg: 3, isid: ISID, itt: 1 } as const;
  scene.pdu('loginRequest', { immediate: true, ...login, cid: 7 }, scene.text({ SessionType: 'Normal' }));
  scene.pdu('loginResponse', { ...login, tsih: 0x4a01 }, scene.text({ TargetPortalGroupTag: '1' }));
  scene.pdu('logoutRequest', { immediate: true, itt: 2, reason: 1, cid: 7 });
  return scene.pdu('logoutResponse', { itt: 2, response: 2, time2Wait: 5, time2Retain: 20 });
}

/**
 * Rows: 5 a read with FUA and 6 its data with status, 7 a write with data and 8 a target failure, 9 a Reject, 10-11 a
 * ping, 12 an event, 13 a SNACK, 14-15 a task management function, 16 an INQUIRY and 17 an answer with overflows.
 */
function overSix(): Scene {
  const scene = new Scene({}, SIX);
  const read = scene.command([0x28, 0x28, 0, 0, 0, 1, 3, 0, 1], { read: true, attribute: 2 });
  scene.pdu('dataIn', { final: true, hasStatus: true, acknowledge: true, itt: read, ttt: 1 }, new Uint8Array(512));
  const write = scene.command([0x2a, 0x10, 0, 0, 0, 1, 0, 0, 1], { write: true, final: false }, text('written'));
  scene.pdu('scsiResponse', { itt: write, response: 1, expDataSn: 3 });
  scene.pdu('reject', { reason: 4, itt: 0xffffffff }, new Uint8Array(48));
  scene.pdu('nopOut', { immediate: true, itt: 90, ttt: 0xffffffff }, text('Hello'));
  scene.pdu('nopIn', { itt: 90, ttt: 0xffffffff }, text('Hello'));
  scene.pdu('asyncMessage', { itt: 0xffffffff, event: 2, vendorCode: 9, parameter1: 1, parameter2: 2, parameter3: 3 });
  scene.pdu('snackRequest', { type: 1, itt: 0xffffffff, ttt: 0xffffffff, begRun: 12, runLength: 4 });
  scene.pdu('taskManagementRequest', { function: 1, itt: 91, referencedTaskTag: 55, refCmdSn: 66, expDataSn: 77 });
  scene.pdu('taskManagementResponse', { itt: 91, response: 5 });
  const inquiry = scene.command([0x12, 1, 0x83, 0x01, 0x00, 0x04], { read: true });
  return scene.pdu('scsiResponse', { itt: inquiry, overflow: true, bidiUnderflow: true, bidiResidualCount: 8 });
}

/** Both, as one capture holds them. */
export function captured(): Trace {
  const parts = [overFour(), overSix()].flatMap((scene) => [...exportPcapng(scene.trace(), { crc: () => 0 })]);
  return readTrace(Uint8Array.from(parts.flatMap((part) => [...part]))).trace;
}

/** Numbers of the PDUs that a filter lets through. */
export function rowsOf(expression: string, of: Trace): number[] {
  return matchRows(compileFilter(parseFilter(expression), of), of).map((row) => row + 1);
}

/** Whole numbers from one to another. */
export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Numbers of the captured PDUs over IPv4, and of those over IPv6. */
export const four = range(1, 4);
export const six = range(5, 17);
