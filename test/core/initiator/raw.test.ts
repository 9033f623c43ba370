import { afterEach, describe, expect, it } from 'vitest';
import { buildBlockAccess } from '../../../core/scsi/index.ts';
import { Cleanup, patterned, sameBytes, startRig } from './support.ts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const TEST_UNIT_READY = new Uint8Array(6);
const UNKNOWN_COMMAND = Uint8Array.of(0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0);

async function collect(data: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of data) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

describe('a raw command', () => {
  it('gives status and sense as they came', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    const refused = await session.raw.execute(0, UNKNOWN_COMMAND);
    expect(refused.status).toBe(2);
    expect(refused.sense.length).toBeGreaterThan(13);
    expect((await session.raw.execute(0, TEST_UNIT_READY)).status).toBe(0);
    const inquiry = await session.raw.execute(0, Uint8Array.of(0x12, 0, 0, 0, 5, 0), { dataIn: 200 });
    expect(inquiry).toMatchObject({ status: 0, residual: 195, residualKind: 'underflow', warning: undefined });
    expect(inquiry.data.length).toBe(5);
  });

  it('is refused before it is sent where it cannot be', async () => {
    const rig = await startRig(cleanup, [patterned(16).store]);
    const session = await rig.connect();
    await expect(session.raw.execute(0, new Uint8Array(0))).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(session.raw.execute(0, TEST_UNIT_READY, { dataIn: 2 ** 40 })).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
    });
    await expect(session.raw.execute(new Uint8Array(7), TEST_UNIT_READY)).rejects.toThrow(/8 bytes/u);
    await expect(session.raw.execute(0, TEST_UNIT_READY, { connection: 9 })).rejects.toThrow(/no open connection 9/u);
  });
});

describe('a streamed command', () => {
  it('reads piece by piece and holds the target back while nobody reads', async () => {
    const { store, bytes } = patterned(16384);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ maxRecvDataSegmentLength: 8192, streamDepth: 4 });
    const stream = session.raw.stream(0, buildBlockAccess(false, 0n, 16384), { dataIn: { length: bytes.length } });
    const parts: Uint8Array[] = [];
    for await (const part of stream.data) {
      parts.push(part);
      await new Promise((resolve) => setImmediate(resolve));
      const queued =
        (session.machine.core.tasks.all()[0]?.received ?? bytes.length) -
        parts.reduce((sum, each) => sum + each.length, 0);
      expect(queued).toBeLessThan(8192 * 4 + 256 * 1024);
    }
    expect(sameBytes(Buffer.concat(parts), bytes)).toBe(true);
    expect(await stream.wait()).toMatchObject({ status: 0, bytes: bytes.length });
  });

  it.each([100, 512, 70_000])('writes from a source of pieces of %i bytes', async (size) => {
    const { store } = patterned(2048);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect({ maxBurstLength: 65536 });
    const data = Uint8Array.from({ length: 2000 * 512 }, (_, i) => (i * 13) & 0xff);
    const stream = session.raw.stream(0, buildBlockAccess(true, 10n, 2000), {
      dataOut: { length: data.length, source: inPieces(data, size) },
    });
    expect(await stream.wait()).toMatchObject({ status: 0, bytes: data.length });
    expect(sameBytes(await (await session.disk(0)).read(10n, 2000), data)).toBe(true);
  });

  it('ends with what went wrong, on either side', async () => {
    const { store } = patterned(2048);
    const rig = await startRig(cleanup, [store]);
    const session = await rig.connect();
    const short = session.raw.stream(0, buildBlockAccess(true, 0n, 100), {
      dataOut: { length: 51200, source: inPieces(new Uint8Array(1000), 100) },
    });
    await expect(short.wait()).rejects.toThrow(/ended after 1000 of 51200/u);
    const refused = session.raw.stream(0, buildBlockAccess(false, 5000n, 1), { dataIn: { length: 512 } });
    expect(await collect(refused.data)).toEqual(new Uint8Array(0));
    expect((await refused.wait()).status).toBe(2);
    const stop = new AbortController();
    stop.abort();
    const never = session.raw.stream(0, buildBlockAccess(false, 0n, 1), {
      dataIn: { length: 512 },
      signal: stop.signal,
    });
    await expect(never.wait()).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(collect(never.data)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
