import { FilterError, type Token } from './tokens.ts';

/** A name of Wireshark's whose value no trace holds: what it is, and the field here that comes nearest. */
interface Foreign {
  readonly is: string;
  readonly instead?: string;
  readonly which?: string;
  /** Bare numbers beside it are seconds. */
  readonly seconds?: boolean;
}

const COUNTS_PACKETS = 'counts packets, which a trace does not keep';
const REQUEST: Foreign = {
  is: COUNTS_PACKETS,
  instead: 'request',
  which: 'is the number of the PDU that began the task',
};
const RESPONSE: Foreign = {
  is: COUNTS_PACKETS,
  instead: 'response',
  which: 'is the number of the PDU that ended the task',
};

const FOREIGN: Readonly<Record<string, Foreign>> = {
  'frame.number': { is: COUNTS_PACKETS, instead: 'n', which: 'counts PDUs, from 1' },
  'iscsi.request_frame': REQUEST,
  'scsi.request_frame': REQUEST,
  'iscsi.response_frame': RESPONSE,
  'scsi.response_frame': RESPONSE,
  'iscsi.data_in_frame': { is: COUNTS_PACKETS },
  'iscsi.data_out_frame': { is: COUNTS_PACKETS },
  'tcp.stream': {
    is: 'counts every TCP connection of a capture, and a trace keeps those that carry iSCSI',
    instead: 'connection',
    which: 'counts these, from 0',
  },
  'frame.len': {
    is: 'is the length of a packet, which a trace does not keep',
    instead: 'pduLength',
    which: 'is that of the PDU',
  },
  'frame.time_delta': {
    is: 'is the time since the packet before, which a trace does not keep',
    instead: 'delta',
    which: 'is the time since the PDU before',
    seconds: true,
  },
};

/** Whether a name is one of Wireshark's that would mean something else here. */
export function isForeign(name: string): boolean {
  return Object.hasOwn(FOREIGN, name.toLowerCase());
}

/** The error for a name of Wireshark's that would mean something else here; `op` and `value` are what follows it. */
export function foreignError(name: Token, op: Token, value: Token): FilterError | undefined {
  if (!isForeign(name.text)) return undefined;
  const { is, instead, which, seconds } = FOREIGN[name.text.toLowerCase()] as Foreign;
  const { from } = name;
  if (instead === undefined || which === undefined) return new FilterError(`${name.text} ${is}.`, from, name.to);
  const message = `${name.text} ${is}; ${instead} ${which}.`;
  const bare = seconds === true && op.kind === 'operator' && value.kind === 'number' && /^[\d.]+$/u.test(value.text);
  return bare
    ? new FilterError(message, from, value.to, `${instead} ${op.text} ${value.text}s`)
    : new FilterError(message, from, name.to, instead);
}
