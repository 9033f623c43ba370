import type { KeySpec } from '../../pdu/index.ts';

/** One key as far as its cost depends on it. */
export interface SettledKey {
  readonly key: string;
  readonly spec: KeySpec;
  readonly result: string;
  /** Values that were named by a side and are none of the reserved words. */
  readonly named: readonly string[];
  /** What came of another key, or its default. */
  readonly resultOf: (key: string) => string;
}

/** Length of a transfer that costs are told of where nobody asked for more. */
const SAMPLE = 1 << 20;

/** What the value that came out costs beside the best that was named, or beside the best the key allows; null where nothing is lost (RFC 7143 13). */
export function costOf(settled: SettledKey): string | null {
  const { spec, result } = settled;
  const words = COSTS[spec.name];
  if (words === undefined) return result === spec.defaultValue ? null : spec.effect;
  return words(settled) ?? (result === spec.defaultValue ? null : spec.effect);
}

type Words = (settled: SettledKey) => string | null;

const COSTS: Readonly<Partial<Record<string, Words>>> = {
  HeaderDigest: (settled) => digest(settled, 'a header'),
  DataDigest: (settled) => digest(settled, 'data'),
  MaxConnections: (settled) => {
    const [result, best] = [Number(settled.result), largest(settled)];
    return best > result ? `The session may use ${count(result, 'connection')} where ${best} were named.` : null;
  },
  InitialR2T: (settled) => {
    if (settled.result !== 'Yes') return null;
    if (settled.resultOf('ImmediateData') !== 'Yes')
      return 'Every write waits one round trip, for its R2T, before any data goes out.';
    return `A write of more than the ${immediateRoom(settled)} bytes its command can carry waits one round trip, for its R2T, before the rest goes out.`;
  },
  ImmediateData: (settled) => {
    if (settled.result !== 'No') return null;
    const wait = settled.resultOf('InitialR2T') === 'Yes' ? ' and, with InitialR2T=Yes, one round trip' : '';
    return `No command carries data: even a small write takes one PDU${wait} more.`;
  },
  MaxRecvDataSegmentLength: (settled) => {
    const burst = Number(settled.resultOf('MaxBurstLength'));
    const pdus = Math.ceil(burst / Number(settled.result));
    return pdus > 1 ? `A burst of ${burst} bytes takes ${pdus} PDUs.` : null;
  },
  MaxBurstLength: (settled) => {
    const [result, best] = [Number(settled.result), largest(settled)];
    const length = best > result ? best : SAMPLE;
    const bursts = Math.ceil(length / result);
    if (!(bursts > 1)) return null;
    return `A write of ${length} bytes takes ${bursts} R2Ts instead of one: ${count(bursts - 1, 'round trip')} more${overlap(settled)}.`;
  },
  FirstBurstLength: (settled) => {
    const [result, best] = [Number(settled.result), largest(settled)];
    if (settled.resultOf('InitialR2T') === 'Yes') {
      if (!(best > result)) return null;
      if (settled.resultOf('ImmediateData') !== 'Yes')
        return 'Nothing here: with InitialR2T=Yes and ImmediateData=No all data waits for an R2T.';
      const room = immediateRoom(settled);
      const lost = Math.min(best, immediateLimit(settled)) - room;
      if (lost > 0) return `A command carries at most ${room} bytes of its data, ${lost} less than was named.`;
      return `Nothing here: with InitialR2T=Yes only the ${room} bytes a command can carry go out unasked.`;
    }
    const wait = 'wait one round trip, for an R2T, with what lies beyond';
    if (best > result)
      return `Writes of more than ${result} bytes ${wait}; of the ${best} named, up to that many would not.`;
    return result < SAMPLE ? `Writes of more than ${result} bytes ${wait}.` : null;
  },
  DefaultTime2Wait: (settled) => {
    const result = Number(settled.result);
    const least = Math.min(...numbers(settled));
    return result > least
      ? `After a lost connection the host waits ${result} s before it comes back, ${result - least} s longer than was named.`
      : null;
  },
  DefaultTime2Retain: (settled) => {
    const [result, best] = [Number(settled.result), largest(settled)];
    return best > result
      ? `Tasks of a lost connection are kept for ${result} s, ${best - result} s less than was named.`
      : null;
  },
  MaxOutstandingR2T: (settled) => {
    const [result, best] = [Number(settled.result), largest(settled)];
    if (best > result)
      return `A write has ${result} of the ${best} R2Ts named open at once: ${best} bursts take ${count(Math.ceil(best / result), 'round trip')} instead of one.`;
    return result === 1 ? 'A write asks for one burst at a time: each waits one round trip for the one before.' : null;
  },
  DataPDUInOrder: (settled) => inOrder(settled, 'PDUs of a sequence'),
  DataSequenceInOrder: (settled) => inOrder(settled, 'sequences of a command'),
  ErrorRecoveryLevel: (settled) => {
    const [result, best] = [Number(settled.result), largest(settled)];
    if (!(best > result)) return null;
    return result === 0
      ? `One lost PDU costs the whole session and all its open tasks; level ${best} would repair it.`
      : `A lost connection costs its open tasks; level ${best} would move them to another.`;
  },
};

function numbers(settled: SettledKey): number[] {
  return settled.named.map(Number).filter((value) => Number.isFinite(value));
}

function largest(settled: SettledKey): number {
  return numbers(settled).reduce((most, value) => Math.max(most, value), -Infinity);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** What a target takes in one PDU limits what a command can carry. */
function immediateLimit(settled: SettledKey): number {
  return Number(settled.resultOf('MaxRecvDataSegmentLength (target)'));
}

function immediateRoom(settled: SettledKey): number {
  return Math.min(Number(settled.resultOf('FirstBurstLength')), immediateLimit(settled));
}

function overlap(settled: SettledKey): string {
  const open = Number(settled.resultOf('MaxOutstandingR2T'));
  return open > 1 ? `, of which ${open} may overlap` : '';
}

function digest(settled: SettledKey, what: string): string | null {
  const wanted = settled.named.some((value) => value.split(',')[0] === 'CRC32C');
  return settled.result === 'None' && wanted
    ? `CRC32C was asked for and not taken: damage to ${what} that the checksum of TCP misses goes unseen.`
    : null;
}

function inOrder(settled: SettledKey, what: string): string | null {
  return settled.result === 'Yes' && settled.named.includes('No')
    ? `The ${what} have to keep their order, so that one that is slow holds up the rest; No had been named.`
    : null;
}
