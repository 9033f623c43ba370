import { ScsiError } from '../errors/index.ts';
import {
  buildCdb,
  decodeLbaStatus,
  decodeLogPage,
  decodeModeParameters,
  decodePortGroups,
  decodeSupportedCommands,
  decodeTaskFunctions,
  decodeToc,
  decodeVpd,
  type LbaStatus,
  type LogPage,
  type ModeParameters,
  type PortGroups,
  type SupportedCommands,
  type TaskFunctions,
  type Toc,
  type VpdPage,
} from '../scsi/index.ts';
import type { Commander, CommandOptions } from './command.ts';
import type { LunAddress } from './raw.ts';

const LONGEST = 65535;

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new ScsiError('SCSI_BAD_PAYLOAD', `The answer to ${what} is too short to hold anything.`);
  return value;
}

/** Queries whose answers come taken apart; what a short or lying answer does not hold is absent, with a warning. */
export class DecodedOps {
  readonly #commander: Commander;

  constructor(commander: Commander) {
    this.#commander = commander;
  }

  #ask(lun: LunAddress, cdb: Uint8Array, options: CommandOptions | undefined): Promise<Uint8Array> {
    return this.#commander.query(lun, cdb, LONGEST, options);
  }

  /** A vital product data page. */
  async vpd(lun: LunAddress, pageCode: number, options?: CommandOptions): Promise<VpdPage> {
    const cdb = buildCdb('inquiry', { evpd: true, pageCode, allocationLength: LONGEST });
    return present(decodeVpd(await this.#ask(lun, cdb, options)), 'INQUIRY');
  }

  /** Mode pages with header and block descriptors; page 3Fh asks for all. */
  async mode(
    lun: LunAddress,
    pageCode: number,
    options?: CommandOptions & { readonly subpageCode?: number; readonly pageControl?: 0 | 1 | 2 | 3 },
  ): Promise<ModeParameters> {
    const { subpageCode = 0, pageControl = 0 } = options ?? {};
    const cdb = buildCdb('modeSense10', { pageCode, subpageCode, pageControl, allocationLength: LONGEST });
    return decodeModeParameters(await this.#ask(lun, cdb, options), 10);
  }

  /** A log page, cumulative values. */
  async log(
    lun: LunAddress,
    pageCode: number,
    options?: CommandOptions & { readonly subpageCode?: number },
  ): Promise<LogPage> {
    const fields = { pageControl: 1, pageCode, subpageCode: options?.subpageCode ?? 0, allocationLength: LONGEST };
    return present(decodeLogPage(await this.#ask(lun, buildCdb('logSense', fields), options)), 'LOG SENSE');
  }

  /** The commands a unit supports. */
  async commands(lun: LunAddress, options?: CommandOptions): Promise<SupportedCommands> {
    const cdb = buildCdb('reportSupportedOperationCodes', { rctd: true, allocationLength: LONGEST });
    return decodeSupportedCommands(await this.#ask(lun, cdb, options));
  }

  /** The task management functions a unit supports. */
  async taskFunctions(lun: LunAddress, options?: CommandOptions): Promise<TaskFunctions> {
    const cdb = buildCdb('reportSupportedTaskManagementFunctions', { repd: true, allocationLength: LONGEST });
    return decodeTaskFunctions(await this.#ask(lun, cdb, options));
  }

  /** The target port groups and the state of each (ALUA). */
  async portGroups(lun: LunAddress, options?: CommandOptions): Promise<PortGroups> {
    const cdb = buildCdb('reportTargetPortGroups', { allocationLength: LONGEST });
    return decodePortGroups(await this.#ask(lun, cdb, options));
  }

  /** Which blocks from `lba` on are mapped. */
  async lbaStatus(lun: LunAddress, lba: bigint, options?: CommandOptions): Promise<LbaStatus> {
    return decodeLbaStatus(await this.#ask(lun, buildCdb('getLbaStatus', { lba, allocationLength: LONGEST }), options));
  }

  /** The table of contents of an optical medium. */
  async toc(lun: LunAddress, options?: CommandOptions): Promise<Toc> {
    return decodeToc(await this.#ask(lun, buildCdb('readTocPmaAtip', { allocationLength: LONGEST }), options));
  }
}
