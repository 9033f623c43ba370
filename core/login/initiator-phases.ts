import { UsageError } from '../errors/index.ts';
import { NAME_BYTES } from './names.ts';
import type { InitiatorLoginConfig } from './types.ts';

/** Where the login stands: what the last request was about. */
export type Phase = 'idle' | 'method' | 'challenge' | 'proof' | 'leave' | 'operational' | 'ended';

/** What an answer amounts to: T granted or held back, or the next step of authentication. */
export type Event = 'start' | 'skip' | 'chap' | 'open' | 'challenged' | 'granted' | 'held';

/** The phase each event leads to; what is not there does not fit the login. */
export const TRANSITIONS: Readonly<Record<Phase, Partial<Record<Event, Phase>>>> = {
  idle: { start: 'method', skip: 'operational' },
  method: { chap: 'challenge', open: 'leave', granted: 'operational', held: 'method' },
  challenge: { challenged: 'proof' },
  proof: { granted: 'operational', held: 'leave' },
  leave: { granted: 'operational', held: 'leave' },
  operational: { granted: 'ended', held: 'operational' },
  ended: {},
};

/** What each phase is called in an error. */
export const STEPS: Readonly<Record<Phase, string>> = {
  idle: 'start',
  method: 'AuthMethod',
  challenge: 'CHAP_A',
  proof: 'CHAP_R',
  leave: 'end of authentication',
  operational: 'operational negotiation',
  ended: 'end',
};

/** Refuses a configuration no login can come of, with a UsageError. */
export function checkConfig(config: InitiatorLoginConfig): void {
  const fail = (sentence: string): never => {
    throw new UsageError('BAD_ARGUMENT', sentence);
  };
  const nameLength = new TextEncoder().encode(config.initiatorName).length;
  if (nameLength === 0 || nameLength > NAME_BYTES)
    fail(`An initiator name has 1 to ${NAME_BYTES} bytes; this one has ${nameLength}.`);
  if (config.isid.length !== 6) fail(`An ISID has 6 bytes; ${config.isid.length} were given.`);
  if (config.sessionType === 'Normal' && (config.targetName ?? '') === '')
    fail('A normal session needs a target name.');
  if (config.tsih !== 0 && config.session === undefined)
    fail('A connection that joins a session needs its parameters.');
  if (config.skipSecurity === true && config.chap !== undefined)
    fail('CHAP belongs to the security stage, which was to be skipped.');
}
