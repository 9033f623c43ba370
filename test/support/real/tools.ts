import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './child.ts';

/** The Debian package that brings each program the interop tests start. */
export const debianPackages = {
  dumpcap: 'wireshark-common',
  go: 'golang-go',
  istgt: 'istgt',
  'iscsi-inq': 'libiscsi-bin',
  'iscsi-ls': 'libiscsi-bin',
  'iscsi-perf': 'libiscsi-bin',
  'iscsi-readcapacity16': 'libiscsi-bin',
  'iscsi-test-cu': 'libiscsi-bin',
  'qemu-block-iscsi': 'qemu-block-extra',
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  tgtadm: 'tgt',
  tgtd: 'tgt',
  tgtimg: 'tgt',
  tshark: 'tshark',
} as const;

export type Tool = keyof typeof debianPackages;

/** A program the test needs is not on this machine; the message names the package that has it. */
export class ToolMissing extends Error {
  readonly tool: Tool;
  constructor(tool: Tool) {
    super(`${tool} is not installed: apt-get install ${debianPackages[tool]}`);
    this.name = 'ToolMissing';
    this.tool = tool;
  }
}

/** Daemons live in sbin, which the PATH of an ordinary user often lacks. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Where a tool is, or undefined. */
export function findTool(tool: Tool): string | undefined {
  for (const folder of folders) {
    const path = join(folder, tool);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Where a tool is; throws ToolMissing with the package to install. */
export function requireTool(tool: Tool): string {
  const path = findTool(tool);
  if (path === undefined) throw new ToolMissing(tool);
  return path;
}

let qemuIscsi: Promise<boolean> | undefined;

/** Throws ToolMissing unless qemu can open iscsi:// URLs: on Debian its driver comes in a package of its own. */
export async function requireQemuIscsi(): Promise<void> {
  // Its help lists the driver whether or not it is there; a link that names nothing is refused by the driver itself.
  qemuIscsi ??= run(requireTool('qemu-img'), ['info', 'iscsi://']).then(
    ({ stderr }) => !stderr.includes('Unknown protocol'),
  );
  if (!(await qemuIscsi)) throw new ToolMissing('qemu-block-iscsi');
}

/** The installed version of a Debian package, for records of what was measured; 'unknown' elsewhere. */
export async function packageVersion(name: string): Promise<string> {
  const result = await run('dpkg-query', ['-W', '-f', '${Version}', name]);
  return result.code === 0 && result.stdout !== '' ? result.stdout : 'unknown';
}
