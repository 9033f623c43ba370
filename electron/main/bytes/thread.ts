import { parentPort } from 'node:worker_threads';
import { copyAs, examineDisk } from '../../../core/disk/index.ts';
import { differences } from '../../../core/initiator/index.ts';
import { createSums } from '../../../core/node/index.ts';
import type { ByteCalls, FromBytes, ToBytes } from './calls.ts';

const port = parentPort;
if (port === null) throw new Error('This file runs as a thread.');
const send = (message: FromBytes): void => port.postMessage(message);

let sums = createSums([]);
let lastRead = 0;
const reads = new Map<number, { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void }>();

/** Blocks come from the loop that holds the session. */
function askFor(lba: bigint, count: number): Promise<Uint8Array> {
  lastRead += 1;
  const id = lastRead;
  send({ kind: 'want', id, lba, count });
  return new Promise((resolve, reject) => reads.set(id, { resolve, reject }));
}

const calls: ByteCalls = {
  begin: (names) => {
    sums = createSums(names);
  },
  update: (bytes) => sums.update(bytes),
  digest: () => sums.digest(),
  differences: ({ a, b, base }) => differences(a, b, base),
  copyAs: ({ form, bytes, address }) => copyAs(form, bytes, address),
  examine: (disk) => examineDisk({ ...disk, read: askFor }),
};

async function answer({ id, name, input }: ToBytes & { kind: 'call' }): Promise<void> {
  try {
    send({ kind: 'answer', id, value: await (calls[name] as (input: unknown) => unknown)(input) });
  } catch (error) {
    send({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) });
  }
}

port.on('message', (message: ToBytes) => {
  if (message.kind === 'call') {
    void answer(message);
    return;
  }
  const waiting = reads.get(message.id);
  reads.delete(message.id);
  if (message.kind === 'blocks') waiting?.resolve(message.bytes);
  else waiting?.reject(new Error(message.message));
});
