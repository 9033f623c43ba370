import { ScsiError } from '../errors/index.ts';
import {
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
import type { CommandOptions } from './command.ts';
import type { PageControl } from './queries.ts';
import type { LunAddress } from './raw.ts';
import type { ScsiOps } from './scsi-ops.ts';

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined)
    throw new ScsiError('SCSI_BAD_PAYLOAD', `The answer to ${what} is too short to hold anything.`);
  return value;
}

/** Queries whose answers come taken apart; what a short or lying answer does not hold is absent, with a warning. */
export class DecodedOps {
  readonly #scsi: ScsiOps;

  constructor(scsi: ScsiOps) {
    this.#scsi = scsi;
  }

  /** A vital product data page. */
  async vpd(lun: LunAddress, pageCode: number, options?: CommandOptions): Promise<VpdPage> {
    return present(decodeVpd(await this.#scsi.vpd(lun, pageCode, options)), 'INQUIRY');
  }

  /** Mode pages with header and block descriptors; page 3Fh asks for all. */
  async mode(
    lun: LunAddress,
    pageCode: number,
    options?: CommandOptions & { readonly subpageCode?: number; readonly pageControl?: PageControl },
  ): Promise<ModeParameters> {
    return decodeModeParameters(await this.#scsi.modeSense10(lun, pageCode, options?.subpageCode, options), 10);
  }

  /** A log page, cumulative values. */
  async log(
    lun: LunAddress,
    pageCode: number,
    options?: CommandOptions & { readonly subpageCode?: number },
  ): Promise<LogPage> {
    return present(decodeLogPage(await this.#scsi.logSense(lun, pageCode, options?.subpageCode, options)), 'LOG SENSE');
  }

  /** The commands a unit supports. */
  async commands(lun: LunAddress, options?: CommandOptions): Promise<SupportedCommands> {
    return decodeSupportedCommands(await this.#scsi.reportSupportedOperationCodes(lun, options));
  }

  /** The task management functions a unit supports. */
  async taskFunctions(lun: LunAddress, options?: CommandOptions): Promise<TaskFunctions> {
    return decodeTaskFunctions(await this.#scsi.reportSupportedTaskManagementFunctions(lun, options));
  }

  /** The target port groups and the state of each (ALUA). */
  async portGroups(lun: LunAddress, options?: CommandOptions): Promise<PortGroups> {
    return decodePortGroups(await this.#scsi.reportTargetPortGroups(lun, options));
  }

  /** Which blocks from `lba` on are mapped. */
  async lbaStatus(lun: LunAddress, lba: bigint, options?: CommandOptions): Promise<LbaStatus> {
    return decodeLbaStatus(await this.#scsi.getLbaStatus(lun, lba, options));
  }

  /** The table of contents of an optical medium. */
  async toc(lun: LunAddress, options?: CommandOptions): Promise<Toc> {
    return decodeToc(await this.#scsi.readToc(lun, 0, options));
  }
}
