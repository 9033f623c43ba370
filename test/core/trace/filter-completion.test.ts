import { describe, expect, it } from 'vitest';
import { completeFilter } from '../../../core/trace/index.ts';

describe('completion', () => {
  const texts = (text: string, caret = text.length): string[] =>
    completeFilter(text, caret).proposals.map((one) => one.text);

  it('proposes fields where one should stand', () => {
    expect(texts('late')).toEqual(['latency']);
    expect(texts('ok && iscsi.cmd')).toEqual(['iscsi.cmdsn']);
    expect(texts('')).toContain('scsi.opcode');
    expect(texts('!')).toContain('ok');
    expect(texts('ok && (')).toContain('lun');
  });

  it('proposes operators behind a field, and values behind an operator', () => {
    expect(texts('lun ')).toEqual(['==', '!=', '<', '<=', '>', '>=', 'in {']);
    expect(texts('host c')).toEqual(['contains']);
    expect(texts('data ')).toEqual(['contains', 'matches']);
    expect(texts('ok ')).toEqual(['&&', '||']);
    expect(texts('scsi.opcode == read1')).toEqual(['read10', 'read12', 'read16']);
    expect(texts('status in {good, che')).toEqual(['checkCondition']);
    expect(texts('immediate == t')).toEqual(['true']);
  });

  it('proposes to go on behind a whole term', () => {
    expect(texts('lun == 1 ')).toEqual(['&&', '||']);
    expect(texts('(ok) ')).toEqual(['&&', '||']);
    expect(texts('"free" ')).toEqual(['&&', '||']);
    expect(texts('lun in {1} ')).toEqual(['&&', '||']);
  });

  it('says which stretch a proposal replaces, and stays quiet on what cannot be read', () => {
    expect(completeFilter('ok && lat', 9)).toMatchObject({ from: 6, to: 9 });
    expect(texts('$$ ')).toContain('n');
  });
});

describe("completion of Wireshark's names", () => {
  const texts = (typed: string): string[] => completeFilter(typed, typed.length).proposals.map((one) => one.text);

  it('proposes them with what they take', () => {
    expect(texts('ip.')).toEqual(['ip.addr', 'ip.src', 'ip.dst']);
    expect(texts('iscsi.isi')).toEqual([
      'iscsi.isid',
      ...['t', 'a', 'b', 'c', 'd'].map((part) => `iscsi.isid.${part}`),
    ]);
    expect(texts('tcp.s')).toEqual(['tcp.srcport']);
    expect(['frame.n', 'frame.l', 'iscsi.req', 'scsi.response_', 'frame.time_d'].flatMap(texts)).toEqual([]);
    expect(texts('ip.src ')).toEqual(['==', '!=', '<', '<=', '>', '>=', 'in {']);
    expect(texts('iscsi.isid ')).toEqual(['==', '!=', 'in {', 'contains', 'matches']);
    expect(texts('iscsi.scsicommand.attr == o')).toEqual(['ordered']);
    expect(texts('ip.src == 10.0.0.0/24 ')).toEqual(['&&', '||']);
  });

  it('says which of them read the file', () => {
    const help = (typed: string): string[] => completeFilter(typed, typed.length).proposals.map((one) => one.help);
    expect(help('iscsi.tsih ')).toContain('reads the file');
    expect(help('ip.src ')).not.toContain('reads the file');
    expect(help('host ')).not.toContain('reads the file');
    expect(help('data ')).toContain('reads the file');
  });
});
