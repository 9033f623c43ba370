import { join } from 'node:path';
import { run, runOk, startChild, type Child } from './child.ts';
import { iscsiUrl, type IscsiUrlParts } from './iscsi-url.ts';
import { makeScratch, makeSparseFile, removeScratch } from './scratch.ts';
import { requireTool } from './tools.ts';
import { freePort, portAnswers, waitFor } from './wait.ts';

/** One logical unit of a tgt target; a backing file that is not there is made, sparse. */
export interface TgtLun {
  readonly lun: number;
  /** A name inside the target's folder, or an absolute path; none is an empty removable drive. */
  readonly file?: string;
  readonly sizeBytes?: number;
  readonly blockSize?: 512 | 4096;
  readonly backend?: 'rdwr' | 'aio' | 'null' | 'ssc';
  readonly device?: 'disk' | 'cd' | 'tape' | 'changer';
  /** tgtadm's --params, such as readonly=1, thin_provisioning=1, online=0, vendor_id=.. */
  readonly params?: Readonly<Record<string, string | number>>;
}

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** One target of a tgtd. */
export interface TgtTarget {
  readonly name: string;
  readonly luns: readonly TgtLun[];
  /** Who may log in: the initiator's CHAP account. */
  readonly account?: Account;
  /** Mutual CHAP: what the target answers with. */
  readonly outgoing?: Account;
  /** Login keys and limits as tgtadm names them. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The only initiator name let in; everyone by default. */
  readonly onlyInitiator?: string;
}

const host = '127.0.0.1';
const controlSocket = 1;

/** A tgtd of its own: own port, own control socket, own folder, so that any number run side by side. */
export class Tgt {
  readonly host = host;
  readonly port: number;
  readonly folder: string;
  #targets: TgtTarget[] = [];
  #child: Child | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.folder = folder;
  }

  /** Starts tgtd and defines the targets; throws ToolMissing where tgt is not installed. */
  static async start(targets: readonly TgtTarget[] = []): Promise<Tgt> {
    requireTool('tgtd');
    requireTool('tgtadm');
    const tgt = new Tgt(await freePort(), await makeScratch('tgt'));
    try {
      await tgt.#boot();
      for (const target of targets) await tgt.add(target);
    } catch (error) {
      await tgt.stop();
      throw error;
    }
    return tgt;
  }

  /** Where portals are told to connect. */
  get portal(): string {
    return `${host}:${String(this.port)}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** The path of a file in this target's folder. */
  path(file: string): string {
    return file.startsWith('/') ? file : join(this.folder, file);
  }

  url(target?: string, lun?: number, rest: Partial<IscsiUrlParts> = {}): string {
    const path = { ...(target === undefined ? {} : { target }), ...(lun === undefined ? {} : { lun }) };
    return iscsiUrl({ host, port: this.port, ...path, ...rest });
  }

  /** Runs tgtadm against this tgtd and returns what it printed. */
  async admin(...args: readonly string[]): Promise<string> {
    return runOk(requireTool('tgtadm'), ['-C', String(controlSocket), '--lld', 'iscsi', ...args], { env: this.#env });
  }

  /** Defines one more target. */
  async add(target: TgtTarget): Promise<void> {
    this.#targets.push(target);
    await this.#define(target, this.#targets.length);
  }

  /** Changes a running logical unit, such as { readonly: 1 } or { online: 0 }. */
  async update(targetName: string, lun: number, params: Readonly<Record<string, string | number>>): Promise<void> {
    await this.#updateLun(this.#idOf(targetName), lun, params);
  }

  /** SIGKILL, as a crash would: connections are reset by the kernel, nothing is flushed or answered. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  /** Starts again on the same port with the same targets and files, after kill(). */
  async revive(): Promise<void> {
    await this.#boot();
    for (const [index, target] of this.#targets.entries()) await this.#define(target, index + 1);
  }

  /** Ends the daemon (tgtd ignores SIGTERM while targets exist) and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    await removeScratch(this.folder);
  }

  get #env(): Readonly<Record<string, string>> {
    return { TGT_IPC_SOCKET: join(this.folder, 'control') };
  }

  #idOf(targetName: string): number {
    const index = this.#targets.findIndex((target) => target.name === targetName);
    if (index < 0) throw new Error(`this tgtd has no target ${targetName}`);
    return index + 1;
  }

  async #boot(): Promise<void> {
    const args = ['-f', '-C', String(controlSocket), '-t', '2', '--iscsi', `portal=${this.portal}`];
    const child = startChild(requireTool('tgtd'), args, { env: this.#env, cwd: this.folder });
    this.#child = child;
    const alive = (): void => {
      if (!child.running()) throw new Error(`tgtd ended at start:\n${child.output()}`);
    };
    const show = ['-C', String(controlSocket), '--lld', 'iscsi', '--mode', 'sys', '--op', 'show'];
    await waitFor('tgtd ready', async () => {
      alive();
      const state = await run(requireTool('tgtadm'), show, { env: this.#env });
      return state.stdout.includes('State: ready') && (await portAnswers(this.port));
    });
  }

  async #define(target: TgtTarget, id: number): Promise<void> {
    const tid = ['--tid', String(id)];
    await this.admin('--mode', 'target', '--op', 'new', ...tid, '--targetname', target.name);
    for (const lun of target.luns) await this.#addLun(id, lun);
    if (target.account) await this.#bindAccount(id, target.account, []);
    if (target.outgoing) await this.#bindAccount(id, target.outgoing, ['--outgoing']);
    for (const [name, value] of Object.entries(target.settings ?? {}))
      await this.admin('--mode', 'target', '--op', 'update', ...tid, '--name', name, '--value', String(value));
    const who =
      target.onlyInitiator === undefined ? ['--initiator-address', 'ALL'] : ['--initiator-name', target.onlyInitiator];
    await this.admin('--mode', 'target', '--op', 'bind', ...tid, ...who);
  }

  async #addLun(id: number, unit: TgtLun): Promise<void> {
    if (unit.file !== undefined && unit.sizeBytes !== undefined)
      await makeSparseFile(this.path(unit.file), unit.sizeBytes);
    const args = ['--mode', 'logicalunit', '--op', 'new', '--tid', String(id), '--lun', String(unit.lun)];
    if (unit.file !== undefined) args.push('--backing-store', this.path(unit.file));
    if (unit.blockSize !== undefined) args.push('--blocksize', String(unit.blockSize));
    if (unit.backend !== undefined) args.push('--bstype', unit.backend);
    if (unit.device !== undefined) args.push('--device-type', unit.device);
    await this.admin(...args);
    if (unit.params) await this.#updateLun(id, unit.lun, unit.params);
  }

  async #updateLun(id: number, lun: number, params: Readonly<Record<string, string | number>>): Promise<void> {
    const list = Object.entries(params).map(([key, value]) => `${key}=${String(value)}`);
    const where = ['--tid', String(id), '--lun', String(lun)];
    await this.admin('--mode', 'logicalunit', '--op', 'update', ...where, '--params', list.join(','));
  }

  async #bindAccount(id: number, account: Account, direction: readonly string[]): Promise<void> {
    const accounts = await this.admin('--mode', 'account', '--op', 'show');
    if (!accounts.split('\n').some((line) => line.trim() === account.user)) {
      const secret = ['--user', account.user, '--password', account.password];
      await this.admin('--mode', 'account', '--op', 'new', ...secret);
    }
    const bind = ['--tid', String(id), '--user', account.user, ...direction];
    await this.admin('--mode', 'account', '--op', 'bind', ...bind);
  }
}
