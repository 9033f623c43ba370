import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';

/** How large the data of each read in a made capture is. */
export const READ_BYTES = 512;

const CONNECTIONS = 4;

function setWord(bytes: Uint8Array, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value >>> 0);
}

interface Template {
  readonly block: Uint8Array;
  readonly ip: number;
  readonly bhs: number;
}

/** One pcapng packet block of raw IPv4 and TCP around a PDU, to be stamped over and over. */
function template(fromInitiator: boolean, connection: number, bhs: Uint8Array, data: number): Template {
  const packet = 40 + 48 + data;
  const block = new Uint8Array(32 + ((packet + 3) & ~3));
  const view = new DataView(block.buffer);
  view.setUint32(0, 6, true);
  view.setUint32(4, block.length, true);
  view.setUint32(20, packet, true);
  view.setUint32(24, packet, true);
  view.setUint32(block.length - 4, block.length, true);
  const ip = 28;
  block.set(
    [
      0x45,
      0,
      packet >> 8,
      packet & 255,
      0,
      0,
      0x40,
      0,
      64,
      6,
      0,
      0,
      10,
      0,
      0,
      fromInitiator ? 1 : 2,
      10,
      0,
      0,
      fromInitiator ? 2 : 1,
    ],
    ip,
  );
  const ports = [50_000 + connection, 3260];
  const [from, to] = fromInitiator ? ports : [ports[1], ports[0]];
  view.setUint16(ip + 20, from as number);
  view.setUint16(ip + 22, to as number);
  block[ip + 32] = 0x50;
  block[ip + 33] = 0x18;
  view.setUint16(ip + 34, 0xffff);
  block.set(bhs, ip + 40);
  for (let i = 0; i < data; i += 1) block[ip + 88 + i] = i;
  return { block, ip, bhs: ip + 40 };
}

/**
 * Writes a pcapng of 512-byte reads over four connections until it holds `pdus` PDUs or `bytes` bytes; answers how
 * many PDUs it holds. `data` is the size of each read.
 */
export function writeBigCapture(path: string, limit: { pdus?: number; bytes?: number }, data = READ_BYTES): number {
  const fd = openSync(path, 'w');
  const command = new Uint8Array(48);
  command.set([0x01, 0xc1]);
  command.set([0x28], 32);
  setWord(command, 20, data);
  command[40] = data / 512;
  const answer = new Uint8Array(48);
  answer.set([0x25, 0x81, 0, 0, 0, 0, data >> 8, data & 255]);
  setWord(answer, 20, 0xffffffff);
  const templates = Array.from(
    { length: CONNECTIONS },
    (_, i) => [template(true, i, command, 0), template(false, i, answer, data)] as const,
  );
  const seq = Array.from({ length: CONNECTIONS }, () => [1, 1] as [number, number]);
  const buffer = new Uint8Array(4 << 20);
  let used = 0;
  let written = 0;
  const flush = (): void => {
    for (let done = 0; done < used;) done += writeSync(fd, buffer, done, used - done);
    written += used;
    used = 0;
  };
  const put = (bytes: Uint8Array): void => {
    if (used + bytes.length > buffer.length) flush();
    buffer.set(bytes, used);
    used += bytes.length;
  };
  const head = new Uint8Array(28 + 32);
  const view = new DataView(head.buffer);
  [0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28].forEach((word, i) => view.setUint32(i * 4, word, true));
  [1, 32, 101, 0, 0x00010009, 9, 0, 32].forEach((word, i) => view.setUint32(28 + i * 4, word, true));
  put(head);
  let timeNs = 1_790_000_000_000_000_000n;
  let pdus = 0;
  const maxPdus = limit.pdus ?? Infinity;
  const maxBytes = limit.bytes ?? Infinity;
  const stamp = (connection: number, side: 0 | 1, itt: number, sn: number): void => {
    const { block, ip, bhs } = (templates[connection] as (typeof templates)[number])[side];
    const at = new DataView(block.buffer);
    timeNs += 2000n;
    at.setUint32(12, Number(timeNs >> 32n), true);
    at.setUint32(16, Number(timeNs & 0xffffffffn), true);
    const ends = seq[connection] as [number, number];
    setWord(block, ip + 24, ends[side]);
    setWord(block, ip + 28, ends[1 - side] as number);
    setWord(block, bhs + 16, itt);
    if (side === 0) {
      setWord(block, bhs + 24, sn);
      setWord(block, bhs + 28, sn);
      setWord(block, bhs + 34, sn & 0xffffff);
    } else {
      setWord(block, bhs + 24, sn);
      setWord(block, bhs + 28, sn + 1);
      setWord(block, bhs + 32, sn + 64);
    }
    ends[side] = (ends[side] + 48 + (side === 0 ? 0 : data)) >>> 0;
    put(block);
    pdus += 1;
  };
  for (let n = 1; pdus < maxPdus && written + used < maxBytes; n += 1)
    for (let connection = 0; connection < CONNECTIONS; connection += 1) {
      stamp(connection, 0, n, n);
      stamp(connection, 1, n, n);
    }
  flush();
  closeSync(fd);
  return pdus;
}

/** Makes the capture unless a file of that name and a likely size is there. */
export function ensureBigCapture(path: string, limit: { pdus?: number; bytes?: number }, data = READ_BYTES): void {
  const least = limit.bytes ?? ((limit.pdus ?? 0) * data) / 2;
  if (existsSync(path) && statSync(path).size >= least) return;
  writeBigCapture(path, limit, data);
}
