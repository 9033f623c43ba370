import { NotHere } from './matrix.ts';

/** A disk a cell works on. */
export interface SanDisk {
  readonly target: string;
  readonly lun: number;
  readonly blockSize: number;
  readonly sizeBytes: number;
  /** The file in which the target keeps this disk's bytes, where it keeps them in one. */
  readonly image?: string;
}

/** What a disk is there to show. */
export type SanRole =
  | 'plain'
  | 'chap'
  | 'mutual'
  | 'digests'
  | 'forcedDigests'
  | 'blocks4096'
  | 'readOnly'
  | 'smallBursts'
  | 'gibibyte'
  | 'beyond2TiB'
  | 'thin'
  | 'connections';

/** A target that is not a disk, or a LUN that answers with sense. */
export interface SanUnit {
  readonly target: string;
  readonly lun: number;
}

/** One running target software with everything the matrix asks about it. */
export interface San {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Every target discovery must show. */
  readonly targets: readonly string[];
  /** The target with the most LUNs, and their numbers as it must report them. */
  readonly luns: { readonly target: string; readonly numbers: readonly number[] };
  readonly disks: Partial<Record<SanRole, SanDisk>>;
  /** Why a role is missing, for the skipped cell. */
  readonly absent: Partial<Record<SanRole | 'otherUnits' | 'emptyDrive' | 'acl', string>>;
  readonly account: { readonly user: string; readonly password: string };
  readonly targetAccount: { readonly user: string; readonly password: string };
  /** Units that are not disks, with the device type they report. */
  readonly otherUnits: readonly (SanUnit & { readonly deviceType: number })[];
  readonly emptyDrive?: SanUnit;
  /** A target that lets only one initiator in. */
  readonly acl?: { readonly target: string; readonly allowed: string };
  /** How long the target itself takes to answer a login. */
  readonly loginMs: number;
  /** A unit attention must be seen after a LUN reset. */
  readonly attentionAfterReset: boolean;
  /** Ends the target as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same disks. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** The disk of a role, or the reason there is none. */
export function diskOf(san: San, role: SanRole): SanDisk {
  const disk = san.disks[role];
  if (disk === undefined) throw new NotHere(san.absent[role] ?? `${san.name} has no such disk`);
  return disk;
}
