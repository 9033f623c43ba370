/** Task management functions (RFC 7143 11.5.1, RFC 7144 for 9 and up). */
export const TMF_FUNCTIONS = {
  abortTask: 1,
  abortTaskSet: 2,
  clearAca: 3,
  clearTaskSet: 4,
  logicalUnitReset: 5,
  targetWarmReset: 6,
  targetColdReset: 7,
  taskReassign: 8,
  queryTask: 9,
  queryTaskSet: 10,
  iTNexusReset: 11,
  queryAsynchronousEvent: 12,
} as const;

/** Names of the task management functions. */
export const TMF_FUNCTION_NAMES: Readonly<Record<number, string>> = {
  1: 'ABORT TASK',
  2: 'ABORT TASK SET',
  3: 'CLEAR ACA',
  4: 'CLEAR TASK SET',
  5: 'LOGICAL UNIT RESET',
  6: 'TARGET WARM RESET',
  7: 'TARGET COLD RESET',
  8: 'TASK REASSIGN',
  9: 'QUERY TASK',
  10: 'QUERY TASK SET',
  11: 'I_T NEXUS RESET',
  12: 'QUERY ASYNCHRONOUS EVENT',
};

/** Task management responses (RFC 7143 11.6.1, RFC 7144 6.1). */
export const TMF_RESPONSE_NAMES: Readonly<Record<number, string>> = {
  0: 'Function complete',
  1: 'Task does not exist',
  2: 'LUN does not exist',
  3: 'Task still allegiant',
  4: 'Task allegiance reassignment not supported',
  5: 'Function not supported',
  6: 'Function authorization failed',
  7: 'Function succeeded',
  255: 'Function rejected',
};

/** Reasons of a logout request (RFC 7143 11.14.1). */
export const LOGOUT_REASON_NAMES: Readonly<Record<number, string>> = {
  0: 'Close the session',
  1: 'Close the connection',
  2: 'Remove the connection for recovery',
};

/** Responses to a logout (RFC 7143 11.15.1). */
export const LOGOUT_RESPONSE_NAMES: Readonly<Record<number, string>> = {
  0: 'Closed',
  1: 'Connection ID not found',
  2: 'Recovery not supported',
  3: 'Clean-up failed',
};

/** SNACK kinds (RFC 7143 11.16.1). */
export const SNACK_TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'Data or R2T',
  1: 'Status',
  2: 'DataACK',
  3: 'R-Data',
};

/** Reasons of a Reject (RFC 7143 11.17.1). */
export const REJECT_REASON_NAMES: Readonly<Record<number, string>> = {
  0x01: 'Reserved',
  0x02: 'Data digest error',
  0x03: 'SNACK reject',
  0x04: 'Protocol error',
  0x05: 'Command not supported',
  0x06: 'Immediate command reject, too many immediate commands',
  0x07: 'Task in progress',
  0x08: 'Invalid DataACK',
  0x09: 'Invalid PDU field',
  0x0a: 'Long operation reject, out of resources',
  0x0b: 'Deprecated: negotiation reset',
  0x0c: 'Waiting for logout',
};

/** Asynchronous events (RFC 7143 11.9.1). */
export const ASYNC_EVENT_NAMES: Readonly<Record<number, string>> = {
  0: 'SCSI asynchronous event',
  1: 'Target requests logout',
  2: 'Target will drop this connection',
  3: 'Target will drop all connections of this session',
  4: 'Target requests parameter negotiation',
  5: 'All active tasks of a LUN are terminated',
  248: 'Vendor-specific event',
  255: 'Vendor-specific event',
};

/** iSCSI service responses in a SCSI Response (RFC 7143 11.4.3). */
export const SCSI_RESPONSE_NAMES: Readonly<Record<number, string>> = {
  0x00: 'Command completed at target',
  0x01: 'Target failure',
};

/** SCSI status codes (SAM-5 5.3.1). */
export const SCSI_STATUS_NAMES: Readonly<Record<number, string>> = {
  0x00: 'GOOD',
  0x02: 'CHECK CONDITION',
  0x04: 'CONDITION MET',
  0x08: 'BUSY',
  0x18: 'RESERVATION CONFLICT',
  0x28: 'TASK SET FULL',
  0x30: 'ACA ACTIVE',
  0x40: 'TASK ABORTED',
};

/** Login stages (RFC 7143 11.12.3). */
export const LOGIN_STAGE_NAMES: Readonly<Record<number, string>> = {
  0: 'Security negotiation',
  1: 'Operational negotiation',
  3: 'Full feature phase',
};

/** Task attributes of a SCSI Command (RFC 7143 11.3.1). */
export const TASK_ATTRIBUTE_NAMES: Readonly<Record<number, string>> = {
  0: 'Untagged',
  1: 'Simple',
  2: 'Ordered',
  3: 'Head of queue',
  4: 'ACA',
};
