import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../core/bytes/index.ts';
import { UsageError } from '../../../core/errors/index.ts';
import {
  accessStateName,
  cdbUsage,
  COMMANDS,
  decodeCommandSupport,
  decodeLbaStatus,
  decodePortGroups,
  decodeSetPortGroups,
  decodeSupportedCommands,
  decodeTaskFunctions,
  decodeUnmapList,
  encodeCommandSupport,
  encodeLbaStatus,
  encodePortGroups,
  encodeSetPortGroups,
  encodeSupportedCommands,
  encodeTaskFunctions,
  encodeUnmapList,
} from '../../../core/scsi/index.ts';
import { PORT_GROUP, SET_PORT_GROUP } from '../../../core/scsi/alua.ts';
import { LBA_STATUS_RANGE } from '../../../core/scsi/provisioning.ts';
import { TASK_FUNCTIONS } from '../../../core/scsi/support.ts';
import { hex, layoutArbitrary } from './arbitrary.ts';

describe('target port groups, by hand from SPC-4 6.37', () => {
  it('are read with either header', () => {
    const group = '80 07 0001 00 02 00 02 00000001 00000002';
    const found = decodePortGroups(hex(`00000010 ${group}`));
    expect(found.groups).toMatchObject([
      { preferred: true, state: 0, stateName: 'Active/optimized', group: 1, statusCode: 2, ports: [1, 2] },
    ]);
    expect(found.transitionSeconds).toBeUndefined();
    const extended = decodePortGroups(hex(`00000014 10 1e 0000 ${group}`));
    expect(extended).toMatchObject({ transitionSeconds: 30, groups: [{ group: 1 }], warnings: [] });
  });

  it('note ports and groups that are missing', () => {
    expect(decodePortGroups(hex('00000010 80 07 0001 00 02 00 02 00000001')).warnings).toHaveLength(2);
    expect(decodePortGroups(hex('00000002 8007')).warnings).toEqual(['2 bytes follow the last target port group.']);
    expect(decodePortGroups(hex('0000')).warnings).toHaveLength(1);
    expect([0xe, 0x9].map(accessStateName)).toEqual(['Offline', 'State 0x9']);
  });

  it('come back as they were built', () => {
    const group = fc
      .tuple(layoutArbitrary(PORT_GROUP, ['portCount']), fc.array(fc.nat(0xffff), { maxLength: 255 }))
      .map(([fields, ports]) => ({ ...fields, ports }));
    fc.assert(
      fc.property(fc.array(group, { maxLength: 4 }), fc.option(fc.nat(255), { nil: undefined }), (groups, seconds) => {
        const found = decodePortGroups(encodePortGroups(groups, seconds));
        expect(found).toMatchObject({ groups, warnings: [] });
        expect(found.transitionSeconds).toBe(seconds);
      }),
    );
  });

  it('are set', () => {
    expect(toHex(encodeSetPortGroups([{ state: 2, group: 3 }]))).toBe('0000000002000003');
    fc.assert(
      fc.property(fc.array(layoutArbitrary(SET_PORT_GROUP)), (groups) => {
        expect(decodeSetPortGroups(encodeSetPortGroups(groups))).toEqual({ groups, warnings: [] });
      }),
    );
    expect(decodeSetPortGroups(hex('00000000 0200')).warnings).toHaveLength(1);
    expect(decodeSetPortGroups(hex('00')).groups).toEqual([]);
  });
});

describe('supported commands, by hand from SPC-4 6.35', () => {
  const list = hex('0000001c 28 00 0000 00 00 000a 9e 00 0010 00 03 0010 000a 00 00 00000005 0000003c');

  it('are listed with names and timeouts', () => {
    expect(decodeSupportedCommands(list)).toEqual({
      commands: [
        { opcode: 0x28, name: 'READ(10)', cdbLength: 10 },
        {
          opcode: 0x9e,
          serviceAction: 0x10,
          name: 'READ CAPACITY(16)',
          cdbLength: 16,
          timeouts: { commandSpecific: 0, nominalSeconds: 5, recommendedSeconds: 60 },
        },
      ],
      warnings: [],
    });
    expect(
      decodeSupportedCommands(hex('00000010 c1 000000 0000 0006 7f 00 0009 00 01 0020')).commands.map(
        (command) => command.name,
      ),
    ).toEqual(['Command 0xc1', 'READ(32)']);
    expect(decodeSupportedCommands(hex('00000008 a3 00 001f 0001 000c')).commands[0]?.name).toBe('Command 0xa3/0x1f');
    expect(decodeSupportedCommands(hex('00000008 08 00 0000 0000 0006'), 1).commands[0]?.name).toBe('READ(6) (tape)');
  });

  it('note what is cut', () => {
    expect(decodeSupportedCommands(list.subarray(0, 24)).warnings).toEqual([
      'The list of commands should have 28 bytes; 20 are there.',
      'A command timeouts descriptor is not whole.',
    ]);
    expect(decodeSupportedCommands(hex('00000004 28000000')).warnings).toEqual(['4 bytes follow the last command.']);
    expect(decodeSupportedCommands(hex('00')).warnings).toHaveLength(1);
  });

  it('are described one by one', () => {
    const one = decodeCommandSupport(hex('00 83 000a 28 fe ffffffff 1f ffff 07 000a 00 00 00000000 0000001e'));
    expect(one).toMatchObject({
      support: 3,
      supported: true,
      supportName: 'Supported as the standard says',
      timeouts: { recommendedSeconds: 30 },
      warnings: [],
    });
    expect(toHex(one.usage)).toBe('28feffffffff1fffff07');
    expect(decodeCommandSupport(hex('00 01 0000'))).toMatchObject({ supported: false, supportName: 'Not supported' });
    expect(decodeCommandSupport(hex('00 07 0000')).supportName).toBe('Support level 7');
    expect(decodeCommandSupport(hex('00 83 000a 28')).warnings).toHaveLength(2);
    expect(decodeCommandSupport(hex('00')).warnings).toHaveLength(1);
  });

  it('come back as they were built', () => {
    const timeouts = fc.record({
      commandSpecific: fc.nat(255),
      nominalSeconds: fc.nat(),
      recommendedSeconds: fc.nat(),
    });
    const command = fc.record(
      { opcode: fc.nat(255), serviceAction: fc.nat(0xffff), cdbLength: fc.nat(260), timeouts },
      { requiredKeys: ['opcode', 'cdbLength'] },
    );
    fc.assert(
      fc.property(fc.array(command), timeouts, (commands, limits) => {
        expect(decodeSupportedCommands(encodeSupportedCommands(commands))).toMatchObject({ commands, warnings: [] });
        const usage = cdbUsage(COMMANDS.read10);
        expect(decodeCommandSupport(encodeCommandSupport(usage, limits))).toMatchObject({
          support: 3,
          usage,
          timeouts: limits,
          warnings: [],
        });
      }),
    );
    expect(toHex(encodeCommandSupport(cdbUsage(COMMANDS.testUnitReady)))).toBe('000300060000000000ff');
    expect(toHex(encodeCommandSupport())).toBe('00010000');
  });
});

describe('task management functions, by hand from SPC-4 6.36', () => {
  it('are read in both forms', () => {
    expect(decodeTaskFunctions(hex('d8 01 00 00'))).toMatchObject({
      abortTask: true,
      abortTaskSet: true,
      clearAca: false,
      clearTaskSet: true,
      logicalUnitReset: true,
      nexusReset: true,
      warnings: [],
    });
    expect(decodeTaskFunctions(hex('80 00 00 0c 01 000000 0000000a 00000005'))).toMatchObject({
      timeoutsValid: true,
      longTimeout: 10,
      shortTimeout: 5,
    });
    expect(decodeTaskFunctions(hex('80 00 00 0c 01')).warnings).toHaveLength(1);
    expect(decodeTaskFunctions(hex('80')).warnings).toHaveLength(1);
  });

  it('come back as they were built', () => {
    fc.assert(
      fc.property(layoutArbitrary(TASK_FUNCTIONS, ['additionalLength']), fc.nat(), (fields, longTimeout) => {
        expect(decodeTaskFunctions(encodeTaskFunctions(fields))).toMatchObject({ ...fields, additionalLength: 0 });
        const timeouts = { timeoutsValid: true, longTimeout, shortTimeout: 1 };
        expect(decodeTaskFunctions(encodeTaskFunctions(fields, timeouts))).toMatchObject({
          ...fields,
          ...timeouts,
          additionalLength: 12,
          warnings: [],
        });
      }),
    );
  });
});

describe('UNMAP, by hand from SBC-4', () => {
  it('lists ranges', () => {
    const bytes = hex('0016 0010 00000000 0000000000000005 00000008 00000000');
    expect(decodeUnmapList(bytes)).toEqual({
      ranges: [{ lba: 5n, blocks: 8 }],
      dataLength: 22,
      descriptorsLength: 16,
      warnings: [],
    });
    expect(toHex(encodeUnmapList([{ lba: 5n, blocks: 8 }]))).toBe(toHex(bytes));
    expect(decodeUnmapList(hex('ffff ffff 00000000')).warnings).toHaveLength(2);
    expect(decodeUnmapList(hex('00')).warnings).toHaveLength(1);
    expect(() => encodeUnmapList(Array.from({ length: 4096 }, () => ({ lba: 0n, blocks: 0 })))).toThrow(UsageError);
  });
});

describe('GET LBA STATUS, by hand from SBC-4', () => {
  it('lists states', () => {
    const bytes = hex('00000024 00000000 0000000000000005 00000008 01 00 0000 000000000000000d 00000003 09 00 0000');
    expect(decodeLbaStatus(bytes)).toMatchObject({
      ranges: [
        { lba: 5n, blocks: 8, state: 1, stateName: 'Deallocated' },
        { lba: 13n, blocks: 3, stateName: 'State 9' },
      ],
      warnings: [],
    });
    expect(decodeLbaStatus(hex('00000024 00000000 00')).warnings).toHaveLength(2);
    expect(decodeLbaStatus(hex('00')).warnings).toHaveLength(1);
  });

  it('comes back as it was built', () => {
    fc.assert(
      fc.property(fc.array(layoutArbitrary(LBA_STATUS_RANGE)), (ranges) => {
        expect(decodeLbaStatus(encodeLbaStatus(ranges))).toMatchObject({ ranges, warnings: [] });
      }),
    );
  });
});
