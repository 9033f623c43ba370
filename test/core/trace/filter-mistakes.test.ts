import { describe, expect, it } from 'vitest';
import { completeFilter, FILTER_FIELDS, FilterError, parseFilter } from '../../../core/trace/index.ts';

function faultOf(text: string): FilterError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`"${text}" can be read.`);
}

/** A filter with the suggestion in the place of what is wrong, as the filter bar applies it. */
function mended(text: string): string {
  const { from, to, suggestion = '' } = faultOf(text);
  return text.slice(0, from) + suggestion + text.slice(to);
}

describe("names of Wireshark's that count what a trace does not keep", () => {
  it.each<[string, string, string]>([
    ['frame.number == 5', 'n == 5', 'frame.number counts packets, which a trace does not keep; n counts PDUs, from 1.'],
    [
      'ok && Frame.Number in {1..5}',
      'ok && n in {1..5}',
      'Frame.Number counts packets, which a trace does not keep; n counts PDUs, from 1.',
    ],
    [
      'iscsi.request_frame == 7',
      'request == 7',
      'iscsi.request_frame counts packets, which a trace does not keep; request is the number of the PDU that began the task.',
    ],
    [
      'scsi.response_frame',
      'response',
      'scsi.response_frame counts packets, which a trace does not keep; response is the number of the PDU that ended the task.',
    ],
    [
      'tcp.stream == 1',
      'connection == 1',
      'tcp.stream counts every TCP connection of a capture, and a trace keeps those that carry iSCSI; connection counts these, from 0.',
    ],
    [
      'frame.len > 1000 && ok',
      'pduLength > 1000 && ok',
      'frame.len is the length of a packet, which a trace does not keep; pduLength is that of the PDU.',
    ],
    [
      'frame.time_delta > 0.5',
      'delta > 0.5s',
      'frame.time_delta is the time since the packet before, which a trace does not keep; delta is the time since the PDU before.',
    ],
    [
      'frame.time_delta > 5ms',
      'delta > 5ms',
      'frame.time_delta is the time since the packet before, which a trace does not keep; delta is the time since the PDU before.',
    ],
  ])('%s', (text, right, message) => {
    expect(faultOf(text).message).toBe(message);
    expect(mended(text)).toBe(right);
    expect(() => parseFilter(right)).not.toThrow();
  });

  it('says so where no field comes near', () => {
    expect(faultOf('iscsi.data_in_frame == 9')).toMatchObject({
      message: 'iscsi.data_in_frame counts packets, which a trace does not keep.',
      from: 0,
      to: 19,
      suggestion: undefined,
    });
  });

  it('leaves them out of the table and of completion', () => {
    const gone = /^(?:frame\.(?:number|len|time_delta)|tcp\.stream|i?scsi\.re(?:quest|sponse)_frame)$/u;
    expect(FILTER_FIELDS.flatMap((field) => [field.name, ...field.aliases]).filter((name) => gone.test(name))).toEqual(
      [],
    );
    expect(completeFilter('frame.', 6).proposals.map(({ text }) => text)).toEqual(['frame.time_relative']);
  });
});

describe('free text without its quotes', () => {
  it.each<[string, string]>([
    ['REPORT LUNS', '"REPORT LUNS"'],
    ['  REPORT  LUNS ', '  "REPORT  LUNS" '],
    ['READ CAPACITY', '"READ CAPACITY"'],
    ["'REPORT LUNS'", '"REPORT LUNS"'],
    ['LUN 5 reset', '"LUN 5 reset"'],
    ['back\\slash word', '"back\\\\slash word"'],
    ['größe', '"größe"'],
    ["can't say", '"can\'t say"'],
  ])('%s', (text, right) => {
    expect(mended(text)).toBe(right);
    expect(faultOf(text).message).toMatch(/free text is written in double quotes\.$/u);
    expect(parseFilter(right).kind).toBe('freeText');
  });

  it.each<[string, string, string]>([
    ['error', 'There is no field "error"; free text is written in double quotes.', '"error"'],
    ['iqn.2026-01.test:disk', 'There is no field', '"iqn.2026-01.test:disk"'],
    ['ok && error', 'There is no field "error"; free text is written in double quotes.', 'ok && "error"'],
    ['!(error || ok)', 'There is no field "error"; free text is written in double quotes.', '!("error" || ok)'],
    ['read10', '"read10" is a value of scsi.opcode; free text is written in double quotes.', 'scsi.opcode == read10'],
    ['latencyy', 'There is no field "latencyy"; free text is written in double quotes.', 'latency'],
    ['10.0.0.1', 'An address needs a field beside it.', 'ip.addr == 10.0.0.1'],
    ['fd00::/8', 'An address needs a field beside it.', 'ipv6.addr == fd00::/8'],
  ])('one word: %s', (text, message, right) => {
    expect(faultOf(text).message).toContain(message);
    expect(mended(text)).toBe(right);
    expect(() => parseFilter(right)).not.toThrow();
  });

  it.each<[string, string]>([
    ['error == 5', 'There is no field "error".'],
    ['iscsi.nothing', 'There is no field "iscsi.nothing".'],
    ['lun read', 'The filter is complete before "read".'],
    ['ok latncy', 'The filter is complete before "latncy".'],
    ['host contains abc def', 'The filter is complete before "def".'],
    ['frame.number', 'frame.number counts packets'],
    ['"a', 'A text in quotes has no end.'],
    ['5', '"5" is no field.'],
    ['', 'The filter ends where a field should stand.'],
  ])('is not meant by: %s', (text, message) => {
    expect(faultOf(text).message).toContain(message);
    expect(faultOf(text).message).not.toContain('free text');
  });
});

describe('what is suggested', () => {
  it.each<[string, string]>([
    ['n => 3', 'n >= 3'],
    ['n =< 3', 'n <= 3'],
    ['n = 3', 'n == 3'],
    ['n in {1, 3-5}', 'n in {1, 3..5}'],
    ['text contains \'a "b"\'', 'text contains "a \\"b\\""'],
    ['latency in 1ms..1s', 'latency in {1ms..1s}'],
    ['n in 1, 3', 'n in {1, 3}'],
    ['ok && n in 3', 'ok && n in {3}'],
    ['status == check', 'status == checkCondition'],
    ['n == 1 not ok', 'n == 1 && not ok'],
    ['n == 1 (ok)', 'n == 1 && (ok)'],
    ['iscsi.opcode == 041', 'iscsi.opcode == 0x21'],
    ['n == 09', 'n == 9'],
  ])('for %s can be read: %s', (text, right) => {
    expect(mended(text)).toBe(right);
    expect(() => parseFilter(right)).not.toThrow();
  });

  it.each(['n == 1 == 2', 'n == 1, 2', 'n == 1 foo', 'n == 1 )', 'ok xor n == 2', 'ok ^^ n == 2'])(
    'is nothing for %s',
    (text) => {
      expect(faultOf(text).suggestion).toBeUndefined();
    },
  );

  it('never cuts a character in two', () => {
    const { message, from, to } = faultOf('ok && 😀');
    expect([message, from, to]).toEqual(['"😀" means nothing in a filter.', 6, 8]);
  });

  it('tells how an exclusive or is written', () => {
    expect(faultOf('ok xor n == 2').message).toContain('(a || b) && !(a && b)');
  });
});

describe("what is wrong with a term by Wireshark's names", () => {
  it.each<[string, string, string, string | undefined]>([
    ['ip.scr == 10.0.0.1', 'There is no field "ip.scr".', 'ip.scr', 'ip.src'],
    ['iscsi.isd == 1', 'There is no field "iscsi.isd".', 'iscsi.isd', 'iscsi.isid'],
    ['tcp.srcprt == 1', 'There is no field "tcp.srcprt".', 'tcp.srcprt', 'tcp.srcport'],
    [
      'ip.addr == 10.0.0',
      'ip.addr takes addresses such as 10.0.0.1, and networks such as 10.0.0.0/24.',
      '10.0.0',
      undefined,
    ],
    [
      'ip.addr == 10.0.0.1/33',
      'ip.addr takes addresses such as 10.0.0.1, and networks such as 10.0.0.0/24.',
      '10.0.0.1/33',
      undefined,
    ],
    [
      'ip.addr == 10.0.0.256',
      'ip.addr takes addresses such as 10.0.0.1, and networks such as 10.0.0.0/24.',
      '10.0.0.256',
      undefined,
    ],
    [
      'ipv6.src in {fd00::/8, disk}',
      'ipv6.src takes addresses such as fd00::1, and networks such as fd00::/8.',
      'disk',
      undefined,
    ],
    ['ip.dst == fd00::1', '"fd00::1" is an IPv6 address, and ip.dst holds IPv4 addresses.', 'ip.dst', 'ipv6.dst'],
    [
      'ipv6.addr == 10.0.0.1',
      '"10.0.0.1" is an IPv4 address, and ipv6.addr holds IPv6 addresses.',
      'ipv6.addr',
      'ip.addr',
    ],
    ['ip.src < 10.0.0.0/24', 'A range goes with == and != only.', '10.0.0.0/24', undefined],
    ['ip.src == 10.0.0.9..10.0.0.1', 'The range ends before it begins.', '10.0.0.9', undefined],
    ['iscsi.isid == 80123', 'iscsi.isid takes bytes in hex, such as 80:12:34.', '80123', undefined],
    ['iscsi.isid < 80:12', 'isid is bytes: it takes ==, !=, in, contains and matches.', '<', undefined],
    ['tcp.srcport == http', 'tcp.srcport has no value named "http".', 'http', undefined],
  ])('%s', (expression, message, part, suggestion) => {
    let caught: FilterError | undefined;
    try {
      parseFilter(expression);
    } catch (error) {
      caught = error as FilterError;
    }
    expect(caught).toBeInstanceOf(FilterError);
    expect(caught?.message).toBe(message);
    expect(expression.slice(caught?.from, caught?.to)).toBe(part);
    expect(caught?.suggestion).toBe(suggestion);
    if (suggestion !== undefined)
      expect(() =>
        parseFilter(expression.slice(0, caught?.from) + suggestion + expression.slice(caught?.to)),
      ).not.toThrow(/no field|holds IPv/u);
  });
});

it.each([
  'iscsi.scsicommand.R iscsi.scsicommand.W iscsi.scsiresponse.O iscsi.scsiresponse.U iscsi.scsidata.O iscsi.scsidata.U',
  'scsi_sbc.rdwr6.xferlen iscsi.taskmanfun.referencedtasktag iscsi.logout.response iscsi.text.F iscsi.text.C',
  'iscsi.snack.begrun iscsi.expdatasn',
])('knows %s', (names) => {
  for (const name of names.split(' ')) expect(() => parseFilter(`${name} == 1`), name).not.toThrow();
});
