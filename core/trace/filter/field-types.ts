import type { Field } from '../../bytes/index.ts';
import type { PduKind } from '../../pdu/index.ts';

/** How a field's values are written. */
export type FilterKind = 'number' | 'duration' | 'flag' | 'text' | 'bytes' | 'address';

/** Where a field's value comes from; `stream` fields read the file. */
export type FilterLevel = 'pdu' | 'task' | 'connection' | 'stream';

/** Which ends of its connection a field of a PDU is about. */
export type FilterEnd = 'either' | 'source' | 'destination';

/** A value by name; commands that share an opcode name their service action too. */
export interface NamedValue {
  readonly name: string;
  readonly value: number;
  readonly serviceAction?: number;
}

/** A field of the layouts of PDUs, in every kind that has it or in those named; `part` is a piece of it, counted from its start. */
export interface HeaderPlace {
  readonly field: string;
  readonly kinds?: readonly PduKind[];
  readonly part?: Field;
}

/** A field of the layouts of CDBs, in every command of disks that has it or in those of the operation codes named. */
export interface CdbPlace {
  readonly field: string;
  readonly opcodes?: readonly number[];
}

/** One field of the filter language. */
export interface FilterField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: FilterKind;
  readonly level: FilterLevel;
  readonly help: string;
  readonly names: readonly NamedValue[];
  /** Nanoseconds of a bare number; without it durations want a unit. */
  readonly bareNs?: number;
  readonly end?: FilterEnd;
  /** The one family of addresses it holds. */
  readonly family?: AddressFamily;
  readonly header?: HeaderPlace;
  readonly cdb?: CdbPlace;
  /** The kinds of PDU that have it, where it is read from their data; without it all. */
  readonly carriedBy?: readonly PduKind[];
}

/** Families of addresses, by Wireshark's names. */
export type AddressFamily = 'ip' | 'ipv6';
