import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, type Child } from './child.ts';
import { iscsiUrl, type IscsiUrlParts } from './iscsi-url.ts';
import { istgtAuth, istgtConfig, istgtNodeBase, type IstgtTarget } from './istgt-config.ts';
import { makeScratch, makeSparseFile, removeScratch } from './scratch.ts';
import { allowedInitiator, initiatorAccount, targetAccount } from './tgt-zoo.ts';
import { requireTool } from './tools.ts';
import { freePort, portAnswers, portIsFree, waitFor } from './wait.ts';

const host = '127.0.0.1';
const MiB = 1 << 20;

/** An istgt of its own: two portal groups on own ports, own configuration and files. */
export class Istgt {
  readonly host = host;
  readonly ports: readonly [number, number];
  readonly folder: string;
  readonly #targets: readonly IstgtTarget[];
  #child: Child | undefined;

  private constructor(ports: readonly [number, number], folder: string, targets: readonly IstgtTarget[]) {
    this.ports = ports;
    this.folder = folder;
    this.#targets = targets;
  }

  /** Starts istgt with the given targets; throws ToolMissing where it is not installed. */
  static async start(targets: readonly IstgtTarget[]): Promise<Istgt> {
    requireTool('istgt');
    const istgt = new Istgt([await freePort(), await freePort()], await makeScratch('istgt'), targets);
    try {
      await istgt.#prepare();
      await istgt.revive();
    } catch (error) {
      await istgt.stop();
      throw error;
    }
    return istgt;
  }

  /** The first portal group's port. */
  get port(): number {
    return this.ports[0];
  }

  /** What istgt printed so far. */
  output(): string {
    return this.#child?.output() ?? '';
  }

  get portal(): string {
    return `${host}:${String(this.port)}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  url(target?: string, lun?: number, rest: Partial<IscsiUrlParts> = {}): string {
    const path = { ...(target === undefined ? {} : { target }), ...(lun === undefined ? {} : { lun }) };
    return iscsiUrl({ host, port: this.port, ...path, ...rest });
  }

  /** SIGKILL, then waits until its ports can be bound again. */
  async kill(): Promise<void> {
    await this.#child?.kill();
    await waitFor('ports of istgt free again', async () => {
      const free = await Promise.all(this.ports.map((port) => portIsFree(port)));
      return free.every(Boolean);
    });
  }

  /** Starts again on the same ports with the same files, after kill(). */
  async revive(): Promise<void> {
    const args = ['-D', '-c', this.path('istgt.conf'), '-p', this.path('istgt.pid')];
    const child = startChild(requireTool('istgt'), args, { cwd: this.folder });
    this.#child = child;
    await waitFor('istgt listening', async () => {
      if (!child.running()) throw new Error(`istgt ended at start:\n${child.output()}`);
      const answers = await Promise.all(this.ports.map((port) => portAnswers(port)));
      return answers.every(Boolean);
    });
  }

  async stop(): Promise<void> {
    await this.#child?.kill();
    await removeScratch(this.folder);
  }

  async #prepare(): Promise<void> {
    for (const target of this.#targets)
      for (const { file, sizeBytes } of target.luns) {
        if (target.unit === 'DVD') await writeFile(this.path(file), randomBytes(sizeBytes));
        // istgt writes a tape's label itself, into a file that must not exist yet.
        else if (target.unit !== 'Tape') await makeSparseFile(this.path(file), sizeBytes);
      }
    const layout = { folder: this.folder, ports: this.ports, targets: this.#targets };
    await writeFile(this.path('istgt.conf'), istgtConfig(layout));
    // istgt refuses an account file that others can read.
    await writeFile(this.path('auth.conf'), istgtAuth(this.#targets), { mode: 0o600 });
  }
}

/** The full names of the standard targets. */
export const istgtNames = {
  disk: `${istgtNodeBase}:disk`,
  chap: `${istgtNodeBase}:chap`,
  mutual: `${istgtNodeBase}:mutual`,
  digest: `${istgtNodeBase}:digest`,
  scratch: `${istgtNodeBase}:scratch`,
  dvd: `${istgtNodeBase}:dvd`,
  tape: `${istgtNodeBase}:tape`,
  disk4k: `${istgtNodeBase}:disk4k`,
  acl: `${istgtNodeBase}:acl`,
} as const;

/** Nine targets: two LUNs on two portals, CHAP both ways, forced digests, scratch, DVD, tape, a closed door, 4096-byte blocks. */
export const istgtZooTargets: readonly IstgtTarget[] = [
  {
    name: 'disk',
    bothPortals: true,
    luns: [
      { lun: 0, file: 'disk0.img', sizeBytes: 64 * MiB },
      { lun: 1, file: 'disk1.img', sizeBytes: 64 * MiB },
    ],
  },
  { name: 'chap', account: initiatorAccount, luns: [{ lun: 0, file: 'chap.img', sizeBytes: 16 * MiB }] },
  {
    name: 'mutual',
    account: initiatorAccount,
    outgoing: targetAccount,
    luns: [{ lun: 0, file: 'mutual.img', sizeBytes: 16 * MiB }],
  },
  { name: 'digest', forceDigests: ['Header', 'Data'], luns: [{ lun: 0, file: 'digest.img', sizeBytes: 64 * MiB }] },
  { name: 'scratch', luns: [{ lun: 0, file: 'scratch.img', sizeBytes: 128 * MiB }] },
  { name: 'dvd', unit: 'DVD', luns: [{ lun: 0, file: 'dvd.iso', sizeBytes: 1 * MiB }] },
  { name: 'tape', unit: 'Tape', luns: [{ lun: 0, file: 'tape.img', sizeBytes: 16 * MiB }] },
  { name: 'acl', onlyInitiator: allowedInitiator, luns: [{ lun: 0, file: 'acl.img', sizeBytes: 16 * MiB }] },
  { name: 'disk4k', blockSize: 4096, luns: [{ lun: 0, file: 'disk4k.img', sizeBytes: 64 * MiB }] },
];
