import { fingerprint, type IdentityProbe, type SessionOptions, type Task } from '../../core/session/index.ts';
import { capacityData, inquiryData, pattern, vpdData, type Unit, UNIT } from '../hostile/peers/raw-unit.ts';
import type { RawTarget } from '../hostile/peers/raw-target.ts';
import { SessionSim } from './session-sim.ts';

/** A session machine in front of a target made of bytes. */
export function rawSim(target: RawTarget, options: Partial<SessionOptions> = {}, seed = 1): SessionSim {
  return new SessionSim(
    (pipe) => {
      const connection = target.accept(pipe);
      return {
        receive: (bytes) => {
          connection.receive(bytes);
        },
        closed: () => {
          connection.closed = true;
        },
      };
    },
    options,
    seed,
  );
}

/** A CDB from hex. */
export function cdb(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** READ(10). */
export function read10(lba: number, blocks: number): Uint8Array {
  const out = Buffer.alloc(10);
  out[0] = 0x28;
  out.writeUInt32BE(lba, 2);
  out.writeUInt16BE(blocks, 7);
  return Uint8Array.from(out);
}

/** WRITE(10). */
export function write10(lba: number, blocks: number): Uint8Array {
  const out = read10(lba, blocks);
  out[0] = 0x2a;
  return out;
}

/** Submits a block read. */
export function submitRead(sim: SessionSim, lba: number, blocks: number, blockSize = 512): Task {
  return sim.submit({
    cdb: read10(lba, blocks),
    dataIn: new Uint8Array(blocks * blockSize),
    whole: true,
    idempotent: true,
  });
}

/** Submits a block write. */
export function submitWrite(sim: SessionSim, lba: number, data: Uint8Array, blockSize = 512): Task {
  return sim.submit({ cdb: write10(lba, data.length / blockSize), dataOut: data, whole: true });
}

/** Whether a read brought what the unit holds. */
export function isRight(task: Task, lba: number, unit: Unit = UNIT): boolean {
  const data = task.dataIn ?? new Uint8Array(0);
  return (
    task.error === undefined &&
    task.status === 0 &&
    Buffer.compare(data, pattern(unit, lba, data.length / unit.blockSize)) === 0
  );
}

/** Tells the session who the unit at LUN 0 is, as opening a disk does. */
export function rememberUnit(sim: SessionSim, unit: Unit = UNIT): void {
  const probe = (fact: IdentityProbe['fact'], hex: string, length: number, answer: Uint8Array): IdentityProbe => ({
    fact,
    cdb: cdb(hex),
    length,
    print: fingerprint(fact, answer) ?? '',
  });
  sim.machine.rememberUnit({
    lunHigh: 0,
    lunLow: 0,
    probes: [
      probe('kind', '12 00 00 00 60 00', 96, inquiryData()),
      probe('serial number', '12 01 80 00 ff 00', 255, vpdData(unit, 0x80) ?? Buffer.alloc(0)),
      probe('identification', '12 01 83 00 ff 00', 255, vpdData(unit, 0x83) ?? Buffer.alloc(0)),
      probe('capacity', '25 00 00 00 00 00 00 00 00 00', 8, capacityData(unit, false)),
    ],
  });
}
