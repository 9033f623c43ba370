import { InitiatorLogin, type InitiatorLoginConfig } from '../../../core/login/index.ts';
import { initiatorConfig, responseBhs, sentBy, text, type ResponseFields } from './support.ts';

/** What a well-behaved target answers to the usual offers. */
export const ANSWERS = {
  HeaderDigest: 'None',
  DataDigest: 'None',
  MaxConnections: '1',
  InitialR2T: 'No',
  ImmediateData: 'Yes',
  MaxRecvDataSegmentLength: '65536',
  MaxBurstLength: '262144',
  FirstBurstLength: '65536',
  DefaultTime2Wait: '2',
  DefaultTime2Retain: '20',
  MaxOutstandingR2T: '1',
  DataPDUInOrder: 'Yes',
  DataSequenceInOrder: 'Yes',
  ErrorRecoveryLevel: '0',
};

/** The header of the answer that ends a login. */
export const LAST: ResponseFields = { flags: 0x87, statSn: 1, tsih: 0x4a01 };

/** An initiator whose operational offers are on their way. */
export function offered(changes: Partial<InitiatorLoginConfig> = {}): InitiatorLogin {
  const login = new InitiatorLogin(initiatorConfig(changes));
  sentBy(login.start());
  if (changes.skipSecurity !== true)
    sentBy(login.receive(responseBhs({ flags: 0x81 }), text({ TargetPortalGroupTag: '1', AuthMethod: 'None' })));
  return login;
}

/** What the initiator makes of a last answer with these keys among the usual ones. */
export const ended = (keys: Record<string, string>, changes: Partial<InitiatorLoginConfig> = {}) =>
  offered(changes).receive(responseBhs(LAST), text({ ...ANSWERS, ...keys }));
