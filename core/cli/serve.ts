import { startDemoSan } from '../demo/index.ts';
import { UsageError } from '../errors/index.ts';
import { adviseOnSecret, type TargetAuth } from '../login/index.ts';
import { readTextFile } from '../node/files.ts';
import { shareImage, shareStore, type Share, type ShareOptions } from '../node/share.ts';
import { decodeCdb, describeCdb, statusName } from '../scsi/index.ts';
import { SparseStore, type ServerEvent, type ServerListener } from '../target/index.ts';
import { parseFlags, type Flags } from './flags.ts';
import { note, print, type CliIo } from './io.ts';
import type { Verb } from './verb.ts';

const FLAGS = {
  image: { value: true, help: 'serve this image file' },
  create: { value: true, help: 'make the image first, sparse, of this size' },
  memory: { value: true, help: 'serve a scratch disk of this size, such as 128M' },
  demo: { value: false, help: 'serve the demo SAN over two portals' },
  port: { value: true, help: 'port to listen on, 3260 unless given; 0 takes a free one' },
  host: { value: true, help: 'address to listen on, 127.0.0.1 unless given' },
  'target-name': { value: true, help: 'IQN of the target' },
  'chap-file': { value: true, help: 'file with user:secret; a second line is what the target answers with' },
  writable: { value: false, help: 'let initiators write' },
  optical: { value: false, help: 'serve the image as a CD/DVD unit' },
  removable: { value: false, help: 'say that the medium can be removed' },
  'block-size': { value: true, help: 'bytes of a block, 512 unless given' },
  'physical-block-size': { value: true, help: 'bytes of a physical block of a scratch disk; the same unless given' },
  log: { value: false, help: 'print logins and commands on standard error' },
} as const;

/** What each source has no use for. */
const FOREIGN: Readonly<Record<'image' | 'memory' | 'demo', readonly (keyof typeof FLAGS)[]>> = {
  image: ['physical-block-size'],
  memory: ['create'],
  demo: ['create', 'target-name', 'chap-file', 'writable', 'optical', 'removable', 'block-size', 'physical-block-size'],
};

/** The one source to serve; a flag that would be without effect is refused, because it may be one that protects. */
function sourceOf(flags: Flags): keyof typeof FOREIGN {
  const [source, another] = (['image', 'memory', 'demo'] as const).filter((name) => flags.has(name));
  if (source === undefined || another !== undefined)
    throw new UsageError('BAD_ARGUMENT', 'One of --image, --memory and --demo is needed.');
  const foreign = FOREIGN[source].find((name) => flags.has(name));
  if (foreign !== undefined)
    throw new UsageError('BAD_ARGUMENT', `--${foreign} has no effect on what --${source} serves.`);
  if (flags.has('optical') && flags.has('writable'))
    throw new UsageError('BAD_ARGUMENT', 'A CD/DVD unit is read-only: --optical and --writable do not go together.');
  return source;
}

/** Something that is being served. */
interface Served {
  readonly urls: readonly string[];
  subscribe(listener: ServerListener): () => void;
  close(): Promise<void>;
}

async function authFrom(
  flags: Flags,
  io: CliIo,
): Promise<{ readonly auth: TargetAuth; readonly user: string } | undefined> {
  const path = flags.text('chap-file');
  if (path === undefined) return undefined;
  const content = await readTextFile(path, 'The CHAP file');
  const [own, mutual, more] = content
    .split(/\r?\n/u)
    .filter((line) => line !== '')
    .map((line) => {
      const cut = line.indexOf(':');
      if (cut <= 0 || cut === line.length - 1)
        throw new UsageError('BAD_ARGUMENT', `A line of ${path} is not of the form user:secret.`);
      return { user: line.slice(0, cut), secret: line.slice(cut + 1) };
    });
  if (own === undefined) throw new UsageError('BAD_ARGUMENT', `The CHAP file ${path} is empty.`);
  if (more !== undefined)
    throw new UsageError(
      'BAD_ARGUMENT',
      `${path} has more than two lines: one is for the initiator, one for the target.`,
    );
  // RFC 7143 9.2.1 forbids it: an initiator could be made to answer its own challenge.
  if (own.secret === mutual?.secret)
    throw new UsageError('BAD_ARGUMENT', `${path} has the same secret in both directions; they must differ.`);
  for (const advice of [
    adviseOnSecret(own.secret, 'initiator'),
    mutual === undefined ? undefined : adviseOnSecret(mutual.secret, 'target'),
  ])
    if (advice !== undefined) note(io, advice);
  const accounts = new Map([[own.user, own.secret]]);
  return { auth: { kind: 'chap', accounts, ...(mutual === undefined ? {} : { mutual }) }, user: own.user };
}

function withUser(url: string, user: string | undefined): string {
  return user === undefined ? url : url.replace('iscsi://', `iscsi://${encodeURIComponent(user)}@`);
}

async function serveOne(flags: Flags, io: CliIo): Promise<Served> {
  const credentials = await authFrom(flags, io);
  const targetName = flags.text('target-name');
  const options: ShareOptions = {
    host: flags.text('host') ?? '127.0.0.1',
    port: flags.integer('port', 0, 65535) ?? 3260,
    writable: flags.has('writable'),
    optical: flags.has('optical'),
    ...(flags.has('removable') ? { removable: true } : {}),
    ...(targetName === undefined ? {} : { targetName }),
    ...(credentials === undefined ? {} : { auth: credentials.auth }),
  };
  const blockSize = flags.integer('block-size', 512, 65536);
  const image = flags.text('image');
  let share: Share;
  const createBytes = flags.size('create');
  if (image !== undefined)
    share = await shareImage(image, {
      ...options,
      ...(blockSize === undefined ? {} : { blockSize }),
      ...(createBytes === undefined ? {} : { createBytes }),
    });
  else {
    const size = blockSize ?? 512;
    const bytes = flags.size('memory') ?? 0;
    if (bytes % size !== 0)
      throw new UsageError(
        'BAD_ARGUMENT',
        `${String(bytes)} bytes are not a whole number of blocks of ${String(size)}.`,
      );
    const store = new SparseStore({ blockSize: size, blocks: bytes / size, limitBytes: Math.max(bytes, 65536) });
    const physical = flags.integer('physical-block-size', size, 65536) ?? size;
    const physicalBlockExponent = Math.log2(physical / size);
    if (!Number.isInteger(physicalBlockExponent))
      throw new UsageError(
        'BAD_ARGUMENT',
        `A physical block of ${String(physical)} bytes is not a power of two times ${String(size)}.`,
      );
    share = await shareStore(store, { ...options, label: 'memory', physicalBlockExponent });
  }
  return {
    urls: share.urls.map((url) => withUser(url, credentials?.user)),
    subscribe: (listener) => share.subscribe(listener),
    close: () => share.close(),
  };
}

async function serveDemo(flags: Flags): Promise<Served> {
  const port = flags.integer('port', 0, 65534) ?? 3260;
  const san = await startDemoSan({ host: flags.text('host') ?? '127.0.0.1', ports: [port, port === 0 ? 0 : port + 1] });
  return {
    urls: san.targets.flatMap(({ luns, credentials }) =>
      luns.map(({ url }) =>
        credentials === undefined ? url : url.replace('iscsi://', `iscsi://${credentials.user}%${credentials.secret}@`),
      ),
    ),
    subscribe: (listener) => san.subscribe(listener),
    close: () => san.close(),
  };
}

/** One line on what an initiator did. */
function describeEvent(event: ServerEvent): string {
  switch (event.kind) {
    case 'connectionOpened':
    case 'connectionClosed': {
      const { remoteAddress, remotePort } = event.origin;
      const where = `${remoteAddress}:${String(remotePort)}`;
      return event.kind === 'connectionOpened'
        ? `connection from ${where}`
        : `connection from ${where} closed: ${event.reason}`;
    }
    case 'sessionOpened':
      return `${event.session.initiatorName} logged in at ${event.session.targetName ?? 'discovery'}`;
    case 'sessionClosed':
      return `${event.session.initiatorName} is gone: ${event.reason}`;
    case 'loginRefused':
      return `login of ${event.initiatorName ?? 'somebody'} refused (${String(event.statusClass)}/${String(event.statusDetail)}): ${event.reason}`;
    case 'internalError':
      return `internal error: ${String(event.error)}`;
    case 'command':
      return `${event.initiatorName} LUN ${String(event.lun)}: ${describeCdb(decodeCdb(event.cdb))}: ${statusName(event.status)}`;
  }
}

/** Serves a LUN, or the demo SAN, until it is stopped. */
export const SERVE: Verb = {
  usage: 'serve (--image F | --memory SIZE | --demo)',
  help: 'be a target: an image file, a scratch disk or the demo SAN',
  flags: FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, FLAGS, [0, 0]);
    const served = sourceOf(flags) === 'demo' ? await serveDemo(flags) : await serveOne(flags, io);
    const stop = flags.has('log') ? served.subscribe((event) => note(io, describeEvent(event))) : undefined;
    for (const url of served.urls) print(io, url);
    await untilStopped(io);
    stop?.();
    await served.close();
    return 0;
  },
};

async function untilStopped({ signal }: CliIo): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
