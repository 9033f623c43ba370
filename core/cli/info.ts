import { toHex } from '../bytes/index.ts';
import { UsageError } from '../errors/index.ts';
import { describeLun, identityOf, type Fact, type LunFacts, type Session } from '../initiator/index.ts';
import { accessStateName, vpdPageName } from '../scsi/index.ts';
import { parseFlags } from './flags.ts';
import { print, printJson, type CliIo } from './io.ts';
import { formatBytes } from './luns.ts';
import { neededLun, SESSION_FLAGS } from './session-flags.ts';
import type { Verb } from './verb.ts';
import { withSession } from './with-session.ts';

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

function row(io: CliIo, label: string, text: string): void {
  print(io, `${label.padEnd(22)}${text}`);
}

function printIdentity(io: CliIo, facts: LunFacts): void {
  const { inquiry } = facts;
  if (inquiry.ok) {
    row(io, 'Device', inquiry.value.deviceTypeLongName);
    row(
      io,
      'Vendor, product',
      `${inquiry.value.vendor ?? '?'}  ${inquiry.value.product ?? '?'}  ${inquiry.value.revision ?? ''}`,
    );
  } else row(io, 'INQUIRY', `! ${inquiry.error.message}`);
  const { serial, designators } = identityOf(facts);
  row(io, 'Serial number', serial ?? '-');
  for (const each of designators) row(io, each.typeName, each.text);
}

function printState(io: CliIo, facts: LunFacts): void {
  const { capacity, mode, portGroups, reservation, reservationKeys, commands } = facts;
  if (capacity?.ok === true) {
    const { totalBytes, blocks, blockSize, physicalBlockSize } = capacity.value;
    const physical = physicalBlockSize === blockSize ? '' : `, ${String(physicalBlockSize)} B physical`;
    row(io, 'Capacity', `${formatBytes(totalBytes)}: ${String(blocks)} blocks of ${String(blockSize)} B${physical}`);
  } else if (capacity !== undefined) row(io, 'Capacity', `! ${capacity.error.message}`);
  if (mode.ok) row(io, 'Write protected', mode.value.writeProtected ? 'yes' : 'no');
  if (portGroups?.ok === true)
    for (const group of portGroups.value.groups)
      row(
        io,
        `Port group ${String(group.group)}`,
        `${accessStateName(group.state)}${group.preferred ? ', preferred' : ''}; ports ${group.ports.join(', ')}`,
      );
  if (reservationKeys.ok)
    row(io, 'Registered keys', reservationKeys.value.keys.map((key) => `0x${key.toString(16)}`).join(', ') || 'none');
  if (reservation.ok) row(io, 'Reservation', reservation.value.reservation?.typeName ?? 'none');
  row(
    io,
    'VPD pages',
    facts.vpd.map(({ pageCode, fact }) => `${pageCode.toString(16).padStart(2, '0')}${fact.ok ? '' : '!'}`).join(' '),
  );
  if (commands.ok) row(io, 'Commands', `${String(commands.value.commands.length)} supported`);
}

function printNegotiation(io: CliIo, session: Session): void {
  const columns = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(i === 0 ? 26 : 13))
      .join(' ')
      .trimEnd();
  for (const { key, text } of session.tuning.lengths) print(io, `${key.padEnd(26)} ${text}`);
  const shape = session.tuning.shape;
  if (shape !== null)
    print(
      io,
      `${`${String(shape.bytes)} bytes`.padEnd(26)} a read in ${String(shape.readSegments)} segment${shape.readSegments === 1 ? '' : 's'}, ` +
        `a write with ${String(shape.unsolicitedBytes)} bytes unasked and ${String(shape.r2ts)} R2T${shape.r2ts === 1 ? '' : 's'}`,
    );
  if (session.tls !== undefined)
    print(
      io,
      `${'TLS'.padEnd(26)} ${session.tls.protocol}, ${session.tls.cipher}, ${session.tls.verified ? '' : 'NOT '}verified`,
    );
  print(io, '');
  print(io, columns(['Negotiation', 'result', 'offered', 'answered', 'default', 'from']));
  for (const key of session.negotiated)
    print(
      io,
      columns([
        key.key,
        ...[key.result, key.offered, key.answered, key.defaultValue].map((text) => text ?? '-'),
        key.origin,
      ]),
    );
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
      printIdentity(io, facts);
      printState(io, facts);
      print(io, '');
      printNegotiation(io, session);
    });
    return 0;
  },
};
