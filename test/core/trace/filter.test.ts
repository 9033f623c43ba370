import { describe, expect, it } from 'vitest';
import {
  compileFilter,
  FILTER_FIELDS,
  FilterError,
  matchRows,
  needsFile,
  parseFilter,
  type Trace,
} from '../../../core/trace/index.ts';
import { findField } from '../../../core/trace/filter/fields.ts';
import { pduReaderOf, taskReaderOf } from '../../../core/trace/filter/readers.ts';
import { Scene, senseBytes } from './scene.ts';

const lun = (number: number): bigint => BigInt(number) << 48n;

/** Rows: 1-2 login, 3-4 read ok on LUN 0, 5-6 read failed on LUN 1, 7-10 write, 11-12 ping, 13 async, 14-15 READ CAPACITY(16), 16 open. */
function sample(): Trace {
  const scene = new Scene(
    {},
    { initiatorHost: '10.0.0.1', initiatorPort: 50_000, targetHost: 'fd00::9', targetPort: 3260 },
  );
  scene.login({ HeaderDigest: 'None' }, { HeaderDigest: 'None' }).read();
  const failed = scene.command([0x28, 0, 0, 0, 1, 0, 0, 0, 4], {
    read: true,
    expectedDataTransferLength: 2048,
    lun: lun(1),
  });
  scene.wait(40).respond(failed, 2, senseBytes(3, 0x11, 1), { underflow: true, residualCount: 2048 });
  scene.write();
  scene.pdu('nopOut', { immediate: true, itt: 900, ttt: 0xffffffff }, new TextEncoder().encode('Hello ping'));
  scene.pdu('nopIn', { itt: 900, ttt: 0xffffffff }, new TextEncoder().encode('Hello ping'));
  scene.pdu('asyncMessage', { itt: 0xffffffff, event: 1 });
  const capacity = scene.command([0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32], {
    read: true,
    expectedDataTransferLength: 32,
    lun: lun(0),
  });
  scene.pdu('dataIn', { final: true, hasStatus: true, itt: capacity, ttt: 0xffffffff }, new Uint8Array(32));
  scene.command([0]);
  return scene.trace();
}

const trace = sample();

function rows(text: string, from = 0): number[] {
  return matchRows(compileFilter(parseFilter(text), trace), trace, from).map((row) => row + 1);
}

const all = Array.from({ length: 16 }, (_, i) => i + 1);

describe('filters', () => {
  it.each<[string, number[]]>([
    ['scsi.opcode == read10 && latency > 20ms && lun in {0, 1} && !ok', [5, 6]],
    ['scsi.opcode == read10 && latency > 20 ms && lun in {0, 1} && !ok', [5, 6]],
    ['latency in {20 ms .. 1 min} && !ok', [5, 6]],
    ['scsi.opcode == read10', [3, 4, 5, 6]],
    ['scsi.opcode == readCapacity16', [14, 15]],
    ['scsi.opcode == READ_CAPACITY(16) || n == 1', [1, 14, 15]],
    ['scsi.opcode in {READ(10), WRITE(10)}', [3, 4, 5, 6, 7, 8, 9, 10]],
    ['n not in {2..15}', [1, 16]],
    ['!(n not in {2, 3}) && n NOT in {3}', [2]],
    ['keys == "HeaderDigest=None"', [1, 2]],
    // All of them differ, as in Wireshark.
    ['keys != "HeaderDigest=None"', []],
    ['keys != "HeaderDigest=CRC32C"', [1, 2]],
    ['text matches "(?i)read capacity"', [14]],
    ['text matches "(?-i)read capacity"', []],
    ['text matches "(?-i)READ CAPACITY"', [14]],
    ['scsi.opcode != readCapacity16', [3, 4, 5, 6, 7, 8, 9, 10, 16]],
    ['scsi.opcode in {readCapacity16, write10}', [7, 8, 9, 10, 14, 15]],
    ['scsi.opcode == 0x9e', [14, 15]],
    ['scsi.opcode >= 0x2a and scsi.opcode <= 0x9e', [7, 8, 9, 10, 14, 15]],
    ['opcode == dataIn || opcode == readyToTransfer', [4, 8, 15]],
    ['iscsi.opcode == 0x25', [4, 15]],
    ['iscsi.cmdsn == 3', [7]],
    ['iscsi.initiatortasktag == 900', [11, 12]],
    ['scsi_sbc.rdwr10.lba == 0x100', [5, 6]],
    ['lba in {0..8, 256}', [3, 4, 5, 6]],
    ['lba == 0..300', [3, 4, 5, 6, 7, 8, 9, 10]],
    ['blocks >= 2', [5, 6, 7, 8, 9, 10]],
    ['status == checkCondition', [5, 6]],
    ['status == "CHECK CONDITION"', [5, 6]],
    ['scsi.status', [3, 4, 5, 6, 7, 8, 9, 10, 14, 15]],
    ['sense.key == mediumError && sense.asc == 0x11 && sense.ascq == 1 && sense.code == 0x1101', [5, 6]],
    ['failed', [5, 6]],
    ['!answered', [13, 16]],
    ['answered == false', [16]],
    ['ok', [1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 14, 15]],
    ['not (ok or failed)', [13, 16]],
    ['dir == in && length > 16', [2, 4, 6, 15]],
    ['dir == out', [1, 3, 5, 7, 9, 11, 14, 16]],
    ['n <= 2', [1, 2]],
    ['n > 4 && n < 7', [5, 6]],
    ['n in {1, 3..4}', [1, 3, 4]],
    ['time > 0.04s', [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]],
    ['time < 50us', [1]],
    ['time == 0', [1]],
    ['frame.time_relative < 0.00005', [1]],
    ['frame.time_relative == 0.0001', [2]],
    ['iscsi.time > 0.02', [5, 6]],
    ['latency < 150us', [1, 2, 3, 4, 11, 12, 14, 15]],
    ['immediate', [1, 11]],
    ['iscsi.scsidata.S', [4, 15]],
    ['dataStatus == 0', []],
    ['login.T == true && login.csg == operational && login.nsg == full', [1, 2]],
    ['login.status == 0', [2]],
    ['async == targetRequestsLogout', [13]],
    ['r2tSn == 0', [8]],
    ['desired == 1k', [8]],
    ['bufferOffset >= 0', [4, 8, 9, 15]],
    ['ttt == 5', [8, 9]],
    ['expected == 2k', [5, 6]],
    ['bytes >= 1KB', [7, 8, 9, 10]],
    ['r2ts == 1', [7, 8, 9, 10]],
    ['pdus == 4', [7, 8, 9, 10]],
    ['pdus == 1', [16]],
    ['residual == 2048', [5, 6]],
    ['underflow', [5, 6]],
    ['write', [7, 8, 9, 10]],
    ['read && lun == 1', [5, 6]],
    ['lun != 0', [5, 6]],
    ['task == 0', [1, 2]],
    ['serviceAction == 0x10', [14, 15]],
    ['queued > 0', []],
    ['connection == 0', all],
    ['host == "fd00::9"', all],
    ['ip.addr contains "10.0"', all],
    ['tcp.port == 3260', all],
    ['port in {1..2}', []],
    ['port', all],
    ['targetName contains disk && initiatorName matches "HOST$"', all],
    ['iscsi.targetname != "iqn.2026-01.test:disk"', []],
    ['ip.addr == 10.0.0.1', all],
    ['ipv6.addr == fd00::9', all],
    ['ip.addr == 10.0.0.11 || ipv6.addr == fe80::1 || ipv6.addr == ::1 || host == 2001:db8:0:0:0:0:0:1', []],
    ['data contains "Hello"', [11, 12]],
    ['data contains 48:65:6c', [11, 12]],
    ['!(data contains "Hello") && opcode == nopOut', []],
    ['data matches "hel+o p" && dir == in', [12]],
    ['header contains 00:00:03:84', [11, 12]],
    ['keys contains "headerdigest="', [1, 2]],
    ['keys matches "^TargetName"', [1]],
    ['keys contains 4e:6f:6e:65', [1, 2]],
    ['text contains "medium error"', [6]],
    ['"hello"', [11, 12]],
    ['"READ CAPACITY"', [14]],
    ['! "a" && n <= 3', []],
    ['digestError || gap || cut || malformed || overflow || rejected || orphan', []],
    ['tmf || snack || logout.reason || reject || tmf.response', []],
    ['statSn == 2 && expCmdSn > 0 && maxCmdSn > 0', [4]],
    ['expStatSn == 2 && final', [3]],
    ['flags == 0x80 && ahsLength == 0 && dataSn == 0', [9]],
  ])('%s', (text, expected) => {
    expect(rows(text)).toEqual(expected);
  });

  it('starts where it is told to', () => {
    expect(rows('ok', 8)).toEqual([9, 10, 11, 12, 14, 15]);
  });

  it('knows which terms read the file', () => {
    expect(needsFile(parseFilter('ok && lun == 0'))).toBe(false);
    expect(needsFile(parseFilter('ok && !(data contains "x")'))).toBe(true);
    expect(compileFilter(parseFilter('"x"'), trace).streams).toBe(true);
  });

  it('takes numbers for what they say, up to the last of 64 bits', () => {
    const limits = (text: string): unknown =>
      JSON.parse(
        JSON.stringify(parseFilter(text), (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
      );
    for (const [written, meant] of [
      ['length > 1.001MB', 'length > 1001000'],
      ['length > 4.1GB', 'length > 4100000000'],
      ['length > 0.5k', 'length > 512'],
      ['itt == 7.0', 'itt == 7'],
      ['lba == 18446744073709551615', 'lba == 0XFFFFFFFFFFFFFFFF'],
    ] as const)
      expect(limits(written)).toEqual(limits(meant.padEnd(written.length)));
  });

  it('has a reader for every field of the index and the tasks', () => {
    for (const field of FILTER_FIELDS) {
      if (field.level === 'pdu') expect(() => pduReaderOf(field), field.name).not.toThrow();
      if (field.level === 'task') expect(() => taskReaderOf(field), field.name).not.toThrow();
    }
  });

  it('finds every field by each of its names, and has no name twice', () => {
    const names = FILTER_FIELDS.flatMap((field) => [field.name, ...field.aliases].map((name) => ({ name, field })));
    for (const { name, field } of names) expect(findField(name), name).toBe(field);
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length);
    expect(findField('ISCSI.CMDSN')).toBe(findField('cmdSn'));
  });
});

describe('what is wrong with a filter', () => {
  it.each<[string, string, number, number, string | undefined]>([
    ['latencyy > 2ms', 'There is no field "latencyy".', 0, 8, 'latency'],
    ['scsi.opcode == raed10', 'scsi.opcode has no value named "raed10".', 15, 21, 'read10'],
    ['latency > 20', 'latency needs a unit: ns, us, ms or s.', 10, 12, '20ms'],
    ['latency > 20 xs', 'latency needs a unit: ns, us, ms or s.', 10, 12, '20ms'],
    ['latency > 20xs', '"xs" is no unit of time.', 10, 14, '20ms'],
    ['lun = 1', '"=" means nothing in a filter.', 4, 5, '=='],
    ['lun == 1 lun == 2', 'The filter is complete before "lun".', 9, 12, '&& lun'],
    ['(ok', '")" is missing to close the bracket.', 3, 3, ')'],
    ['ok)', 'The filter is complete before ")".', 2, 3, undefined],
    ['ok &&', 'The filter ends where a field should stand.', 5, 5, undefined],
    ['&& ok', '"&&" is no field.', 0, 2, undefined],
    ['lun in 1', '"{" is missing to open the set.', 7, 8, '{1}'],
    ['lun in {1 2}', '"}" is missing to close the set.', 10, 11, ', 2'],
    ['lun in {1', '"}" is missing to close the set.', 9, 9, '}'],
    ['lun in {1 && ok', '"}" is missing to close the set.', 10, 12, undefined],
    ['(ok lun)', '")" is missing to close the bracket.', 4, 7, '&& lun'],
    ['data == "x"', 'data takes contains and matches.', 5, 7, 'contains'],
    ['host < "x"', 'host is text: it takes ==, !=, contains and matches.', 7, 10, undefined],
    ['host', 'host needs a comparison: ==, contains or matches.', 0, 4, 'host contains "…"'],
    ['host in {1}', 'host is text: sets hold numbers and names.', 8, 9, undefined],
    ['lun contains "x"', 'lun is a number: contains is for text and bytes.', 4, 12, '=='],
    ['lun matches "x"', 'lun is a number: matches is for text and bytes.', 4, 11, '=='],
    ['data matches "("', 'This is not a regular expression.', 13, 16, undefined],
    ['data contains 5', 'A text in quotes is wanted here.', 14, 15, '"5"'],
    ['lun == ', 'A value for lun is missing here.', 7, 7, undefined],
    ['lun > 1..2', 'A range goes with == and != only.', 6, 7, undefined],
    ['lun == 5..2', 'The range ends before it begins.', 7, 8, undefined],
    ['length == 5parsec', '"parsec" is no unit for length.', 10, 17, '5'],
    [
      'lba in {1, 0x10000000000000000}',
      '0x10000000000000000 is more than lba can hold: no field has over 64 bits.',
      11,
      30,
      undefined,
    ],
    ['itt == 1.5', 'itt holds whole numbers, and 1.5 is none.', 7, 10, '2'],
    ['length > 0.3k', 'length holds whole numbers, and 0.3k is none.', 9, 13, '307'],
    [
      'lba == 18446744073709551616',
      '18446744073709551616 is more than lba can hold: no field has over 64 bits.',
      7,
      27,
      undefined,
    ],
    ['data contains "x', 'A text in quotes has no end.', 14, 16, undefined],
    ['lun == 1 $', '"$" means nothing in a filter.', 9, 10, undefined],
  ])('%s', (text, message, from, to, suggestion) => {
    let caught: unknown;
    try {
      parseFilter(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(FilterError);
    expect(caught).toMatchObject({ message, from, to, suggestion, code: 'BAD_ARGUMENT' });
  });

  it.each([
    'latencyy > 2ms',
    'latency > 20',
    'lun = 1',
    'lun == 1 lun == 2',
    '(ok',
    '(ok lun)',
    'lun in 1',
    'lun in {1 2}',
    'data == "x"',
    'lun contains 3',
    'lun matches 3',
    'data contains 5',
  ])('is right with the suggestion in its place: %s', (text) => {
    let caught: FilterError | undefined;
    try {
      parseFilter(text);
    } catch (error) {
      caught = error as FilterError;
    }
    const { from, to, suggestion } = caught!;
    expect(() => parseFilter(text.slice(0, from) + suggestion! + text.slice(to))).not.toThrow();
  });

  it('refuses what is too long or nested too deeply', () => {
    expect(() => parseFilter('x'.repeat(10_001))).toThrow('at most 10000 characters');
    expect(() => parseFilter(`${'!'.repeat(300)}ok`)).toThrow('nested too deeply');
  });
});
