import type { HostileCase } from '../case.ts';
import { controlCases } from './control.ts';
import { dataInCases } from './data-in.ts';
import { digestCases } from './digest.ts';
import { chapCases, loginCases } from './login.ts';
import { payloadCases } from './payload.ts';
import { reconnectCases } from './reconnect.ts';
import { textCases } from './text.ts';
import { transportCases } from './transport.ts';
import { writeCases } from './write.ts';

/** Every case, by group. */
export const HOSTILE_CASES: readonly HostileCase[] = [
  ...transportCases,
  ...loginCases,
  ...chapCases,
  ...dataInCases,
  ...writeCases,
  ...controlCases,
  ...textCases,
  ...digestCases,
  ...payloadCases,
  ...reconnectCases,
];
