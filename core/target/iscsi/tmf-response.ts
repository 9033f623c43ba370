/** Answers of task management (RFC 7143 11.6.1, RFC 7144 6.1). */
export const TMF_RESPONSE = {
  complete: 0,
  noSuchTask: 1,
  noSuchLun: 2,
  stillAllegiant: 3,
  reassignmentNotSupported: 4,
  notSupported: 5,
  notAuthorized: 6,
  succeeded: 7,
  rejected: 255,
} as const;
