import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportTraceFile } from '../../core/node/trace-export.ts';
import { compileFilter, matchRows, parseFilter, type Trace } from '../../core/trace/index.ts';
import { runOk } from '../support/real/child.ts';
import { requireTool } from '../support/real/tools.ts';
import { capturePorts, tsharkFacts } from '../support/real/tshark-facts.ts';
import { pairRows } from './pair-rows.ts';

/** Filters whose terms are about one PDU here and in Wireshark, which reads them word for word. */
export const SHARED_FILTERS: readonly string[] = [
  'ip',
  'ip.addr == 10.1.0.1',
  'ip.addr == 127.0.0.0/8',
  'ip.addr == 10.1.0.200/24',
  'ip.addr != 10.1.0.1',
  '!(ip.addr == 10.1.0.1)',
  'ip.src == 10.1.0.1',
  'ip.dst == 10.1.0.1',
  'ip.src != 10.1.0.1',
  'ip.src > 10.1.0.1',
  'ip.src in {10.1.0.0/31, 10.1.0.9}',
  'ip.src in {10.1.0.2..10.1.0.3}',
  'ipv6',
  'ipv6.addr == fd00::/16',
  'ipv6.addr != fd00::2',
  'ipv6.addr != fd00::9',
  'ipv6.src == fd00::1',
  'ipv6.dst == fd00::1',
  'ipv6.src < fd00::2',
  'tcp.port == 3260',
  'tcp.port != 3260',
  '!(tcp.port == 3260)',
  'tcp.port in {13260, 13261}',
  'tcp.srcport == 3260',
  'tcp.srcport > 40000',
  'tcp.srcport in {3260..13260}',
  'tcp.dstport == 13260 && tcp.srcport != 40800',
  'iscsi.isid',
  'iscsi.isid == 80:12:34:57:00:02',
  'iscsi.isid != 80:12:34:57:00:02',
  'iscsi.isid == 801234570002',
  'iscsi.isid in {80:12:34:57:00:02, 80:f7:91:43:00:00}',
  'iscsi.isid contains 34:57',
  'iscsi.isid.t == 2',
  'iscsi.isid.a == 0',
  'iscsi.isid.b == 0x1234',
  'iscsi.isid.c != 0x57',
  'iscsi.isid.d == 1',
  'iscsi.tsih != 0',
  'iscsi.tsih == 0x4a01',
  'iscsi.cid',
  'iscsi.cid == 1',
  'iscsi.cid != 1',
  'iscsi.versionmax == 0',
  'iscsi.versionmin',
  'iscsi.versionactive == 0',
  'iscsi.login.T == 1 && iscsi.login.csg == 1',
  'iscsi.login.nsg == 3',
  'iscsi.login.nsg == 0',
  'iscsi.login.status > 0',
  'iscsi.text.F == 1',
  'iscsi.text.C == 0',
  'iscsi.keyvalue',
  'iscsi.keyvalue contains "HeaderDigest"',
  'iscsi.scsicommand.R == 1',
  'iscsi.scsicommand.W == 1 && iscsi.scsicommand.F == 1',
  'iscsi.scsicommand.attr == 1',
  'iscsi.scsicommand.attr != 0',
  'iscsi.scsidata.F == 1',
  'iscsi.scsidata.A == 0',
  'iscsi.scsidata.S == 1',
  'iscsi.scsidata.U == 1 || iscsi.scsidata.O == 1',
  'iscsi.scsidata.readresidualcount > 0',
  'iscsi.scsiresponse.U == 1',
  'iscsi.scsiresponse.O == 1',
  'iscsi.scsiresponse.o == 1 || iscsi.scsiresponse.u == 1',
  'iscsi.scsiresponse.bidireadresidualcount == 0',
  'iscsi.scsiresponse.response == 0 && iscsi.opcode == 0x21',
  'iscsi.scsiresponse.status == 2 && iscsi.opcode == 0x21',
  'iscsi.scsiresponse.senselength > 0',
  'scsi.sns.errtype == 0x70',
  'iscsi.expdatasn > 0 && iscsi.opcode == 0x21',
  'iscsi.datasn > 0',
  'iscsi.r2tsn',
  'iscsi.bufferOffset >= 4096',
  'iscsi.desireddatalength > 4096',
  'iscsi.cmdsn > 4 && !(iscsi.statsn)',
  'iscsi.logout.reason == 0',
  'iscsi.logout.response == 0 && iscsi.opcode == 0x26',
  'iscsi.time2wait == 0',
  'iscsi.time2retain',
  'iscsi.taskmanfun.referencedtasktag',
  'iscsi.refcmdsn == 0',
  'iscsi.taskmanfun.function == 1',
  'iscsi.reject.reason != 9',
  'iscsi.reject.reason',
  'iscsi.asyncevent',
  'iscsi.parameter1 || iscsi.eventvendorcode',
  'iscsi.pingdata',
  'iscsi.pingdata contains 00',
  'iscsi.immediatedata',
  'scsi_sbc.rdwr10.lba == 0 && scsi_sbc.opcode == 0x28 && iscsi.opcode == 1',
  'scsi_sbc.fua == 0 && iscsi.opcode == 1',
  'scsi_sbc.rdprotect == 0 && iscsi.opcode == 1',
  'scsi_sbc.group == 0 && scsi_sbc.rdwr10.xferlen > 8 && scsi_sbc.opcode == 0x28 && iscsi.opcode == 1',
  'scsi.inquiry.evpd.pagecode == 0x83 && iscsi.opcode == 1',
  'scsi.cdb.alloclen16 > 100 && scsi_sbc.opcode == 0x12 && iscsi.opcode == 1',
  'scsi.cdb.control == 0 && scsi_sbc.opcode == 0x28 && iscsi.opcode == 1',
];

/** What a comparison of filters came to. */
export interface FilterTally {
  filters: number;
  /** PDUs that were let through by both. */
  chosen: number;
  readonly disagreements: string[];
}

/** A trace to be filtered and what it goes by. */
export interface NamedTrace {
  readonly name: string;
  readonly trace: Trace;
}

const decodeAs = [...capturePorts, 3260].flatMap((port) => ['-d', `tcp.port==${port},iscsi`]);

async function framesOf(path: string, filter: string): Promise<Set<number>> {
  const wide = ['-o', 'iscsi.bogus_pdu_max_data_len:16777216'];
  const args = ['-r', path, ...decodeAs, ...wide, '-Y', `iscsi && (${filter})`, '-T', 'fields', '-e', 'frame.number'];
  const out = await runOk(requireTool('tshark'), args, { timeoutMs: 300_000 });
  return new Set(
    out
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
}

/**
 * Exports traces, whose connections have ports of their own, into one capture and holds what each filter lets through
 * against what `tshark -Y` lets through: in an export a packet ends at most one PDU.
 */
export async function compareFilters(
  traces: readonly NamedTrace[],
  filters: readonly string[],
  scratch: string,
  into: FilterTally,
): Promise<void> {
  const path = join(scratch, 'filtered.pcapng');
  const sections: Buffer[] = [];
  for (const { trace } of traces) {
    const one = join(scratch, 'section.pcapng');
    await exportTraceFile(trace, one);
    sections.push(await readFile(one));
  }
  await writeFile(path, Buffer.concat(sections));
  const facts = await tsharkFacts(path, [...capturePorts, 3260]);
  const inFrame = new Map<number, number>();
  for (const { frame } of facts) inFrame.set(frame, (inFrame.get(frame) ?? 0) + 1);
  const known = traces.map(({ name, trace }) => {
    const ports = new Set(trace.connections.map(({ endpoints }) => endpoints.initiatorPort));
    const own = facts.filter((fact) => ports.has(fact.fromPort) || ports.has(fact.toPort));
    // A Reject shares its frame with the header it quotes, which tshark takes for a PDU.
    const frames = pairRows(trace, own).map((fact) => (fact && inFrame.get(fact.frame) === 1 ? fact.frame : undefined));
    return { name, trace, frames };
  });
  for (const filter of filters) {
    const theirs = await framesOf(path, filter);
    into.filters += 1;
    for (const { name, trace, frames } of known) {
      const ours = new Set(matchRows(compileFilter(parseFilter(filter), trace), trace));
      frames.forEach((frame, row) => {
        if (frame === undefined) return;
        if (ours.has(row) && theirs.has(frame)) into.chosen += 1;
        if (ours.has(row) !== theirs.has(frame))
          into.disagreements.push(
            `${name}: ${filter}: PDU ${row + 1} (frame ${frame}) is let through by ${ours.has(row) ? 'us' : 'tshark'} alone`,
          );
      });
    }
  }
}

/** Traces in batches in which no two connections share a port of the initiator. */
export function batchesOf(traces: readonly NamedTrace[]): NamedTrace[][] {
  const batches: { readonly ports: Set<number>; readonly traces: NamedTrace[] }[] = [];
  for (const one of traces) {
    const ports = one.trace.connections.map(({ endpoints }) => endpoints.initiatorPort);
    let batch = batches.find((known) => !ports.some((port) => known.ports.has(port)));
    if (batch === undefined) batches.push((batch = { ports: new Set(), traces: [] }));
    for (const port of ports) batch.ports.add(port);
    batch.traces.push(one);
  }
  return batches.map((batch) => batch.traces);
}
