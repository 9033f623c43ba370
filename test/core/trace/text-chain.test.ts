import { describe, expect, it } from 'vitest';
import { buildPdu } from '../../../core/pdu/index.ts';
import { describeRow, pduTree, rowToJson, type Trace } from '../../../core/trace/index.ts';
import { PSH, ACK } from '../../trace/packet-builder.ts';
import { findNode } from './field-nodes.ts';
import { raw, text, Wire } from './wire.ts';

const RESPONSE = '0x5ec2e7f00dbadcab1e';
const TEXT = `CHAP_N=host\0CHAP_R=${RESPONSE}\0CHAP_I=9\0`;

/** A capture of a login whose text is cut at these places. */
function cutAt(...places: readonly number[]): Trace {
  const wire = new Wire().handshake();
  const bytes = text(TEXT);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    const last = to === bytes.length;
    const fields = { continue: !last, transit: last, csg: 0, nsg: 1, itt: 1, immediate: true, cmdSn: 1 } as const;
    wire.push(0, PSH | ACK, raw(buildPdu('loginRequest', fields, bytes.slice(from, to))));
    const answer = { csg: 0, nsg: 1, itt: 1, statSn: from, expCmdSn: 1, maxCmdSn: 32 } as const;
    wire.push(1, PSH | ACK, raw(buildPdu('loginResponse', answer)));
    from = to;
  }
  return wire.read();
}

const requests = (trace: Trace): number[] =>
  Array.from({ length: trace.length }, (_, row) => row).filter((row) => row % 2 === 0);
const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? '' : each));

describe('text that goes on in another PDU', () => {
  it('shows no part of a secret, wherever it is cut', () => {
    for (let place = 1; place < TEXT.length; place += 1) {
      const trace = cutAt(place, Math.min(TEXT.length - 1, place + 5));
      const told = requests(trace)
        .flatMap((row) => [describeRow(trace, row), plain(rowToJson(trace, row)), plain(pduTree(trace, row))])
        .join('\n');
      for (let from = 2; from + 4 <= RESPONSE.length; from += 1)
        expect(told).not.toContain(RESPONSE.slice(from, from + 4));
    }
  });

  it('shows all of it where it is asked for', () => {
    const trace = cutAt(15, 27);
    const keys = requests(trace).flatMap((row) => rowToJson(trace, row, { secrets: true }).keys ?? []);
    expect(keys).toEqual([
      { key: 'CHAP_N', value: 'host' },
      { key: 'CHA', value: '' },
      { key: 'CHAP_R', value: '0x5ec2e7' },
      { key: 'CHAP_R', value: 'f00dbadcab1e' },
      { key: 'CHAP_I', value: '9' },
    ]);
  });

  it('is named by its key in the fields of every PDU it is in', () => {
    const trace = cutAt(15, 27);
    expect(findNode(pduTree(trace, 0), 'CHA')).toMatchObject({ text: 'goes on in another PDU', length: 3 });
    expect(findNode(pduTree(trace, 2), 'CHAP_R')).toMatchObject({
      label: 'CHAP_R, begun in another PDU',
      offset: 48,
      length: 12,
    });
    expect(findNode(pduTree(trace, 4), 'CHAP_R')).toMatchObject({
      offset: 48,
      length: 12,
      text: '(12 characters, not shown)',
    });
  });

  it('begins anew behind a pair that was whole', () => {
    const keys = (trace: Trace): string[] =>
      requests(trace).flatMap((row) => (rowToJson(trace, row).keys ?? []).map(({ key }) => key));
    const border = TEXT.indexOf('\0');
    expect(keys(cutAt(border))).toEqual(['CHAP_N', 'CHAP_R', 'CHAP_I']);
    expect(keys(cutAt(border + 1))).toEqual(['CHAP_N', 'CHAP_R', 'CHAP_I']);
  });
});
