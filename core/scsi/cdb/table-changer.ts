import { bits, flag, uint } from '../../bytes/index.ts';
import { allocation, command, parameterList } from './spec.ts';

const SSC = 'SSC-5';
const SMC = 'SMC-3';
const MMC = 'MMC-6';
const CHANGER = { family: 'changer' } as const;
const fixed = () =>
  flag('fixed', 'FIXED', 1, 0, {
    meaning: 'The transfer length counts blocks of fixed size; otherwise bytes of one block.',
  });
const sili = () => flag('sili', 'SILI', 1, 1, { meaning: 'A block of another length is no error.' });
const count = (at: number, size: 2 | 3 | 4, label = 'Count') => uint('count', label, at, size);
const element = <const N extends string>(name: N, label: string, at: number) => uint(name, label, at, 2);
const invert = (at: number) => flag('invert', 'INVERT', at, 0);

/** Medium changers: named and decoded, never sent unasked. */
export const CHANGER_COMMANDS = [
  command('initializeElementStatus', 'INITIALIZE ELEMENT STATUS', 0x07, 6, 'none', SMC, [], CHANGER),
  command(
    'openCloseImportExportElement',
    'OPEN/CLOSE IMPORT/EXPORT ELEMENT',
    0x1b,
    6,
    'none',
    SMC,
    [element('element', 'Element address', 2), bits('actionCode', 'Action code', 4, [4, 0])],
    CHANGER,
  ),
  command(
    'positionToElement',
    'POSITION TO ELEMENT',
    0x2b,
    10,
    'none',
    SMC,
    [
      element('transport', 'Medium transport address', 2),
      element('destination', 'Destination element address', 4),
      invert(8),
    ],
    CHANGER,
  ),
  command(
    'initializeElementStatusWithRange',
    'INITIALIZE ELEMENT STATUS WITH RANGE',
    0x37,
    10,
    'none',
    SMC,
    [
      flag('fast', 'FAST', 1, 1),
      flag('range', 'RANGE', 1, 0),
      element('startingElement', 'Starting element address', 2),
      element('elements', 'Number of elements', 6),
    ],
    CHANGER,
  ),
  command(
    'moveMedium',
    'MOVE MEDIUM',
    0xa5,
    12,
    'none',
    SMC,
    [
      element('transport', 'Medium transport address', 2),
      element('source', 'Source element address', 4),
      element('destination', 'Destination element address', 6),
      invert(10),
    ],
    CHANGER,
  ),
  command(
    'exchangeMedium',
    'EXCHANGE MEDIUM',
    0xa6,
    12,
    'none',
    SMC,
    [
      element('transport', 'Medium transport address', 2),
      element('source', 'Source element address', 4),
      element('destination1', 'First destination element address', 6),
      element('destination2', 'Second destination element address', 8),
      flag('invert1', 'INV1', 10, 1),
      flag('invert2', 'INV2', 10, 0),
    ],
    CHANGER,
  ),
  command(
    'readElementStatus',
    'READ ELEMENT STATUS',
    0xb8,
    12,
    'in',
    SMC,
    [
      flag('volTag', 'VOLTAG', 1, 4),
      bits('elementType', 'Element type code', 1, [3, 0], {
        values: { 0: 'All', 1: 'Medium transport', 2: 'Storage', 3: 'Import/export', 4: 'Data transfer' },
      }),
      element('startingElement', 'Starting element address', 2),
      element('elements', 'Number of elements', 4),
      flag('curData', 'CURDATA', 6, 1),
      flag('dvcId', 'DVCID', 6, 0),
      allocation(7, 3),
    ],
    CHANGER,
  ),
  command(
    'readElementStatusAttached',
    'READ ELEMENT STATUS ATTACHED',
    0xb4,
    12,
    'in',
    SMC,
    [
      flag('volTag', 'VOLTAG', 1, 4),
      bits('elementType', 'Element type code', 1, [3, 0]),
      element('startingElement', 'Starting element address', 2),
      element('elements', 'Number of elements', 4),
      allocation(7, 3),
    ],
    CHANGER,
  ),
  command(
    'requestVolumeElementAddress',
    'REQUEST VOLUME ELEMENT ADDRESS',
    0xb5,
    12,
    'in',
    SMC,
    [
      flag('volTag', 'VOLTAG', 1, 4),
      bits('elementType', 'Element type code', 1, [3, 0]),
      element('startingElement', 'Element address', 2),
      element('elements', 'Number of elements', 4),
      allocation(7, 3),
    ],
    CHANGER,
  ),
  command(
    'sendVolumeTag',
    'SEND VOLUME TAG',
    0xb6,
    12,
    'out',
    SMC,
    [
      bits('elementType', 'Element type code', 1, [3, 0]),
      element('startingElement', 'Element address', 2),
      bits('actionCode', 'Send action code', 5, [4, 0]),
      parameterList(8, 2),
    ],
    CHANGER,
  ),
  command(
    'moveMediumAttached',
    'MOVE MEDIUM ATTACHED',
    0xa7,
    12,
    'none',
    SMC,
    [
      element('source', 'Source element address', 4),
      element('destination', 'Destination element address', 6),
      invert(10),
    ],
    CHANGER,
  ),
] as const;
