import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LunascopeError, TransportError, UsageError } from '../../errors/index.ts';
import { checkIscsiName, NAME_BYTES, parseHostPort } from '../../login/index.ts';
import { INITIATOR_NAME_FILE, parseInitiatorNames } from '../initiator-names.ts';
import { EXIT, failedRun, runIscsiadm, type IscsiadmOptions } from './iscsiadm.ts';
import type { FoundTarget, SystemInitiator, SystemTarget } from './types.ts';

const FOUND = /^(\[[0-9a-fA-F:.%a-z]+\]|[A-Za-z0-9._-]+):([0-9]{1,5}),(-?[0-9]{1,5})\s+(\S{1,223})$/u;

/** The initiator of a Linux system, spoken to through iscsiadm. */
export class LinuxInitiator implements SystemInitiator {
  readonly isMock = false;
  readonly #options: IscsiadmOptions;

  constructor(options: IscsiadmOptions = {}) {
    this.#options = options;
  }

  getOptions(): Readonly<Record<string, string>> {
    const { chrootDirectory } = this.#options;
    return chrootDirectory === undefined ? {} : { chrootDirectory };
  }

  async discoverTargets(address: string, login: boolean): Promise<readonly FoundTarget[]> {
    const portal = portalText(address);
    const ran = await runIscsiadm(['-m', 'discovery', '-t', 'sendtargets', '-p', portal], this.#options);
    if (ran.exit === EXIT.nothingFound) return [];
    if (ran.exit !== 0) throw failedRun(`list the targets of ${portal}`, ran);
    const found: FoundTarget[] = [];
    for (const target of parseTargets(ran.output))
      found.push(login ? await this.#tryLogin(target) : { ...target, login: 'not asked' });
    return found;
  }

  async #tryLogin(target: SystemTarget): Promise<FoundTarget> {
    try {
      await this.performLogin(target);
      return { ...target, login: 'done' };
    } catch (error) {
      if (!(error instanceof LunascopeError)) throw error;
      return { ...target, login: 'failed', error };
    }
  }

  async getInitiators(file = ''): Promise<readonly string[]> {
    const { chrootDirectory } = this.#options;
    const path = file === '' ? INITIATOR_NAME_FILE : file;
    const real = chrootDirectory === undefined ? path : join(chrootDirectory, path);
    const text = await readFile(real, 'utf8').catch((cause: unknown) => {
      throw new TransportError('IO_FAILED', `The initiator names in ${real} cannot be read.`, {
        hint: 'The file belongs to open-iscsi and may not be there, or may need root rights.',
        cause,
      });
    });
    return parseInitiatorNames(text).filter(isName);
  }

  async performLogin(target: SystemTarget): Promise<void> {
    const ran = await runIscsiadm(['-m', 'node', ...nodeOf(target), '--login'], this.#options);
    if (ran.exit !== 0 && ran.exit !== EXIT.sessionExists) throw failedRun(`log in to ${target.target}`, ran);
  }

  async performLogout(target: SystemTarget): Promise<void> {
    const ran = await runIscsiadm(['-m', 'node', ...nodeOf(target), '--logout'], this.#options);
    if (ran.exit !== 0 && ran.exit !== EXIT.nothingFound) throw failedRun(`log out of ${target.target}`, ran);
  }

  async performRescan(): Promise<void> {
    const ran = await runIscsiadm(['-m', 'session', '--rescan'], this.#options);
    if (ran.exit !== 0 && ran.exit !== EXIT.nothingFound) throw failedRun('look for units anew', ran);
  }
}

/** Whether a name is one at all. Those in the field have underscores and capitals; only what cannot be a name is refused. */
function isName(name: string): boolean {
  return checkIscsiName(name).form !== 'other' && !/[\s\p{Cc}]/u.test(name) && Buffer.byteLength(name) <= NAME_BYTES;
}

/** A portal as iscsiadm takes it; nothing that could be read as one of its options. */
function portalText(text: string): string {
  const { host, port } = parseHostPort(text);
  if (host.startsWith('-')) throw new UsageError('BAD_ARGUMENT', `"${host}" is not a host name or address.`);
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function nodeOf(target: SystemTarget): string[] {
  if (!isName(target.target)) {
    const { problem } = checkIscsiName(target.target);
    throw new UsageError('BAD_ARGUMENT', `"${target.target}" is not the name of a target. ${problem ?? ''}`.trimEnd());
  }
  return ['-T', target.target, '-p', portalText(target.portal)];
}

/** Reads what iscsiadm prints of a discovery: `PORTAL,TAG NAME` a line; anything else is passed over. */
export function parseTargets(output: string): SystemTarget[] {
  const out: SystemTarget[] = [];
  for (const line of output.split('\n')) {
    const [, host, port, groupTag, target] = FOUND.exec(line.trim()) ?? [];
    if (host === undefined || port === undefined || groupTag === undefined || target === undefined) continue;
    if (Number(port) < 1 || Number(port) > 65535 || !isName(target)) continue;
    out.push({ portal: `${host}:${port}`, groupTag, target });
  }
  return out;
}
