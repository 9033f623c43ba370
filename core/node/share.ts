import { basename } from 'node:path';
import type { TargetAuth } from '../login/index.ts';
import { LogicalUnit, type BlockStore, type ServerListener, type SessionInfo } from '../target/index.ts';
import { FileStore } from './file-store.ts';
import { reachableHosts, urlHost } from './reachable-hosts.ts';
import { TargetHost } from './target-host.ts';

const PREFIX = 'iqn.2026-01.org.lunascope';

/** How a store is shared as a LUN. */
export interface ShareOptions {
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** 0 takes a free one; 3260 unless told otherwise. */
  readonly port?: number;
  readonly targetName?: string;
  /** The last part of the target name where none is given. */
  readonly label?: string;
  readonly auth?: TargetAuth;
  /** Initiator names let in; anyone where left out. */
  readonly initiators?: readonly string[];
  readonly writable?: boolean;
  readonly optical?: boolean;
  readonly removable?: boolean;
  readonly physicalBlockExponent?: number;
}

/** How an image file is shared as a LUN. */
export interface ShareImageOptions extends ShareOptions {
  readonly blockSize?: number;
  /** Makes a new sparse image of so many bytes first. */
  readonly createBytes?: number;
}

/** A LUN that other hosts can use until it is closed. */
export interface Share {
  readonly targetName: string;
  readonly host: string;
  readonly port: number;
  /** Where it is found, without credentials; the first of `urls`. */
  readonly url: string;
  /** One for each address of this computer where it listens on all of them. */
  readonly urls: readonly string[];
  readonly unit: LogicalUnit;
  /** Initiators that are logged in. */
  sessions(): readonly SessionInfo[];
  /** Tells what initiators do until the function returned is called. */
  subscribe(listener: ServerListener): () => void;
  close(): Promise<void>;
}

/** Shares a store as LUN 0 of a target of its own; read-only unless told otherwise. */
export async function shareStore(store: BlockStore, options: ShareOptions = {}): Promise<Share> {
  const { host = '127.0.0.1', port = 3260, label = 'share', auth, initiators, optical = false } = options;
  const targetName = options.targetName ?? `${PREFIX}:${nameOf(label)}`;
  const unit = new LogicalUnit({
    store,
    identity: { serial: serialOf(targetName), product: optical ? 'Shared disc' : 'Shared disk', revision: '1.0' },
    readOnly: options.writable !== true,
    ...(optical ? { deviceType: 'optical' as const } : {}),
    ...(options.removable === undefined ? {} : { removable: options.removable }),
    ...(options.physicalBlockExponent === undefined ? {} : { physicalBlockExponent: options.physicalBlockExponent }),
  });
  const target = {
    name: targetName,
    luns: [{ lun: 0, unit }],
    offers: { maxConnections: 4, errorRecoveryLevel: 2 as const },
    ...(auth === undefined ? {} : { auth }),
    ...(initiators === undefined ? {} : { initiators }),
  };
  const running = await TargetHost.start({ targets: [target], portals: [{ host, port }] }).catch(
    async (error: unknown) => {
      await store.close?.();
      throw error;
    },
  );
  const bound = running.portals[0]?.port ?? port;
  const [first, ...others] = reachableHosts(host);
  const urlAt = (address: string): string => `iscsi://${urlHost(address)}:${String(bound)}/${targetName}/0`;
  return {
    targetName,
    host,
    port: bound,
    url: urlAt(first),
    urls: [urlAt(first), ...others.map(urlAt)],
    unit,
    sessions: () => running.server.sessions,
    subscribe: (listener) => running.server.subscribe(listener),
    close: () => running.close(),
  };
}

/** Shares an image file; read-only unless told otherwise. */
export async function shareImage(path: string, options: ShareImageOptions = {}): Promise<Share> {
  const { writable = false, optical = false, blockSize = optical ? 2048 : 512, createBytes } = options;
  const store =
    createBytes === undefined
      ? await FileStore.open(path, { writable: writable && !optical, blockSize })
      : await FileStore.create(path, createBytes, { blockSize });
  return shareStore(store, { label: basename(path), ...options });
}

/** A label as a target name can hold it. */
function nameOf(label: string): string {
  return (
    label
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/gu, '-')
      .replace(/^[-.]+|[-.]+$/gu, '')
      .slice(0, 100) || 'share'
  );
}

function serialOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `LUNA${hash.toString(16).padStart(8, '0').toUpperCase()}`;
}
