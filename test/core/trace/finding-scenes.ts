import {
  compileFilter,
  findProblems,
  matchRows,
  parseFilter,
  type Finding,
  type Trace,
} from '../../../core/trace/index.ts';
import { Scene, senseBytes } from './scene.ts';

/** A read of one block. */
export const READ = [0x28, 0, 0, 0, 0, 0, 0, 0, 1];
/** A write of four blocks. */
export const WRITE = [0x2a, 0, 0, 0, 0, 0, 0, 0, 4];
/** A session that has logged in. */
export const login = (offered = {}, answered = {}): Scene => new Scene().login(offered, answered);
/** A command that ended with sense data. */
export const failing = (key: number, asc: number, ascq: number): Scene => {
  const scene = login();
  scene.respond(scene.command([0]), 2, senseBytes(key, asc, ascq));
  return scene;
};
/** A session with a read under way. */
export const withRead = (
  play: (scene: Scene, itt: number) => void,
  expected = 1024,
  keys: readonly [object, object] = [{}, {}],
): Scene => {
  const scene = new Scene().login({ ...keys[0] }, { ...keys[1] });
  play(
    scene,
    scene.command([0x28, 0, 0, 0, 0, 0, 0, 0, expected / 512], { read: true, expectedDataTransferLength: expected }),
  );
  return scene;
};
/** A session with a write under way. */
export const withWrite = (
  play: (scene: Scene, itt: number) => void,
  data?: Uint8Array,
  keys: readonly [object, object] = [{}, {}],
): Scene => {
  const scene = new Scene().login({ ...keys[0] }, { ...keys[1] });
  play(scene, scene.command(WRITE, { write: true, expectedDataTransferLength: 2048 }, data));
  return scene;
};
/** Data. */
export const block = (length: number): Uint8Array => new Uint8Array(length).fill(1);
/** Fields of a Data-In that carries the status. */
export const status = { final: true, hasStatus: true, ttt: 0xffffffff };
/** A trace with a mark set on one of its PDUs. */
export const mark = (scene: Scene, row: number, bit: number): Trace => {
  const trace = scene.trace();
  const page = trace.pdus.table.writable(0);
  page.marks[row] = page.marks[row]! | bit;
  return trace;
};
/** A login that is refused. */
export const refusal = (statusClass: number, statusDetail: number, text = {}): Scene => {
  const scene = new Scene();
  const stage = { itt: 1, csg: 0, nsg: 1 };
  scene.pdu(
    'loginRequest',
    { ...stage, immediate: true },
    scene.text({ InitiatorName: 'iqn.x:a', CHAP_N: 'user', CHAP_R: '0x00' }),
  );
  return scene.pdu('loginResponse', { ...stage, statusClass, statusDetail }, scene.text(text)).close();
};

/** What is found in it. */
export function findingsOf(made: Scene | Trace): Finding[] {
  return findProblems(made instanceof Scene ? made.trace() : made);
}

/** Numbers of the PDUs that a filter lets through. */
export function passing(made: Scene | Trace, filter: string): number[] {
  const trace = made instanceof Scene ? made.trace() : made;
  return matchRows(compileFilter(parseFilter(filter), trace), trace, 0).map((row) => row + 1);
}
