import { describe, expect, it } from 'vitest';
import type { FieldNode } from '../../../core/bytes/index.ts';
import { buildCdb, payloadFieldTree, senseFieldTree } from '../../../core/scsi/index.ts';
import { hex } from './arbitrary.ts';
import { SAMPLES } from './samples.ts';

function tree(name: string): FieldNode {
  const sample = SAMPLES.find((entry) => entry.name === name);
  if (sample === undefined) throw new Error(name);
  return payloadFieldTree(sample.cdb, sample.direction, sample.bytes, sample.deviceType);
}

function find(node: FieldNode, name: string): FieldNode[] {
  return [...(node.name === name ? [node] : []), ...(node.children ?? []).flatMap((child) => find(child, name))];
}

const brief = (nodes: readonly FieldNode[]) => nodes.map((node) => [node.offset, node.length, node.text]);

describe('field trees of payloads', () => {
  it('name the parts of INQUIRY data', () => {
    expect(tree('inquiry').text).toBe('Direct access block device, 0001');
    expect(brief(find(tree('inquiry'), 'versionDescriptor'))).toEqual([
      [58, 2, 'SPC-4 (no version claimed)'],
      [60, 2, 'SBC-4 (no version claimed)'],
      [62, 2, 'Standard 0xffff'],
    ]);
  });

  it('name the parts of VPD pages', () => {
    expect(tree('vpd 83').label).toBe('Device identification');
    expect(brief(find(tree('vpd 83'), 'designator'))).toEqual([
      [4, 15, 'Logical unit, T10 vendor ID: LUNA abc'],
      [19, 12, 'Logical unit, NAA: naa.5001400501020304'],
      [31, 8, 'Target port, Relative target port: 1'],
    ]);
    expect(brief(find(tree('vpd 00'), 'page'))).toEqual([
      [4, 1, 'Supported VPD pages (0x00)'],
      [5, 1, 'Device identification (0x83)'],
      [6, 1, 'Block limits (0xb0)'],
    ]);
    expect(brief(find(tree('vpd 80'), 'serial'))).toEqual([[4, 8, 'LS0001']]);
    expect(brief(find(tree('vpd 85'), 'managementAddress'))).toEqual([[4, 12, 'http://']]);
    expect(brief(find(tree('vpd 87'), 'modePagePolicy'))).toEqual([
      [4, 4, 'Mode page 0x08'],
      [8, 4, 'Mode page 0x3f'],
    ]);
    expect(find(tree('vpd 88'), 'scsiPort').map((node) => [node.offset, node.length])).toEqual([
      [4, 24],
      [28, 36],
    ]);
    expect(find(tree('vpd b2'), 'designator').map((node) => node.offset)).toEqual([8]);
    expect(brief(find(tree('vpd c0'), 'bytes'))).toEqual([[4, 4, 'deadbeef']]);
    expect(
      payloadFieldTree(buildCdb('inquiry', { evpd: true, allocationLength: 4 }), 'in', hex('0083')).malformed,
    ).toContain('header');
  });

  it('go down into sense data', () => {
    const fixed = senseFieldTree(hex('f0 00 05 00001234 0e 00000005 2400 09 cb0007 01020304'));
    expect(fixed.text).toBe('Illegal request: Invalid field in CDB');
    expect(find(fixed, 'fieldPointer')[0]).toMatchObject({ offset: 15, length: 3 });
    expect(brief(find(fixed, 'additional'))).toEqual([[18, 4, '01020304']]);
    const descriptors = tree('descriptor sense');
    expect(find(descriptors, 'information').map((node) => node.offset)).toEqual([8, 12]);
    expect(find(descriptors, 'fieldPointer')[0]).toMatchObject({ offset: 24 });
    expect(find(descriptors, 'sense').map((node) => node.offset)).toEqual([0, 36]);
    expect(find(descriptors, 'descriptor')[0]).toMatchObject({ offset: 44, label: 'Descriptor 0x80' });
    expect(senseFieldTree(hex('7f 01')).malformed).toContain('neither fixed nor descriptor');
    expect(senseFieldTree(hex('70 00')).malformed).toBeDefined();
    expect(find(senseFieldTree(hex('70 00 09 00000000 0a 00000000 2400 00 800000')), 'senseKeySpecific')).toHaveLength(
      1,
    );
  });

  it('list what lists hold', () => {
    expect(brief(find(tree('luns'), 'lun'))).toEqual([
      [8, 8, '1'],
      [16, 8, '300'],
      [24, 8, 'well-known REPORT LUNS (0xc101000000000000)'],
    ]);
    expect(tree('capacity 10').text).toBe('1048576 blocks of 512 bytes');
    expect(brief(find(tree('port groups'), 'portGroup'))).toEqual([[8, 16, 'Group 1: Active/optimized']]);
    expect(brief(find(tree('port groups'), 'groupPort'))).toEqual([
      [16, 4, 'Port 1'],
      [20, 4, 'Port 2'],
    ]);
    expect(brief(find(tree('set port groups'), 'setPortGroup'))).toEqual([
      [4, 4, 'Group 3: Standby'],
      [8, 4, 'Group 4: Active/optimized'],
    ]);
    expect(brief(find(tree('supported commands'), 'supportedCommand'))).toEqual([
      [4, 8, 'READ(10)'],
      [12, 8, 'READ CAPACITY(16)'],
    ]);
    expect(find(tree('supported commands'), 'commandTimeouts')[0]).toMatchObject({ offset: 20, length: 12 });
    expect(find(tree('one command'), 'usage')[0]).toMatchObject({ offset: 4, length: 10 });
    expect(find(tree('task functions'), 'longTimeout')[0]).toMatchObject({ value: 10 });
    expect(brief(find(tree('unmap'), 'unmapRange'))).toEqual([
      [8, 16, 'LBA 5, 8 blocks'],
      [24, 16, 'LBA 16, 1 blocks'],
    ]);
    expect(find(tree('lba status'), 'lbaStatusRange')[1]?.text).toBe('LBA 13, 3 blocks: Anchored');
  });

  it('name initiators and keys', () => {
    expect(brief(find(tree('pr keys'), 'key'))).toEqual([
      [8, 8, '0x123456789abcdef'],
      [16, 8, '0x1'],
    ]);
    expect(find(tree('pr reservation'), 'reservation')[0]?.text).toBe('Write exclusive, registrants only');
    expect(brief(find(tree('pr full status'), 'registration'))).toEqual([
      [8, 48, 'iqn.x'],
      [56, 48, 'iqn.x'],
    ]);
    expect(find(tree('pr out with TransportIDs'), 'transportId').map((node) => node.offset)).toEqual([28, 52]);
    expect(find(tree('pr out move'), 'transportId').map((node) => node.offset)).toEqual([24]);
    const session = payloadFieldTree(
      buildCdb('prOutRegisterAndMove', { parameterListLength: 52 }),
      'out',
      hex(`${'00'.repeat(20)} 0000001c 45 00 0018 69716e2e782c692c307830303032336430303030303100 00`),
    );
    expect(find(session, 'transportId')[0]?.text).toBe('iqn.x, ISID 00023d000001');
    const sas = payloadFieldTree(
      buildCdb('prOutRegisterAndMove', { parameterListLength: 48 }),
      'out',
      hex(`${'00'.repeat(20)} 00000018 06 000000 5001400501020304 ${'00'.repeat(12)}`),
    );
    expect(find(sas, 'transportId')[0]?.text).toBe('5001400501020304');
  });

  it('describe logs, discs and tapes', () => {
    expect(brief(find(tree('log 02'), 'logParameter'))).toEqual([
      [4, 8, 'Errors corrected: 5'],
      [12, 6, 'Uncorrected errors: 9'],
      [18, 6, 'Parameter 0x8000: 48879'],
    ]);
    expect(find(tree('log 10'), 'selfTest')[0]).toMatchObject({ offset: 8, length: 16 });
    expect(brief(find(tree('log 00/ff'), 'page'))).toEqual([
      [4, 2, 'Supported log pages'],
      [6, 2, 'Log page 0x0d/0x01'],
    ]);
    expect(brief(find(tree('toc'), 'track').filter((node) => node.children !== undefined))).toEqual([
      [4, 8, 'Track 1'],
      [12, 8, 'Lead-out'],
    ]);
    expect(find(tree('raw toc'), 'rawTocEntry')[0]?.text).toBe('Point 0xa0');
    expect(brief(find(tree('atip'), 'bytes'))).toEqual([[4, 4, '01020304']]);
    expect(brief(find(tree('configuration'), 'feature'))).toEqual([
      [8, 8, 'Profile list'],
      [16, 8, 'Feature 0xff00'],
    ]);
    expect(tree('tape limits').text).toBe('Up to 1048576 bytes');
    expect(tree('position').label).toBe('Position, short form');
    expect(tree('long position').label).toBe('Position, long form');
    expect(find(tree('elements'), 'element').map((node) => node.text)).toEqual([
      `Element 1, ${'A'.repeat(32)}`,
      'Element 2, empty',
      'Element 3, full',
    ]);
  });

  it('do not call an answer malformed for ending at the allocation length', () => {
    const bytes = hex('00 00 05 02 1f');
    const asked = payloadFieldTree(buildCdb('inquiry', { allocationLength: 5 }), 'in', bytes);
    expect(asked.malformed).toBeUndefined();
    expect(asked.text).toBe('Direct access block device (cut at the allocation length of 5)');
    expect(find(asked, 'vendor')).toEqual([]);
    expect(find(asked, 'additionalLength')).toHaveLength(1);
    const short = payloadFieldTree(buildCdb('inquiry', { allocationLength: 96 }), 'in', bytes);
    expect(short.malformed).toContain('at least 36 bytes');
    expect(find(short, 'vendor')[0]?.malformed).toBeDefined();
    const sense = payloadFieldTree(buildCdb('requestSense', { allocationLength: 3 }), 'in', hex('72 05 24'));
    expect(sense.malformed).toBeUndefined();
  });

  it('know which commands share a payload', () => {
    const long = payloadFieldTree(
      buildCdb('getLbaStatus32', { lba: 0, allocationLength: 24 }),
      'in',
      hex('00000014 00000000 0000000000000005 00000008 02 000000'),
    );
    expect(find(long, 'lbaStatusRange')[0]?.text).toBe('LBA 5, 8 blocks: Anchored');
    const select = payloadFieldTree(
      buildCdb('logSelect', { parameterListLength: 10 }),
      'out',
      hex('0d 00 0006 0000 03 02 0023'),
    );
    expect(find(select, 'logParameter')[0]?.text).toBe('Temperature: 35 °C');
  });

  it('leave user data, empty data and unknown commands as bytes', () => {
    const read = buildCdb('read10', { lba: 0, blocks: 1 });
    expect(payloadFieldTree(read, 'in', new Uint8Array(512))).toMatchObject({
      label: 'Data-In',
      text: '512 bytes',
      length: 512,
    });
    expect(payloadFieldTree(read, 'in', new Uint8Array(512)).children?.[0]?.text).toContain('… (512 bytes)');
    expect(payloadFieldTree(read, 'out', new Uint8Array(0))).toMatchObject({ label: 'Data-Out', children: [] });
    expect(payloadFieldTree(hex('c1'), 'in', hex('01')).children).toHaveLength(1);
    expect(payloadFieldTree(buildCdb('inquiry', { allocationLength: 5 }), 'in', new Uint8Array(0)).text).toBe(
      '0 bytes',
    );
  });
});
