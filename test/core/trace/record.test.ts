import { describe, expect, it } from 'vitest';
import { readU32 } from '../../../core/bytes/index.ts';
import { findProblems, TASK_FLAGS, TraceRecorder, viewTask, type TapEnd } from '../../../core/trace/index.ts';
import { decodeFileHeader, encodeFileHeader, readRecordLength } from '../../../core/trace/record-format.ts';
import { TextMask } from '../../../core/trace/text-mask.ts';
import { cleanScene, ENDS, MemorySink, readTrace, Scene, senseBytes } from './scene.ts';

describe('text mask', () => {
  const mask = (parts: readonly string[], keys = ['CHAP_R']): string[] => {
    const masker = new TextMask(keys);
    return parts.map((part, i) => {
      const bytes = new TextEncoder().encode(part);
      masker.apply(bytes, 0, bytes.length, i === parts.length - 1);
      return new TextDecoder().decode(bytes);
    });
  };

  it('hides a value and nothing else', () => {
    expect(mask(['CHAP_N=me\0CHAP_R=0xabcd\0X=1\0'])).toEqual(['CHAP_N=me\0CHAP_R=******\0X=1\0']);
  });

  it('hides a value whose key and value are cut between PDUs', () => {
    expect(mask(['A=1\0CHA', 'P_R=0xa', 'bcd\0B=2\0'])).toEqual(['A=1\0CHA', 'P_R=***', '***\0B=2\0']);
  });

  it('starts anew after the last PDU of a text, whatever it ended with', () => {
    const masker = new TextMask(['CHAP_R']);
    const first = new TextEncoder().encode('CHAP_R=12');
    expect(masker.apply(first, 0, first.length, true)).toBe(true);
    const second = new TextEncoder().encode('CHAP_N=12');
    expect(masker.apply(second, 0, second.length, true)).toBe(false);
  });
});

describe('recording', () => {
  it('reads back every PDU as it was sent', () => {
    const trace = cleanScene().trace();
    expect(trace.length).toBe(12);
    expect(trace.connections[0]!.endpoints).toEqual(ENDS);
    const read = trace.readPdu(3);
    expect([...read.bhs.subarray(0, 8)]).toEqual([0x25, 0x81, 0, 0, 0, 0, 2, 0]);
    expect([...read.data]).toEqual(new Array(512).fill(0x5a));
    expect(trace.baseNs).toBe(1_790_000_000_000_000_000n);
    const [page, i] = trace.at(3);
    expect(page.time[i]).toBe(1000.4 * 1e6);
    expect(trace.connections[0]!.closeReason).toBe('The initiator closed the connection.');
    expect(() => trace.at(12)).toThrow('there is no row 12');
    expect(() => trace.taskAt(99)).toThrow('there is no task 99');
  });

  it('folds commands and their answers into tasks', () => {
    const trace = cleanScene().trace();
    expect(trace.tasks.table.length).toBe(5);
    const write = viewTask(trace, 3);
    expect(write).toMatchObject({
      pdus: 4,
      r2ts: 1,
      bytesOut: 1024,
      expectedLength: 1024,
      lba: 9n,
      blocks: 2,
      status: 0,
      queued: 0,
    });
    expect(write.latencyNs).toBeCloseTo(300_000, 0);
    expect(trace.rowsOfTask(3)).toEqual([6, 7, 8, 9]);
    expect(trace.rowsOfTask(3, 2)).toEqual([6, 7]);
    expect(viewTask(trace, 1).flags & TASK_FLAGS.phaseCollapse).not.toBe(0);
  });

  it('keeps headers, text and sense whole and the first 64 bytes of data', () => {
    const scene = new Scene({ mode: 'headers' }).login().read(4096);
    scene.respond(scene.command([0]), 2, senseBytes(3, 0x11, 0));
    const trace = scene.trace();
    expect(trace.readPdu(3).data.length).toBe(64);
    expect(trace.readPdu(0).data.length).toBeGreaterThan(64);
    expect(trace.readPdu(5).data.length).toBe(20);
    expect(viewTask(trace, 2).sense).toEqual({ key: 3, asc: 0x11, ascq: 0 });
  });

  it('drops CHAP responses unless asked to keep them', () => {
    const chap = (keep: boolean): string => {
      const scene = new Scene({ keepChapResponses: keep });
      scene.pdu('loginRequest', { itt: 1, immediate: true }, scene.text({ CHAP_N: 'user', CHAP_R: '0xdeadbeef' }));
      return new TextDecoder().decode(scene.trace().readPdu(0).data);
    };
    expect(chap(false)).toBe('CHAP_N=user\0CHAP_R=**********\0');
    expect(chap(true)).toBe('CHAP_N=user\0CHAP_R=0xdeadbeef\0');
  });

  it('loses nothing that was flushed, wherever the file was cut', () => {
    const bytes = cleanScene().bytes();
    const whole = readTrace(bytes).trace.length;
    let seen = 0;
    for (let cut = 64; cut <= bytes.length; cut += 97) {
      const { trace, importer } = readTrace(bytes.slice(0, cut));
      expect(importer.failure).toBeUndefined();
      expect(trace.length).toBeGreaterThanOrEqual(seen);
      seen = trace.length;
    }
    expect(readTrace(bytes).trace.length).toBe(whole);
    expect(readTrace(bytes.slice(0, bytes.length - 5)).trace.notes[0]!.text).toContain('ends inside a record');
  });

  it('passes over what a crash of the host left, and reads on', () => {
    const bytes = cleanScene().bytes();
    const zeros = new Uint8Array(256);
    const second = new Scene().login().read().bytes();
    const { trace } = readTrace(Uint8Array.from([...bytes, ...zeros, ...second]));
    expect(trace.notes.map((note) => note.text)).toContain('Bytes that are no record were passed over.');
    expect(trace.length).toBe(12 + 4);
  });

  it('reads the same whatever the pieces it comes in', () => {
    const bytes = cleanScene().bytes();
    const rows = (step: number): string[] => {
      const { trace } = readTrace(bytes, step);
      return Array.from({ length: trace.length }, (_, row) => [...trace.readPdu(row).bhs].join());
    };
    expect(rows(1)).toEqual(rows(bytes.length));
    expect(rows(1000)).toEqual(rows(bytes.length));
  });

  it('keeps header and first data right, wherever in memory they lie', () => {
    const wanted: { header: number[]; data: number[] }[] = [];
    const sink = new MemorySink();
    const tap = new TraceRecorder(sink, { mode: 'headers', baseNs: 0n, chunkBytes: 4096 });
    tap.openConnection(0, ENDS);
    const memory = Uint8Array.from({ length: 8192 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
    const record = (
      bytes: Uint8Array,
      at: number,
      ahsLength: number,
      data: Uint8Array,
      from: number,
      count: number,
    ): void => {
      bytes[at] = 0x25;
      bytes[at + 4] = ahsLength / 4;
      bytes.set([0, count >> 8, count & 0xff], at + 5);
      tap.recordPdu(0, false, 1, bytes, at, ahsLength, data, from, count);
      wanted.push({
        header: [...bytes.subarray(at, at + 48 + ahsLength)],
        data: [...data.subarray(from, from + Math.min(count, 64))],
      });
    };
    for (const begins of [0, 1, 2, 4, 7])
      for (const at of [0, 1, 2, 3, 5, 100])
        for (const ahsLength of [0, 4, 20])
          for (const count of [0, 1, 3, 4, 48, 63, 64, 65, 4096]) {
            const behind = at + 48 + ahsLength;
            // To the last byte of the buffer, with more behind it, elsewhere in it, and in one of its own.
            const bytes = memory.slice(begins, begins + 8000).subarray(0, behind + count);
            record(bytes, at, ahsLength, bytes, behind, count);
            const longer = memory.subarray(begins, begins + 8000).slice();
            record(longer, at, ahsLength, longer, behind, count);
            record(new Uint8Array(longer.buffer, begins, 7000), at, ahsLength, longer, 3000 + at, count);
            record(bytes, at, ahsLength, memory, 5, count);
          }
    tap.flush();
    const { trace } = readTrace(sink.bytes());
    expect(trace.length).toBe(wanted.length);
    wanted.forEach(({ header, data }, row) => {
      const pdu = trace.readPdu(row);
      expect([...pdu.bhs, ...pdu.ahs, ...pdu.data], `PDU ${String(row)}`).toEqual([...header, ...data]);
    });
  });

  it('records many PDUs at once as it does one by one', () => {
    for (const mode of ['headers', 'full'] as const)
      for (const begins of [0, 4, 2]) {
        const memory = Uint8Array.from({ length: 40_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff).subarray(begins);
        const elsewhere = memory.slice().reverse();
        const numbers: number[] = [];
        let at = 0;
        const password = new TextEncoder().encode('CHAP_N=u\0CHAP_R=0x0123456789abcdef\0');
        for (const opcode of [0x01, 0x25, 0x03, 0x21, 0x04, 0x23])
          for (const ahsLength of [0, 20])
            for (const digest of [0, 4])
              for (const count of [0, 1, 4, 36, 64, 67, 300]) {
                at += count % 3;
                memory.set([opcode, 0x80], at);
                const from = at + 48 + ahsLength + digest;
                if (opcode === 0x03) memory.set(password, from);
                numbers.push(at, ahsLength, from, count);
                at = from + count;
              }
        // The last of them ends where the buffer does.
        const bytes = memory.subarray(0, at);
        for (const data of [bytes, elsewhere]) {
          const [single, many] = [new MemorySink(), new MemorySink()];
          const set = { mode, baseNs: 0n, chunkBytes: 4096, segmentBytes: 20_000 };
          const [one, all] = [new TraceRecorder(single, set), new TraceRecorder(many, set)];
          for (const tap of [one, all]) tap.openConnection(0, ENDS);
          const count = numbers.length / 4;
          for (let i = 0; i < count; i += 1) {
            const [place = 0, ahsLength = 0, dataAt = 0, length = 0] = numbers.slice(i * 4);
            one.recordPdu(0, i >= 10, 1.5, bytes, place, ahsLength, data, dataAt, length);
          }
          const places = Int32Array.from(numbers);
          all.recordPdus(0, false, 1.5, { bytes, data, places, first: 0, count: 10 });
          all.recordPdus(0, true, 1.5, { bytes, data, places, first: 10, count: count - 10 });
          for (const tap of [one, all]) tap.flush();
          expect(all.counts).toEqual({ recorded: count, lost: 0 });
          expect(Buffer.compare(many.bytes(), single.bytes())).toBe(0);
        }
      }
  });

  it('tells where time goes back, and of no packets that merely stand out of order', () => {
    const notes = (steps: readonly number[]): string[] => {
      const scene = new Scene().wait(1e8).login();
      for (const ms of steps) scene.wait(ms).read();
      return scene.trace().notes.map(({ text }) => text);
    };
    expect(notes([0, 10, -200, 10])).toEqual([]);
    expect(notes([0, -3600_000, 10, -2000])).toEqual([
      expect.stringMatching(/^Time goes back by 3600\.000 s at PDU 5: the clock was set/),
      expect.stringMatching(/^Time goes back by 2\.000 s at PDU 9: /),
    ]);
    expect(notes(new Array<number>(20).fill(-5000))).toHaveLength(6);
    expect(notes(new Array<number>(20).fill(-5000)).at(-1)).toBe('Time goes back at 15 more places.');
  });

  it('begins a new file when one is full, naming the connections that are open', () => {
    const sink = new MemorySink();
    const recorder = new TraceRecorder(sink, { mode: 'full', baseNs: 5n, segmentBytes: 4096, chunkBytes: 1024 });
    const connection = recorder.openConnection(0, ENDS);
    const header = new Uint8Array(48);
    header[0] = 0x40;
    for (let n = 0; n < 100; n += 1) {
      header[19] = n;
      recorder.recordPdu(connection, true, n, header, 0, 0, new Uint8Array(100), 0, 100);
    }
    recorder.flush();
    expect(sink.segments).toBeGreaterThan(3);
    const whole = readTrace(sink.bytes()).trace;
    expect(whole.length).toBe(100);
    expect(whole.connections.length).toBe(1);
    // The oldest files gone: the rest stands by itself and says what is missing.
    const starts = sink.parts.flatMap((part, i) => (part[0] === 0x4c && part[1] === 0x53 ? [i] : []));
    const rest = Uint8Array.from(sink.parts.slice(starts[2]).flatMap((part) => [...part]));
    const late = readTrace(rest).trace;
    expect(late.connections[0]!.endpoints).toEqual(ENDS);
    expect(late.droppedPdus + late.length).toBe(100);
    expect(late.droppedPdus).toBeGreaterThan(10);
    expect(late.connections[0]!.fromStart).toBe(false);
  });

  it('remembers who ended a connection and how', () => {
    const endOf = (end: TapEnd): unknown[] => {
      const { closedBy, reset, closedNs } = cleanScene(end).trace().connections[0]!;
      return [closedBy, reset, Number.isNaN(closedNs)];
    };
    expect(endOf('initiator-closed')).toEqual(['initiator', false, false]);
    expect(endOf('initiator-reset')).toEqual(['initiator', true, false]);
    expect(endOf('target-closed')).toEqual(['target', false, false]);
    expect(endOf('target-reset')).toEqual(['target', true, false]);
    expect(endOf('unknown')).toEqual(['', false, false]);
    expect(endOf('goes-on')).toEqual(['', false, true]);
  });

  it('begins with a connection only where it has seen it log in', () => {
    expect(cleanScene().trace().connections[0]!.fromStart).toBe(true);
    const joined = new Scene().read().close('goes-on').trace();
    expect(joined.connections[0]!.fromStart).toBe(false);
    const late = new Scene().respond(7).trace();
    expect(findProblems(late).map(({ rule }) => rule)).not.toContain('answer-without-task');
  });

  it('counts what the writer could not take, and says so in the file', () => {
    const scene = new Scene({ chunkBytes: 256 }).login();
    scene.recorder.flush();
    scene.sink.full = true;
    scene.read(4096);
    scene.sink.full = false;
    scene.read();
    expect(scene.recorder.counts).toEqual({ recorded: 4, lost: 2 });
    const trace = scene.trace();
    expect(trace.lostPdus).toBe(2);
    expect(trace.notes.some((note) => note.text.startsWith('2 PDUs are missing'))).toBe(true);
  });

  it('stops naming connections at its limit', () => {
    const recorder = new TraceRecorder(new MemorySink(), { mode: 'headers', baseNs: 0n });
    let last = 0;
    for (let i = 0; i < 70_000; i += 1) {
      last = recorder.openConnection(i, ENDS);
      recorder.closeConnection(last, i, '');
    }
    expect(last).toBe(0xffff);
  });

  it('reads headers it wrote and refuses others', () => {
    const header = { segment: 3, full: true, chapKept: false, baseNs: 12n, firstPdu: 2 ** 40 };
    expect(decodeFileHeader(encodeFileHeader(header))).toEqual(header);
    expect(() => decodeFileHeader(new Uint8Array(64))).toThrow('not a trace file');
    expect(readU32(encodeFileHeader(header), 0)).toBe(0x4c535452);
    expect(readRecordLength(new DataView(new ArrayBuffer(24)), 0)).toBe(0);
  });
});
