import type { Account } from './tgt.ts';

/** One logical unit of an istgt target. */
export interface IstgtLun {
  readonly lun: number;
  readonly file: string;
  readonly sizeBytes: number;
}

/** One target of an istgt. */
export interface IstgtTarget {
  /** The part after the node base; istgt joins them with a colon. */
  readonly name: string;
  readonly luns: readonly IstgtLun[];
  readonly unit?: 'Disk' | 'DVD' | 'Tape';
  readonly blockSize?: 512 | 4096;
  readonly account?: Account;
  readonly outgoing?: Account;
  /** Digests the target insists on. */
  readonly forceDigests?: readonly ('Header' | 'Data')[];
  /** The only initiator name let in; everyone by default. */
  readonly onlyInitiator?: string;
  /** Reachable through the second portal group as well. */
  readonly bothPortals?: boolean;
}

export interface IstgtLayout {
  readonly folder: string;
  readonly ports: readonly [number, number];
  readonly targets: readonly IstgtTarget[];
}

export const istgtNodeBase = 'iqn.2026-01.test.istgt';

const limits = `  MaxSessions 64
  MaxConnections 4
  MaxR2T 32
  MaxOutstandingR2T 16
  DefaultTime2Wait 2
  DefaultTime2Retain 60
  FirstBurstLength 262144
  MaxBurstLength 1048576
  MaxRecvDataSegmentLength 262144
  InitialR2T Yes
  ImmediateData Yes
  DataPDUInOrder Yes
  DataSequenceInOrder Yes
  ErrorRecoveryLevel 0`;

/** Writes istgt's configuration file. */
export function istgtConfig(layout: IstgtLayout): string {
  const { folder, ports } = layout;
  const portals = ports.map(
    (port, index) => `[PortalGroup${String(index + 1)}]\n  Portal DA${String(index + 1)} 127.0.0.1:${String(port)}`,
  );
  return `[Global]
  Comment "loopback"
  NodeBase "${istgtNodeBase}"
  PidFile ${folder}/istgt.pid
  AuthFile ${folder}/auth.conf
  MediaDirectory ${folder}
  LogFacility "local7"
  Timeout 30
  NopInInterval 20
  DiscoveryAuthMethod Auto
${limits}
[UnitControl]
${portals.join('\n')}
${initiatorGroup(1, 'ALL')}${layout.targets.map(({ onlyInitiator }, index) => (onlyInitiator === undefined ? '' : initiatorGroup(index + 2, onlyInitiator))).join('')}${layout.targets.map((target, index) => unitSection(target, index + 1, folder)).join('')}`;
}

/** Writes istgt's file of CHAP accounts, one group per target that has any. */
export function istgtAuth(targets: readonly IstgtTarget[]): string {
  return targets
    .map(({ account, outgoing }, index) => {
      if (account === undefined) return '';
      const mutual = outgoing === undefined ? '' : ` "${outgoing.user}" "${outgoing.password}"`;
      return `[AuthGroup${String(index + 1)}]\n  Auth "${account.user}" "${account.password}"${mutual}\n`;
    })
    .join('');
}

function initiatorGroup(number: number, name: string): string {
  return `[InitiatorGroup${String(number)}]\n  InitiatorName "${name}"\n  Netmask 127.0.0.0/8\n`;
}

function unitSection(target: IstgtTarget, number: number, folder: string): string {
  const unit = target.unit ?? 'Disk';
  const group = `InitiatorGroup${String(target.onlyInitiator === undefined ? 1 : number + 1)}`;
  const lines = [`TargetName ${target.name}`, `Mapping PortalGroup1 ${group}`];
  if (target.bothPortals === true) lines.push(`Mapping PortalGroup2 ${group}`);
  if (target.account === undefined) lines.push('AuthMethod None');
  else {
    lines.push(`AuthMethod CHAP${target.outgoing === undefined ? '' : ' Mutual'}`);
    lines.push(`AuthGroup AuthGroup${String(number)}`);
  }
  lines.push(`UseDigest ${target.forceDigests === undefined ? 'Auto' : target.forceDigests.join(' ')}`);
  lines.push(`UnitType ${unit}`);
  if (target.blockSize !== undefined) lines.push(`BlockLength ${String(target.blockSize)}`);
  if (unit === 'Disk') lines.push('QueueDepth 32');
  for (const { lun, file, sizeBytes } of target.luns) {
    const path = `${folder}/${file}`;
    const size = `${String(sizeBytes / (1 << 20))}MB`;
    const backing = {
      Disk: `Storage ${path} ${size}`,
      DVD: `Removable ro ${path} Auto`,
      Tape: `Removable rw,extend ${path} ${size}`,
    };
    lines.push(`LUN${String(lun)} ${backing[unit]}`);
  }
  return `[LogicalUnit${String(number)}]\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
