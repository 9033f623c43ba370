import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const { lacks } = (await import(join(root, 'scripts/lib/abilities.mjs'))) as {
  lacks: (name: string) => string | undefined;
};

describe('what programs that are there can do', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lunascope-programs-'));
    vi.stubEnv('PATH', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** A program that expects these arguments, says a line of errors and ends. */
  function lay(name: string, args: string, says: string, code: number): void {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n[ "$*" = "${args}" ] || exit 99\necho "${says}" >&2\nexit ${String(code)}\n`);
    chmodSync(path, 0o755);
  }

  it("knows qemu's driver by what it says of a link that names nothing", () => {
    lay('qemu-img', 'info iscsi://', "qemu-img: Could not open 'iscsi://': Failed to parse URL : iscsi://", 1);
    expect(lacks('qemu-iscsi')).toBeUndefined();
  });

  it("says that qemu's driver is missing, and how to get it", () => {
    lay('qemu-img', 'info iscsi://', "qemu-img: Could not open 'iscsi://': Unknown protocol 'iscsi'", 1);
    expect(lacks('qemu-iscsi')).toMatch(
      /^qemu-img cannot open iscsi:\/\/ links \((apt-get install qemu-block-extra|install qemu's iscsi block driver)\)$/,
    );
  });

  it('knows that packets may be recorded', () => {
    lay('dumpcap', '-i lo -L', '', 0);
    expect(lacks('recording')).toBeUndefined();
  });

  it('says that packets may not be recorded, and what to do', () => {
    lay('dumpcap', '-i lo -L', 'socket: Operation not permitted', 2);
    expect(lacks('recording')).toContain('this user may not record packets (be root, or: setcap');
  });
});
