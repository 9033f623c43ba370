/** A target port as SCSI sees it: one portal group of one target. */
export interface TargetPort {
  /** 1 and up, unique within the logical units it leads to (SPC-5, relative port identifier). */
  readonly relativeId: number;
  readonly targetName: string;
  readonly portalGroupTag: number;
  /** The ALUA target port group it belongs to. */
  readonly portGroup: number;
}

/** One I_T nexus: an initiator port that talks to a target port through one session (RFC 7143 4.4). */
export interface Nexus {
  /** Stays the same when the same initiator port logs in again at the same target port. */
  readonly id: string;
  readonly initiatorName: string;
  /** Twelve hex digits. */
  readonly isid: string;
  readonly port: TargetPort;
}

/** The nexus of an initiator port and a target port. */
export function makeNexus(initiatorName: string, isid: string, port: TargetPort): Nexus {
  const id = `${initiatorName},i,0x${isid}|${port.targetName},t,0x${port.portalGroupTag.toString(16).padStart(4, '0')}`;
  return { id, initiatorName, isid, port };
}
