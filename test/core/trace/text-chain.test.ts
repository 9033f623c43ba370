import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildPdu, type TextPair } from '../../../core/pdu/index.ts';
import {
  compileFilter,
  describeRow,
  LineExport,
  matchRows,
  parseFilter,
  pduTree,
  rowToJson,
  type DecodedRow,
  type Trace,
} from '../../../core/trace/index.ts';
import { PSH, ACK } from '../../trace/packet-builder.ts';
import { findNode } from './field-nodes.ts';
import { raw, text, Wire } from './wire.ts';

const RESPONSE = '0x5ec2e7f00dbadcab1e';
const TEXT = `CHAP_N=host\0CHAP_R=${RESPONSE}\0CHAP_I=9\0`;

/** A capture of a login whose text is cut at these places. */
const cutAt = (...places: readonly number[]): Trace => cutText(TEXT, places);

function cutText(whole: string, places: readonly number[]): Trace {
  const wire = new Wire().handshake();
  const bytes = text(whole);
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
      { key: 'CHAP_R', value: RESPONSE },
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
      text: '(20 characters, not shown)',
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

describe('a value that is cut', () => {
  const NAME = 'iqn.2026-01.example:günther';
  const WHOLE = `InitiatorName=iqn.a:h\0TargetName=${NAME}\0SessionType=Normal\0`;
  const bytesTo = (part: string): number => text(WHOLE.slice(0, WHOLE.indexOf(part) + part.length)).length;
  // The second cut lies within a letter of two bytes.
  const cut = (): Trace => cutText(WHOLE, [bytesTo('TargetName=iqn.'), bytesTo('example:g') + 1]);
  const keysOf = (trace: Trace, row: number): readonly TextPair[] => rowToJson(trace, row).keys ?? [];

  it('is whole in the PDU that ends it', () => {
    const trace = cut();
    expect(keysOf(trace, 0)[1]).toEqual({ key: 'TargetName', value: 'iqn.' });
    expect(keysOf(trace, 4)).toEqual([
      { key: 'TargetName', value: NAME },
      { key: 'SessionType', value: 'Normal' },
    ]);
    expect(describeRow(trace, 4)).toContain(`TargetName=${NAME} SessionType=Normal`);
    expect(findNode(pduTree(trace, 4), 'TargetName')).toMatchObject({ value: NAME, offset: 48 });
  });

  it('is found there', () => {
    const trace = cut();
    const found = (filter: string): readonly number[] => matchRows(compileFilter(parseFilter(filter), trace), trace);
    expect([...found(`iscsi.keyvalue == "TargetName=${NAME}"`)]).toEqual([4]);
    expect([...found('iscsi.keyvalue contains "example:gü"')]).toEqual([4]);
  });

  it('has one stand-in in lines that are safe to share', () => {
    const hash = (value: string): Uint8Array => createHash('sha256').update(value).digest();
    const told = (trace: Trace, row: number): string => {
      const { keys } = JSON.parse(new LineExport(trace, 'jsonl', hash).line(row)) as DecodedRow;
      return keys?.find(({ key }) => key === 'TargetName')?.value ?? '';
    };
    const whole = told(cutText(WHOLE, []), 0);
    expect(whole).toMatch(/^iqn\.[a-z0-9]{24}$/u);
    expect(told(cut(), 4)).toBe(whole);
    const lines = new LineExport(cut(), 'jsonl', hash);
    expect([0, 2, 4].map((row) => lines.line(row)).join('')).not.toMatch(/2026|example|nther/u);
  });

  it('is told as far as it stands in a PDU where it is too long', () => {
    const long = cutText(`X-a=${'y'.repeat(90_000)}\0`, [40_000, 80_000]);
    const lengths = requests(long).map((row) => keysOf(long, row).map(({ key, value }) => `${key} ${value.length}`));
    expect(lengths).toEqual([['X-a 39996'], ['X-a 79996'], ['X-a 10004']]);
  });
});
