import { toHex } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';
import { describeLun, identityOf, type Fact, type LunFacts, type Session } from '../initiator/index.ts';
import { accessStateName, vpdPageName } from '../scsi/index.ts';
import { parseFlags } from './flags.ts';
import { print, printJson } from './io.ts';
import { formatBytes } from './luns.ts';
import { neededLun, SESSION_FLAGS } from './session-flags.ts';
import { alignColumns } from './table.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

/** The longest value that stands in a column; names are longer as a rule. */
const WIDEST_CELL = 24;

interface Shown<T> {
  readonly value: T | null;
  readonly raw: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

function shown<T>(fact: Fact<T> | undefined): Shown<T> | null {
  if (fact === undefined) return null;
  if (fact.ok) return { value: fact.value, raw: toHex(fact.bytes), error: null };
  return { value: null, raw: null, error: { code: fact.error.code, message: fact.error.message } };
}

/** The facts as they are printed with --json. */
function toShape(session: Session, lun: number, facts: LunFacts) {
  const { serial, designators } = identityOf(facts);
  return {
    lun,
    identity: {
      serial: serial ?? null,
      names: designators.map((each) => ({ type: each.typeName, text: each.text, hex: toHex(each.bytes) })),
    },
    inquiry: shown(facts.inquiry),
    capacity: shown(facts.capacity),
    vpd: facts.vpd.map(({ pageCode, fact }) => ({ pageCode, name: vpdPageName(pageCode), ...shown(fact) })),
    mode: shown(facts.mode),
    portGroups: shown(facts.portGroups),
    reservation: shown(facts.reservation),
    reservationKeys: shown(facts.reservationKeys),
    commands: shown(facts.commands),
    session: {
      target: session.options.targetName ?? null,
      negotiated: session.negotiated,
      tuning: session.tuning,
      tls: session.tls ?? null,
      warnings: session.login.warnings,
    },
  };
}

type Row = readonly [label: string, text: string];

function identityRows(facts: LunFacts): Row[] {
  const { inquiry } = facts;
  const { serial, designators } = identityOf(facts);
  const device: Row[] = inquiry.ok
    ? [
        ['Device', inquiry.value.deviceTypeLongName],
        [
          'Vendor, product',
          `${inquiry.value.vendor ?? '?'}  ${inquiry.value.product ?? '?'}  ${inquiry.value.revision ?? ''}`,
        ],
      ]
    : [['INQUIRY', `! ${inquiry.error.message}`]];
  return [
    ...device,
    ['Serial number', serial ?? '-'],
    ...designators.map(({ typeName, text }): Row => [typeName, text]),
  ];
}

function stateRows(facts: LunFacts): Row[] {
  const { capacity, mode, portGroups, reservation, reservationKeys, commands } = facts;
  const rows: Row[] = [];
  if (capacity?.ok === true) {
    const { totalBytes, blocks, blockSize, physicalBlockSize } = capacity.value;
    const physical = physicalBlockSize === blockSize ? '' : `, ${String(physicalBlockSize)} B physical`;
    rows.push([
      'Capacity',
      `${formatBytes(totalBytes)}: ${String(blocks)} blocks of ${String(blockSize)} B${physical}`,
    ]);
  } else if (capacity !== undefined) rows.push(['Capacity', `! ${capacity.error.message}`]);
  if (mode.ok) rows.push(['Write protected', mode.value.writeProtected ? 'yes' : 'no']);
  if (portGroups?.ok === true)
    for (const group of portGroups.value.groups)
      rows.push([
        `Port group ${String(group.group)}`,
        `${accessStateName(group.state)}${group.preferred ? ', preferred' : ''}; ports ${group.ports.join(', ')}`,
      ]);
  if (reservationKeys.ok)
    rows.push([
      'Registered keys',
      reservationKeys.value.keys.map((key) => `0x${key.toString(16)}`).join(', ') || 'none',
    ]);
  if (reservation.ok) rows.push(['Reservation', reservation.value.reservation?.typeName ?? 'none']);
  rows.push([
    'VPD pages',
    facts.vpd.map(({ pageCode, fact }) => `${pageCode.toString(16).padStart(2, '0')}${fact.ok ? '' : '!'}`).join(' '),
  ]);
  if (commands.ok) rows.push(['Commands', `${String(commands.value.commands.length)} supported`]);
  return rows;
}

type Negotiated = Session['negotiated'][number];

const isWide = ({ result, offered, answered, defaultValue }: Negotiated): boolean =>
  [result, offered, answered, defaultValue].some((text) => text !== null && text.length > WIDEST_CELL);

/** A key that would tear the table apart, on a line of its own: its result, and what differs from it. */
function wideRow({ key, result, offered, answered, defaultValue, origin }: Negotiated): Row {
  const others = Object.entries({ offered, answered, default: defaultValue })
    .filter(([, text]) => text !== null && text !== result)
    .map(([name, text]) => `${name} ${text ?? ''}`);
  return [key, [result ?? '-', ...others, origin].join(', ')];
}

function sessionRows({ negotiated, tuning, tls }: Session): Row[] {
  const { shape } = tuning;
  const rows: Row[] = [
    ...negotiated.filter(isWide).map(wideRow),
    ...tuning.lengths.map(({ key, text }): Row => [key, text]),
  ];
  if (shape !== null)
    rows.push([
      `${String(shape.bytes)} bytes`,
      `a read in ${String(shape.readSegments)} segment${shape.readSegments === 1 ? '' : 's'}, ` +
        `a write with ${String(shape.unsolicitedBytes)} bytes unasked and ${String(shape.r2ts)} R2T${shape.r2ts === 1 ? '' : 's'}`,
    ]);
  if (tls !== undefined) rows.push(['TLS', `${tls.protocol}, ${tls.cipher}, ${tls.verified ? '' : 'NOT '}verified`]);
  return rows;
}

function negotiationRows({ negotiated }: Session): string[][] {
  return [
    ['Negotiation', 'result', 'offered', 'answered', 'default', 'from'],
    ...negotiated
      .filter((key) => !isWide(key))
      .map(({ key, result, offered, answered, defaultValue, origin }) => [
        key,
        ...[result, offered, answered, defaultValue].map((text) => text ?? '-'),
        origin,
      ]),
  ];
}

/** Shows what a LUN and its session say of themselves. */
export const INFO: Verb = {
  usage: 'info URL',
  help: 'show the facts of a LUN and the negotiation of its session',
  flags: SESSION_FLAGS,
  async run(args, io) {
    const flags = parseFlags(args, SESSION_FLAGS, [0, 1]);
    await withSession(flags, io, async (session, given) => {
      const lun = neededLun(given);
      const facts = await describeLun(session, lun);
      if (!facts.inquiry.ok) throw facts.inquiry.error;
      if (facts.inquiry.value.qualifier === 3)
        throw new UsageError('UNSUPPORTED', `There is no unit at LUN ${String(lun)}.`, {
          hint: 'List the LUNs; it may not be mapped to this initiator.',
        });
      if (flags.has('json')) {
        printJson(io, toShape(session, lun, facts));
        return;
      }
      const tables = [[...identityRows(facts), ...stateRows(facts)], sessionRows(session), negotiationRows(session)];
      print(io, tables.map((rows) => alignColumns(rows).join('\n')).join('\n\n'));
    });
    return 0;
  },
};
