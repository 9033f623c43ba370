import { describe, expect, it } from 'vitest';
import { buildPdu } from '../../../core/pdu/index.ts';
import { ACK, FIN, PSH } from '../../trace/packet-builder.ts';
import { findingsOf } from './finding-scenes.ts';
import { command, dataIn, loginRequest, loginResponse, NONE, raw, session, Wire } from './wire.ts';

const logout = buildPdu('logoutRequest', { final: true, immediate: true, itt: 9, cmdSn: 2, expStatSn: 2 });
const bye = buildPdu('logoutResponse', { final: true, itt: 9, statSn: 2, expCmdSn: 2, maxCmdSn: 33 });

/** A session that ends as it should, of which the capture lacks one segment. */
function without(lost: 'login response' | 'logout request' | undefined): string[] {
  const wire = new Wire();
  if (lost === 'login response') {
    wire.handshake().push(0, PSH | ACK, raw(loginRequest('InitiatorName=iqn.a:h\0TargetName=iqn.a:d\0')));
    wire.segment(1, PSH | ACK, raw(loginResponse('TargetPortalGroupTag=1\0')));
  } else session(wire);
  wire.push(0, PSH | ACK, raw(command(1, 512))).push(1, PSH | ACK, raw(dataIn(1, 512)));
  if (lost === 'logout request') wire.segment(0, PSH | ACK, raw(logout));
  else wire.push(0, PSH | ACK, raw(logout)).push(1, PSH | ACK, raw(bye));
  wire
    .push(0, FIN | ACK)
    .push(1, FIN | ACK)
    .push(0, ACK, NONE);
  return findingsOf(wire.read()).map(({ rule }) => rule);
}

describe('a session of which the capture lacks a segment', () => {
  it('is without a finding when whole', () => {
    expect(without(undefined)).toEqual([]);
  });

  it.each(['login response', 'logout request'] as const)('is blamed for no missing %s', (lost) => {
    const rules = without(lost);
    expect(rules).toContain('trace-gap');
    expect(rules).not.toContain('login-unfinished');
    expect(rules).not.toContain('no-logout');
  });
});
