import { describe, expect, it } from 'vitest';
import { parseFilter, type Trace } from '../../../core/trace/index.ts';
import { ConnectionTest } from '../../../core/trace/filter/ends.ts';
import { captured, four, overFour, range, rowsOf, six } from './filter-scenes.ts';

const trace = captured();
const rows = (expression: string, of = trace): number[] => rowsOf(expression, of);

describe('addresses and ports', () => {
  it.each<[string, number[]]>([
    ['ip.addr == 10.0.0.1', four],
    ['ip.src == 10.0.0.1', [1, 3]],
    ['ip.dst == 10.0.0.1', [2, 4]],
    ['ip.src != 10.0.0.1', [2, 4]],
    ['ip.addr != 10.0.0.1', []],
    ['ip.addr != 10.9.9.9', four],
    ['!(ip.addr == 10.0.0.1)', six],
    ['ip.addr == 10.0.0.0/24', four],
    ['ip.addr == 10.0.1.77/24', four],
    ['ip.src == 10.0.1.0/24', [2, 4]],
    ['ip.addr != 10.0.1.0/24', []],
    ['ip.addr == 10.0.2.0/23', []],
    ['ip.addr == 0.0.0.0/0', four],
    ['ip.src in {10.0.1.0/28, 10.0.0.2}', [2, 4]],
    ['ip.src in {10.0.0.0..10.0.0.9}', [1, 3]],
    ['ip.src == 10.0.0.0 .. 10.0.0.9', [1, 3]],
    ['ip.src < 10.0.1.0', [1, 3]],
    ['ip.src <= 10.0.0.1', [1, 3]],
    ['ip.src > 10.0.0.1', [2, 4]],
    ['ip.dst >= 10.0.1.9', [1, 3]],
    ['ip.addr', four],
    ['ip.src contains "0.1.9"', [2, 4]],
    ['ipv6', six],
    ['ipv6.addr', six],
    ['ipv6.src == fd00::1', [5, 7, 10, 13, 14, 16]],
    ['ipv6.dst == fd00:0:0:0:0:0:0:1', [6, 8, 9, 11, 12, 15, 17]],
    ['ipv6.dst == FD00:0:1::/48 && n < 8', [5, 7]],
    ['ipv6.addr == fd00::/32', six],
    ['ipv6.addr != ::1', six],
    ['host == fd00::1 || host == 10.0.1.9', range(1, 17)],
    ['host != fd00::1', four],
    ['tcp.srcport == 50000', [1, 3]],
    ['tcp.dstport == 50000', [2, 4]],
    ['tcp.srcport in {3260, 3261} && n < 7', [2, 4, 6]],
    ['tcp.srcport > 50000', [5, 7, 10, 13, 14, 16]],
    ['tcp.port == 3261', six],
    ['tcp.port != 3261', four],
    ['!(tcp.port == 3261)', four],
    ['tcp.port in {3000..3260}', four],
    ['tcp.srcport == 3260 && iscsi.opcode == loginResponse', [2]],
    ['connection == 1', six],
  ])('%s', (expression, expected) => {
    expect(rows(expression)).toEqual(expected);
  });

  it('finds the same in a recording', () => {
    for (const expression of [
      'ip.src == 10.0.0.1',
      'tcp.dstport == 50000',
      'iscsi.isid.b == 0x1234',
      'iscsi.tsih != 0',
    ])
      expect(rows(expression, overFour().trace())).toEqual(rows(expression));
  });

  it('answers for connections that came after it was made', () => {
    const leaf = parseFilter('tcp.dstport == 3261') as ConstructorParameters<typeof ConnectionTest>[1];
    const connections = trace.connections.slice(0, 1);
    const test = new ConnectionTest({ connections } as unknown as Trace, leaf, false);
    const mask = new Uint8Array(trace.length);
    connections.push(...trace.connections.slice(1));
    test.fill(trace.pdus.pageOf(0), trace.length, mask);
    expect([...mask].flatMap((one, row) => (one === 1 ? [row + 1] : []))).toEqual([5, 7, 10, 13, 14, 16]);
    expect([0, 4, 5].map((row) => test.test(trace.pdus.pageOf(0), row))).toEqual([false, true, false]);
  });

  it('works an answer out once for each direction of a connection', () => {
    const leaf = parseFilter('ip.src == 10.0.0.1') as ConstructorParameters<typeof ConnectionTest>[1];
    let looked = 0;
    const watched = new Proxy(trace.connections, {
      get: (list, key) => {
        if (/^\d+$/u.test(String(key))) looked += 1;
        return Reflect.get(list, key) as unknown;
      },
    });
    const test = new ConnectionTest({ connections: watched } as unknown as Trace, leaf, false);
    const mask = new Uint8Array(trace.length);
    test.fill(trace.pdus.pageOf(0), trace.length, mask);
    test.fill(trace.pdus.pageOf(0), trace.length, mask);
    expect([...mask].flatMap((one, row) => (one === 1 ? [row + 1] : []))).toEqual([1, 3]);
    expect(looked).toBe(4);
  });
});
