import type { PortalEntry } from '../../electron/contract/explorer.ts';
import type { LunSummary, SessionEntry } from '../../electron/contract/sessions.ts';

/** A portal as the main process would tell of it. */
export function samplePortal(change: Partial<PortalEntry> = {}): PortalEntry {
  const { host = '10.0.0.1', port = 3260 } = change;
  return {
    id: `${host}:${port}`,
    host,
    port,
    origin: 'saved',
    state: 'unchecked',
    askedAt: null,
    tookMs: null,
    error: null,
    warnings: [],
    targets: [],
    user: null,
    tls: {},
    ...change,
  };
}

/** A LUN as a session would tell of it. */
export function sampleLun(change: Partial<LunSummary> = {}): LunSummary {
  return {
    lun: '0000000000000000',
    text: '0',
    number: 0,
    vendor: 'ACME',
    product: 'Disk',
    revision: '1',
    deviceType: 'Direct access block device',
    readable: true,
    blockSize: 512,
    blocks: '2048',
    bytes: '1048576',
    readOnly: false,
    thin: false,
    reserved: null,
    serial: 'S1',
    names: [{ kind: 'NAA', text: 'naa.6001', hex: '6001' }],
    path: null,
    latencyMs: 1,
    error: null,
    ...change,
  };
}

/** A session that is up. */
export function sampleSession(change: Partial<SessionEntry> = {}): SessionEntry {
  return {
    id: 'session-1',
    number: 1,
    host: '10.0.0.1',
    port: 3260,
    groupTag: 1,
    target: 'iqn.2026-01.test:a',
    alias: null,
    state: 'full',
    logins: 1,
    since: 0,
    openedAt: 0,
    user: null,
    authMethod: 'None',
    targetProven: false,
    headerDigest: 'None',
    dataDigest: 'None',
    error: null,
    luns: [sampleLun()],
    lunsError: null,
    lunsAt: 0,
    scanning: false,
    warnings: [],
    ...change,
  };
}

/** Two sessions through which one disk is reached, under another LUN by the second. */
export function samplePaths(): readonly [SessionEntry, SessionEntry] {
  const luns = [sampleLun({ lun: '0001000000000000', text: '1' })];
  return [sampleSession(), sampleSession({ id: 'session-2', number: 2, host: '10.0.0.2', luns })];
}
