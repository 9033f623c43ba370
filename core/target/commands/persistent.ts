import {
  encodeReservation,
  encodeReservationCapabilities,
  encodeReservationKeys,
  encodeReservationStatus,
} from '../../scsi/reservations/in.ts';
import { decodePrOut, decodePrOutMove } from '../../scsi/reservations/out.ts';
import { encodeIscsiTransportId } from '../../scsi/reservations/transport-id.ts';
import { makeNexus } from '../unit/nexus.ts';
import { answer, callWithData, done, GOOD, type Outcome, type Plan } from '../unit/outcome.ts';
import {
  illegalRequest,
  invalidField,
  invalidParameter,
  PARAMETER_LIST_LENGTH,
  RESERVATION_CONFLICT,
} from '../unit/refusals.ts';
import type { ReservationResult } from '../unit/reservations.ts';
import { numberField, type CommandContext, type HandlerTable } from './handler.ts';

const INVALID_RELEASE = illegalRequest(0x26, 0x04);
/** INSUFFICIENT REGISTRATION RESOURCES. */
const NO_ROOM = illegalRequest(0x55, 0x04);
const LIST_BYTES = 24;

function readKeys({ unit, allocationLength }: CommandContext): Plan {
  const { generation, registrations } = unit.reservations;
  return answer(
    encodeReservationKeys(
      generation,
      registrations.map(({ key }) => key),
    ),
    allocationLength,
  );
}

function readReservation({ unit, allocationLength }: CommandContext): Plan {
  const { generation, reservation } = unit.reservations;
  if (reservation === undefined) return answer(encodeReservation(generation), allocationLength);
  // For the all registrants types the key is zero: nobody holds it alone (SPC-5 6.16.3.2).
  const key = reservation.type >= 7 ? 0n : (unit.reservations.keyOf(reservation.holder) ?? 0n);
  return answer(encodeReservation(generation, { key, scope: 0, type: reservation.type }), allocationLength);
}

function reportCapabilities({ allocationLength }: CommandContext): Plan {
  const types = {
    writeExclusive: true,
    exclusiveAccess: true,
    writeExclusiveRegistrants: true,
    exclusiveAccessRegistrants: true,
    writeExclusiveAll: true,
    exclusiveAccessAll: true,
  };
  return answer(encodeReservationCapabilities({ typeMaskValid: true, allowCommands: 1, ...types }), allocationLength);
}

function readFullStatus({ unit, allocationLength }: CommandContext): Plan {
  const { generation, registrations, reservation } = unit.reservations;
  const list = registrations.map(({ nexus, key }) => {
    const holder = unit.reservations.holds(nexus.id);
    return {
      key,
      holder,
      scope: 0,
      type: holder ? (reservation?.type ?? 0) : 0,
      relativePort: nexus.port.relativeId,
      transportId: encodeIscsiTransportId(nexus.initiatorName, nexus.isid),
    };
  });
  return answer(encodeReservationStatus(generation, list), allocationLength);
}

function outcomeOf(context: CommandContext, result: ReservationResult): Outcome {
  switch (result.kind) {
    case 'done':
      return GOOD;
    case 'conflict':
      return RESERVATION_CONFLICT;
    case 'invalidParameter':
      return invalidParameter(result.byte);
    case 'invalidType':
      return numberField(context, 'scope') === 0 ? invalidField(2, 3) : invalidField(2, 7);
    case 'invalidRelease':
      return INVALID_RELEASE;
    case 'full':
      return NO_ROOM;
  }
}

type Action = 'register' | 'ignore' | 'reserve' | 'release' | 'clear' | 'preempt' | 'preemptAndAbort';

/** PERSISTENT RESERVE OUT with the basic parameter list (SPC-5 6.17). */
function reserveOut(action: Action): (context: CommandContext) => Plan {
  return (context) => {
    const { unit, nexus, parameterListLength } = context;
    if (parameterListLength !== LIST_BYTES) return done(PARAMETER_LIST_LENGTH, parameterListLength);
    if (unit.reservations.legacyHolder !== undefined) return done(RESERVATION_CONFLICT, parameterListLength);
    return callWithData(parameterListLength, (list): Outcome => {
      if (list.length < LIST_BYTES) return PARAMETER_LIST_LENGTH;
      const { key = 0n, serviceActionKey = 0n, specifyInitiators, allTargetPorts, aptpl } = decodePrOut(list);
      const registers = action === 'register' || action === 'ignore';
      // None of these three is among the capabilities reported.
      if (registers && (specifyInitiators === true || allTargetPorts === true || aptpl === true))
        return invalidParameter(20);
      const { reservations } = unit;
      const scope = numberField(context, 'scope');
      const type = numberField(context, 'type');
      switch (action) {
        case 'register':
        case 'ignore':
          return outcomeOf(context, reservations.register(nexus, key, serviceActionKey, action === 'ignore'));
        case 'reserve':
          return outcomeOf(context, reservations.reserve(nexus.id, key, scope, type));
        case 'release':
          return outcomeOf(context, reservations.release(nexus.id, key, scope, type));
        case 'clear':
          return outcomeOf(context, reservations.clear(nexus.id, key));
        case 'preempt':
        case 'preemptAndAbort': {
          const result = reservations.preempt(nexus.id, key, serviceActionKey, scope, type);
          if (result.kind === 'done' && action === 'preemptAndAbort')
            for (const id of result.abort ?? []) unit.abortNexusTasks(id);
          return outcomeOf(context, result);
        }
      }
    });
  };
}

/** REGISTER AND MOVE: to an initiator port named in full, at one of this target's ports (SPC-5 6.17.4). */
function registerAndMove(context: CommandContext): Plan {
  const { unit, nexus, parameterListLength } = context;
  if (parameterListLength < LIST_BYTES) return done(PARAMETER_LIST_LENGTH, parameterListLength);
  return callWithData(parameterListLength, (list): Outcome => {
    if (list.length < LIST_BYTES) return PARAMETER_LIST_LENGTH;
    const {
      key = 0n,
      serviceActionKey = 0n,
      unregister = false,
      aptpl,
      relativePort,
      transportIds,
    } = decodePrOutMove(list);
    const [to] = transportIds;
    if (aptpl === true) return invalidParameter(17);
    if (to?.isid === undefined) return invalidParameter(24);
    if (relativePort !== nexus.port.relativeId) return invalidParameter(18);
    const { reservations } = unit;
    return outcomeOf(
      context,
      reservations.move(nexus.id, key, makeNexus(to.name, to.isid, nexus.port), serviceActionKey, unregister),
    );
  });
}

const reads = { touch: 'none', medium: false } as const;
/** Its own rules about conflicts are in the handler. */
const writes = { touch: 'none', medium: false } as const;

/** Persistent reservations. */
export const PERSISTENT: HandlerTable = {
  prInReadKeys: { ...reads, run: readKeys },
  prInReadReservation: { ...reads, run: readReservation },
  prInReportCapabilities: { ...reads, run: reportCapabilities },
  prInReadFullStatus: { ...reads, run: readFullStatus },
  prOutRegister: { ...writes, run: reserveOut('register') },
  prOutRegisterAndIgnoreExistingKey: { ...writes, run: reserveOut('ignore') },
  prOutReserve: { ...writes, run: reserveOut('reserve') },
  prOutRelease: { ...writes, run: reserveOut('release') },
  prOutClear: { ...writes, run: reserveOut('clear') },
  prOutPreempt: { ...writes, run: reserveOut('preempt') },
  prOutPreemptAndAbort: { ...writes, run: reserveOut('preemptAndAbort') },
  prOutRegisterAndMove: { ...writes, run: registerAndMove },
};
