import { stat } from 'node:fs/promises';
import { runOk, startChild } from './child.ts';
import { requireTool } from './tools.ts';
import { waitFor } from './wait.ts';

/** A running recording of what crosses the loopback on given ports. */
export interface Capture {
  readonly file: string;
  /** Ends the recording once dumpcap has written all it saw. */
  stop(): Promise<void>;
}

/** This user may not record packets; a reason to skip, like a missing program. */
export class CaptureForbidden extends Error {
  constructor() {
    super('this user may not record packets: be root, or setcap cap_net_raw,cap_net_admin+eip /usr/bin/dumpcap');
    this.name = 'CaptureForbidden';
  }
}

/** Records TCP on the loopback with dumpcap (needs the right to capture: root, or CAP_NET_RAW on dumpcap). */
export async function startCapture(file: string, ports: readonly number[]): Promise<Capture> {
  const filter = ports.map((port) => `tcp port ${String(port)}`).join(' or ');
  // A packet block is flushed once a second; -P off keeps pcapng, which names the interface.
  const child = startChild(requireTool('dumpcap'), ['-i', 'lo', '-q', '-f', filter, '-w', file]);
  await waitFor('dumpcap recording', async () => {
    if (/permission/i.test(child.output())) {
      await child.kill();
      throw new CaptureForbidden();
    }
    if (!child.running()) throw new Error(`dumpcap ended at start:\n${child.output()}`);
    return child.output().includes('File:') && (await stat(file).catch(() => undefined)) !== undefined;
  });
  return {
    file,
    stop: async () => {
      child.signal('SIGINT');
      await child.exited;
    },
  };
}

/** The rows tshark prints for the given fields of the iSCSI frames of a capture, one array of columns per frame. */
export async function tsharkFields(
  file: string,
  ports: readonly number[],
  fields: readonly string[],
  filter = 'iscsi',
): Promise<string[][]> {
  const decodeAs = ports.flatMap((port) => ['-d', `tcp.port==${String(port)},iscsi`]);
  const columns = [
    '-T',
    'fields',
    '-E',
    'separator=/t',
    '-E',
    'aggregator=,',
    ...fields.flatMap((field) => ['-e', field]),
  ];
  const wide = ['-o', 'iscsi.bogus_pdu_max_data_len:16777216'];
  const args = ['-r', file, ...decodeAs, ...wide, '-Y', filter, ...columns];
  const text = await runOk(requireTool('tshark'), args, { timeoutMs: 120_000 });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}
