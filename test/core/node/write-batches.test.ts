import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { writeBatches } from '../../../core/node/write-batches.ts';

const open: { destroy(): unknown }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.destroy();
});

/** A socket, and what arrives at its other end. */
async function pair(): Promise<{ readonly socket: Socket; readonly arrived: (bytes: number) => Promise<Buffer> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const peer = await accepted;
  server.close();
  open.push(socket, peer);
  return {
    socket,
    arrived: async (bytes) => {
      const parts: Buffer[] = [];
      let length = 0;
      for await (const part of peer as AsyncIterable<Buffer>) {
        parts.push(part);
        length += part.length;
        if (length >= bytes) break;
      }
      return Buffer.concat(parts);
    },
  };
}

const chunk = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);

describe('chunks given to the kernel', () => {
  it('go out in order and whole, in calls of a bounded size', async () => {
    const { socket, arrived } = await pair();
    const uncork = vi.spyOn(socket, 'uncork');
    const chunks = Array.from({ length: 20 }, (_, i) => [chunk(48, i), chunk(256 * 1024, 100 + i)]).flat();
    const whole = Buffer.concat(chunks);
    const reading = arrived(whole.length);
    writeBatches(socket, chunks);
    expect(Buffer.compare(await reading, whole)).toBe(0);
    // Three transfers of 256 KiB a call, and what is left.
    expect(uncork).toHaveBeenCalledTimes(7);
  });

  it('that are few and small go out in one, by whatever writes them', async () => {
    const { socket, arrived } = await pair();
    const uncork = vi.spyOn(socket, 'uncork');
    const written: number[] = [];
    const reading = arrived(96);
    writeBatches(socket, [chunk(48, 1), chunk(48, 2)], (each) => {
      written.push(each.length);
      socket.write(each);
    });
    expect((await reading).length).toBe(96);
    expect(written).toEqual([48, 48]);
    expect(uncork).toHaveBeenCalledTimes(1);
  });
});
