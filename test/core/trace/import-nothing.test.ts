import { describe, expect, it } from 'vitest';
import { exportPcapng, type Trace } from '../../../core/trace/index.ts';
import { ACK, PSH } from '../../trace/packet-builder.ts';
import { readTrace } from './scene.ts';
import { simple, text, Wire } from './wire.ts';

const notes = (trace: Trace): string[] => trace.notes.map((note) => note.text);

describe('a capture that gives no PDU', () => {
  it('is told from one that was not read', () => {
    const other = new Wire().handshake();
    expect(notes(other.read())).toEqual(['No iSCSI was found in the 3 packets of the capture.']);
    other.push(0, PSH | ACK, text('GET / HTTP/1.1\r\n\r\n'));
    expect(notes(other.read())).toEqual(['No iSCSI was found in the 4 packets of the capture.']);
    expect(notes(new Wire().push(1, PSH | ACK, text('OK')).read())).toEqual([
      'No iSCSI was found in the one packet of the capture.',
    ]);
  });

  it('may have no packets', () => {
    expect(notes(new Wire().read())).toEqual(['The capture has no packets.']);
    const bytes = Uint8Array.from([...exportPcapng(new Wire().read())].flatMap((block) => [...block]));
    expect(notes(readTrace(bytes).trace)).toEqual(['The capture has no packets.']);
  });

  it('is not what has a PDU', () => {
    expect(notes(simple(new Wire()).read())).toEqual([]);
  });
});
