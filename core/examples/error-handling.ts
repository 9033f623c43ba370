// Makes the usual things go wrong and shows the typed error of each: what class it has, what to switch on, what to tell
// a person, and whether trying again helps.
//
//   npx node core/examples/error-handling.ts iscsi://HOST[:PORT]/TARGET/LUN
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LunascopeError, ScsiError, UsageError } from '../errors/index.ts';
import { connect, type Portal } from '../initiator/index.ts';
import { parseIscsiUrl } from '../login/index.ts';
import { checkStatus, decodeSense } from '../scsi/index.ts';

const [link = usage()] = process.argv.slice(2);
try {
  const { host, port, target, lun = 0 } = parseIscsiUrl(link);
  if (target === undefined) usage();
  const portal = { host, port };
  await show('nobody listens', async () => connect(await portalOf(createServer(), 'closed'), { target }));
  await show('no such target', () => connect(portal, { target: 'iqn.2026-01.example:no-such-target' }));
  await show('not a name at all', () => connect(portal, { target: 'Not A Name' }));
  const mute = createServer((socket) => socket.resume());
  await show('a portal that never answers', async () =>
    connect(await portalOf(mute, 'open'), { target, loginTimeoutMs: 200 }),
  );
  mute.close();

  const session = await withRetries(3, () => connect(portal, { target }));
  try {
    const disk = await session.disk(lun);
    await show('a block past the end', () => disk.read(disk.blocks, 1));
    const readPastEnd = Uint8Array.of(0x88, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 0, 0, 0, 1, 0, 0);
    await show('the same, asked of the target', async () => {
      const { status, sense } = await session.raw.execute(lun, readPastEnd, { dataIn: disk.blockSize });
      checkStatus(status, sense, readPastEnd);
    });
    const stop = new AbortController();
    stop.abort();
    await show('called off', () => disk.read(0n, 1, { signal: stop.signal }));
    console.log(`the session is still good: ${String((await disk.read(0n, 1)).length)} bytes read`);
  } finally {
    await session.logout();
  }
} catch (error) {
  if (!(error instanceof LunascopeError)) throw error;
  console.error(`${error.code}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Runs something that must fail and prints what its error says. */
async function show(what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
    console.log(`${what}: no error`);
  } catch (error) {
    if (!(error instanceof LunascopeError)) throw error;
    console.log(`${what}: ${error.name} ${error.code}, ${error.retryable ? 'worth retrying' : 'final'}`);
    console.log(`  ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
    const sense = error instanceof ScsiError ? decodeSense(error.sense) : undefined;
    if (sense !== undefined)
      console.log(`  sense key ${String(sense.key)}, ASC ${String(sense.asc)}, ASCQ ${String(sense.ascq)}`);
  }
}

/** Tries again where the error says that it may help, with a pause that doubles. */
async function withRetries<T>(attempts: number, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1, pauseMs = 100; ; attempt++, pauseMs *= 2) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof LunascopeError) || !error.retryable || attempt >= attempts) throw error;
      await delay(pauseMs);
    }
  }
}

/** A portal on this machine that takes connections and says nothing, or that is closed again. */
async function portalOf(server: Server, state: 'open' | 'closed'): Promise<Portal> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  if (state === 'closed') await new Promise((resolve) => server.close(resolve));
  return { host: '127.0.0.1', port: address.port };
}

function usage(): never {
  console.error('usage: npx node core/examples/error-handling.ts iscsi://HOST[:PORT]/TARGET/LUN');
  process.exit(2);
}
