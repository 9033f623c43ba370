import { run, runOk, type RunResult } from './child.ts';
import { requireQemuIscsi, requireTool } from './tools.ts';

/** One target as iscsi-ls lists it. */
export interface ListedTarget {
  readonly name: string;
  readonly portals: readonly string[];
  readonly luns: readonly { readonly lun: number; readonly type: string }[];
}

/**
 * Runs iscsi-ls with LUNs. It ends its listing at the first target that refuses, and never ends its discovery session
 * with istgt, so what it listed counts and not how it ended.
 */
export async function iscsiLs(
  url: string,
  options: { readonly luns?: boolean; readonly timeoutMs?: number } = {},
): Promise<{
  readonly targets: readonly ListedTarget[];
  readonly result: RunResult;
}> {
  const flags = options.luns === false ? [] : ['-s'];
  const args = ['-oL', requireTool('iscsi-ls'), ...flags, url];
  const result = await run('stdbuf', args, { timeoutMs: options.timeoutMs ?? 20_000 });
  const targets: { name: string; portals: string[]; luns: { lun: number; type: string }[] }[] = [];
  for (const line of result.stdout.split('\n')) {
    const target = /^Target:(\S+) Portal:(\S+)/.exec(line);
    if (target) {
      targets.push({ name: target[1] ?? '', portals: [target[2] ?? ''], luns: [] });
      continue;
    }
    const portal = /^\s+Portal:(\S+)/.exec(line);
    if (portal) targets.at(-1)?.portals.push(portal[1] ?? '');
    const lun = /^Lun:(\d+)\s+Type:(.*)$/.exec(line);
    if (lun) targets.at(-1)?.luns.push({ lun: Number(lun[1]), type: (lun[2] ?? '').trim() });
  }
  return { targets, result };
}

/** Runs iscsi-inq: the standard page, or a VPD page by its code; returns its text. */
export async function iscsiInq(url: string, page?: number): Promise<string> {
  const flags = page === undefined ? [] : ['-e', '1', '-c', String(page)];
  return runOk(requireTool('iscsi-inq'), [...flags, url], { timeoutMs: 20_000 });
}

/** Runs iscsi-readcapacity16. */
export async function iscsiReadCapacity16(
  url: string,
): Promise<{ blocks: bigint; blockSize: number; totalSize: bigint }> {
  const text = await runOk(requireTool('iscsi-readcapacity16'), [url], { timeoutMs: 20_000 });
  const number = (pattern: RegExp): bigint => {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`iscsi-readcapacity16 printed no ${String(pattern)}:\n${text}`);
    return BigInt(found);
  };
  return {
    blocks: number(/RETURNED LOGICAL BLOCK ADDRESS:(\d+)/i) + 1n,
    blockSize: Number(number(/LOGICAL BLOCK LENGTH IN BYTES:(\d+)/i)),
    totalSize: number(/Total size:(\d+)/i),
  };
}

/** Runs iscsi-perf's reads for some seconds and returns its last average. */
export async function iscsiPerf(
  url: string,
  options: {
    readonly seconds: number;
    readonly inFlight?: number;
    readonly blocks?: number;
    readonly random?: boolean;
  },
): Promise<{ readonly iops: number; readonly text: string }> {
  const flags = [
    '-m',
    String(options.inFlight ?? 32),
    '-b',
    String(options.blocks ?? 8),
    '-t',
    String(options.seconds),
  ];
  if (options.random === true) flags.push('-r');
  const limit = { timeoutMs: (options.seconds + 20) * 1000 };
  const text = await runOk(requireTool('iscsi-perf'), [...flags, url], limit);
  const averages = [...text.matchAll(/iops average (\d+)/g)];
  const last = averages.at(-1)?.[1];
  if (last === undefined) throw new Error(`iscsi-perf printed no average:\n${text}`);
  return { iops: Number(last), text };
}

/** Runs qemu-img with its arguments. */
export async function qemuImg(...args: readonly string[]): Promise<string> {
  await requireQemuIscsi();
  return runOk(requireTool('qemu-img'), args, { timeoutMs: 300_000 });
}

/** Runs qemu-io commands, each as one -c, against an image or an iscsi:// URL; a command it reports as failed is an error. */
export async function qemuIo(url: string, ...commands: readonly string[]): Promise<string> {
  await requireQemuIscsi();
  const args = ['-f', 'raw', '-t', 'none', ...commands.flatMap((command) => ['-c', command]), url];
  const text = await runOk(requireTool('qemu-io'), args, { timeoutMs: 120_000 });
  if (/failed|mismatch/i.test(text)) throw new Error(`qemu-io ${commands.join('; ')}:\n${text}`);
  return text;
}
