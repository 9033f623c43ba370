import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectOptions } from '../../core/initiator/index.ts';
import { startCapture } from '../support/real/capture.ts';
import { makeScratch, removeScratch } from '../support/real/scratch.ts';
import { requireTool } from '../support/real/tools.ts';
import { tsharkFacts, type PduFacts } from '../support/real/tshark-facts.ts';
import { waitFor } from '../support/real/wait.ts';
import { Keystream } from './evidence.ts';
import type { Row } from './matrix.ts';
import { diskOf, type San } from './san.ts';
import { withSession } from './sessions.ts';

interface SentPdu {
  readonly bhs: string;
}

export const wireRows: readonly Row<San>[] = [
  {
    name: 'the wire as tshark sees it',
    check: async (san) => {
      requireTool('tshark');
      const disk = diskOf(san, 'digests');
      const folder = await makeScratch('wire');
      const file = join(folder, 'wire.pcapng');
      const own: { sent: SentPdu[]; received: SentPdu[] } = { sent: [], received: [] };
      const options: ConnectOptions = {
        target: disk.target,
        headerDigest: ['CRC32C'],
        dataDigest: ['CRC32C'],
        onPdu: (direction, pdu) => {
          own[direction].push({ bhs: Buffer.from(pdu.subarray(0, 48)).toString('hex') });
        },
      };
      const capture = await startCapture(file, [san.port]);
      try {
        await withSession(san, options, async (session) => {
          const open = await session.disk(disk.lun);
          await open.write(64n, new Keystream('wire').next(200 * open.blockSize));
          await open.read(64n, 200);
          await session.protocol.ping(new Uint8Array(100));
          await session.tasks.abortTask(disk.lun, 0x7fff_0002);
        });
        await settled(file);
      } finally {
        await capture.stop();
      }
      const facts = await tsharkFacts(file, [san.port]);
      await removeScratch(folder);
      const sent = facts.filter(({ toPort }) => toPort === san.port);
      const received = facts.filter(({ fromPort }) => fromPort === san.port);
      assert.deepEqual(
        facts.flatMap(({ digests }) => digests).filter((verdict) => verdict === 'bad'),
        [],
      );
      // tgt's own VPD page 83h is malformed; nothing that we sent may be.
      assert.deepEqual(
        sent.filter(({ malformed }) => malformed),
        [],
      );
      sameHeaders(own.sent, sent, 'sent');
      sameHeaders(own.received, received, 'received');
      return `${sent.length} PDUs sent, ${received.length} received, ${facts.flatMap(({ digests }) => digests).length} good digests`;
    },
  },
];

/** Every header byte that a field of tshark covers is the byte we hold, PDU by PDU. */
function sameHeaders(own: readonly SentPdu[], seen: readonly PduFacts[], direction: string): void {
  assert.equal(seen.length, own.length, `PDUs ${direction}`);
  for (const [index, { bhs }] of own.entries()) {
    const theirs = seen[index]?.bhs ?? '';
    for (let at = 0; at < 96; at += 2) {
      const byte = theirs.slice(at, at + 2);
      if (byte !== '..') assert.equal(byte, bhs.slice(at, at + 2), `PDU ${index} ${direction}, byte ${at / 2}`);
    }
  }
}

/** dumpcap writes behind the traffic: the file is whole once it has stopped growing for a while. */
async function settled(file: string): Promise<void> {
  let size = -1;
  let since = performance.now();
  await waitFor('the capture written', async () => {
    const now = (await stat(file)).size;
    if (now !== size) since = performance.now();
    size = now;
    return size > 1000 && performance.now() - since > 300;
  });
}
