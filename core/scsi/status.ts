/** SCSI status codes (SAM-5 5.3.1), the obsolete ones included because old targets still send them. */
export const SCSI_STATUS = {
  GOOD: 0x00,
  CHECK_CONDITION: 0x02,
  CONDITION_MET: 0x04,
  BUSY: 0x08,
  INTERMEDIATE: 0x10,
  INTERMEDIATE_CONDITION_MET: 0x14,
  RESERVATION_CONFLICT: 0x18,
  COMMAND_TERMINATED: 0x22,
  TASK_SET_FULL: 0x28,
  ACA_ACTIVE: 0x30,
  TASK_ABORTED: 0x40,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SCSI_STATUS).map(([name, code]) => [code, name.replaceAll('_', ' ')]),
);

/** The name SAM gives a status, or its number. */
export function statusName(status: number): string {
  return NAMES.get(status) ?? `status 0x${status.toString(16).padStart(2, '0')}`;
}

/** Whether a status means that the command did what was asked: GOOD, and CONDITION MET of PRE-FETCH. */
export function isGoodStatus(status: number): boolean {
  return status === SCSI_STATUS.GOOD || status === SCSI_STATUS.CONDITION_MET;
}
