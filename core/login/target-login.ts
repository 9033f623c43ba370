import { LunascopeError } from '../errors/index.ts';
import {
  buildPdu,
  decodeBhs,
  OPCODES,
  opcodeName,
  TextAssembler,
  type PduFields,
  type TextPair,
} from '../pdu/index.ts';
import { ChallengeLog } from './chap.ts';
import { ChapTarget } from './chap-target.ts';
import { EXCHANGE_LIMIT, LOGIN_TEXT_LIMIT, sortPairs, STAGE, strayKey, TextOut } from './exchange.ts';
import { checkIscsiName } from './names.ts';
import { Negotiator } from './negotiator.ts';
import { DEFAULT_SEGMENT_LENGTH, sessionParameters } from './parameters.ts';
import { buildPolicy, offersOf } from './policy.ts';
import { LoginRefusal, STATUS, statusOf } from './refusal.ts';
import { formatTargetAddress } from './target-address.ts';
import type {
  SessionParameters,
  SessionType,
  TargetAuth,
  TargetLoginConfig,
  TargetLoginOutcome,
  TargetLoginRequest,
  TargetLoginStep,
  TargetResolution,
} from './types.ts';

type Request = PduFields<'loginRequest'>;

/** Where the login stands: what the next request must be about. */
type Phase = 'first' | 'method' | 'challenge' | 'proof' | 'proven' | 'operational' | 'ended';

type Event = 'security' | 'operational' | 'chap' | 'open' | 'challenged' | 'proven' | 'accepted';

const TRANSITIONS: Readonly<Record<Phase, Partial<Record<Event, Phase>>>> = {
  first: { security: 'method', operational: 'operational' },
  method: { chap: 'challenge', open: 'proven' },
  challenge: { challenged: 'proof' },
  proof: { proven: 'proven' },
  proven: { operational: 'operational', accepted: 'ended' },
  operational: { accepted: 'ended' },
  ended: {},
};

/** What the first request settled. */
interface Opened {
  readonly request: TargetLoginRequest;
  readonly session: SessionParameters | undefined;
  readonly auth: TargetAuth;
  readonly negotiator: Negotiator;
}

/** Login of a target as a machine: PDUs in, PDUs and an outcome out (RFC 7143 6.3). It never throws at what a peer sends. */
export class TargetLogin {
  readonly #config: TargetLoginConfig;
  readonly #text: TextAssembler;
  readonly #out = new TextOut();
  readonly #warnings: string[] = [];
  #phase: Phase = 'first';
  #header: Request | undefined;
  #opened: Opened | undefined;
  #request: TargetLoginRequest | null = null;
  #chap: ChapTarget | undefined;
  #statSn: number;
  #requests = 0;

  constructor(config: TargetLoginConfig) {
    this.#config = config;
    this.#text = new TextAssembler(config.textLimit ?? LOGIN_TEXT_LIMIT);
    this.#statSn = config.statSn;
  }

  /** Takes a PDU of the initiator: its 48 header bytes and its data without padding. */
  receive(bhs: Uint8Array, data: Uint8Array): TargetLoginStep {
    const header = decodeBhs('loginRequest', bhs);
    try {
      if (this.#phase === 'ended') throw new LoginRefusal(STATUS.invalidDuringLogin, 'The login has ended.');
      this.#check(header, data);
      return this.#take(header, data);
    } catch (error) {
      if (!(error instanceof LunascopeError) && !(error instanceof LoginRefusal)) throw error;
      return this.#refuse(header, statusOf(error), error.message, error instanceof LoginRefusal ? error.text : []);
    }
  }

  #move(event: Event): void {
    const next = TRANSITIONS[this.#phase][event];
    if (next === undefined)
      throw new LoginRefusal(
        STATUS.initiatorError,
        `The request does not fit the login: "${event}" while the step was "${this.#phase}".`,
      );
    this.#phase = next;
  }

  #check(header: Request, data: Uint8Array): void {
    const fail = (sentence: string, status: number = STATUS.initiatorError): never => {
      throw new LoginRefusal(status, sentence);
    };
    if (header.opcode !== OPCODES.loginRequest)
      fail(`The initiator sent ${opcodeName(header.opcode)} during login.`, STATUS.invalidDuringLogin);
    this.#requests += 1;
    const limit = this.#config.exchangeLimit ?? EXCHANGE_LIMIT;
    if (this.#requests > limit) fail(`The login took more than ${limit} requests.`);
    // A login request is immediate whether it is marked so or not: some initiators leave the bit clear.
    if (header.versionMin > 0)
      fail(
        `The initiator speaks no version below ${header.versionMin}; only version 0 exists.`,
        STATUS.unsupportedVersion,
      );
    if (data.length > DEFAULT_SEGMENT_LENGTH)
      fail(`The login request holds ${data.length} bytes; at most ${DEFAULT_SEGMENT_LENGTH} are allowed.`);
    if (header.csg !== STAGE.security && header.csg !== STAGE.operational)
      fail(`The login request is about stage ${header.csg}, which login does not have.`);
    if (header.transit && header.continue)
      fail('The login request ends the stage in the middle of its text (T and C are both set).');
    if (header.transit && (header.nsg <= header.csg || header.nsg === 2))
      fail(`The login request goes from stage ${header.csg} to ${header.nsg}.`);
    this.#compare(header, fail);
  }

  #compare(header: Request, fail: (sentence: string) => never): void {
    const first = this.#header;
    if (first === undefined) {
      this.#header = { ...header, isid: header.isid.slice() };
      return;
    }
    if (header.itt !== first.itt) fail(`The login began as task ${first.itt} and goes on as task ${header.itt}.`);
    if (header.tsih !== first.tsih || header.cid !== first.cid)
      fail('The login request names another session or connection than the first.');
    if (header.isid.some((byte, i) => byte !== first.isid[i]))
      fail('The login request has another ISID than the first.');
    if (header.cmdSn !== first.cmdSn)
      fail(`The login began with CmdSN ${first.cmdSn} and goes on with ${header.cmdSn}.`);
    const csg = this.#phase === 'operational' ? STAGE.operational : STAGE.security;
    const stage = this.#phase === 'first' ? first.csg : csg;
    if (header.csg !== stage) fail(`The login request is about stage ${header.csg}; the login is in stage ${stage}.`);
  }

  #take(header: Request, data: Uint8Array): TargetLoginStep {
    if (this.#out.pending) {
      if (data.length > 0 || header.transit || header.continue)
        throw new LoginRefusal(STATUS.initiatorError, 'The initiator went on before it had all of the answer.');
      return { send: [this.#respond(header, false)] };
    }
    this.#text.add(data);
    if (header.continue) {
      this.#out.load([]);
      return { send: [this.#respond(header, false)] };
    }
    const { chap, rest } = sortPairs(this.#text.take(), 'initiator');
    const opened = this.#opened ?? this.#open(header, rest);
    this.#opened = opened;
    opened.negotiator.receive(rest, this.#phase === 'operational' ? 'operational' : 'security');
    const pairs =
      this.#phase === 'operational' ? this.#operate(opened, header, chap) : this.#secure(opened, header, chap);
    this.#out.load([...pairs, ...opened.negotiator.takeOutgoing()]);
    return this.#answer(opened, header);
  }

  #open(header: Request, pairs: readonly TextPair[]): Opened {
    const request = this.#readRequest(header, pairs);
    this.#request = request;
    const leading = header.tsih === 0;
    const session = leading ? undefined : this.#config.sessionOf(header.tsih, request);
    if (!leading && session === undefined)
      throw new LoginRefusal(STATUS.noSession, `There is no session ${header.tsih} for this initiator.`);
    const found = this.#resolve(request);
    if (header.csg === STAGE.operational && found.auth.kind === 'chap')
      throw new LoginRefusal(
        STATUS.authenticationFailure,
        'The initiator skipped the security stage; this target wants CHAP.',
      );
    const policy = buildPolicy({
      side: 'target',
      sessionType: request.sessionType,
      leading,
      offers: offersOf(this.#config.offers, found.offers),
    });
    const method = { kind: 'list', list: [found.auth.kind === 'chap' ? 'CHAP' : 'None'] } as const;
    const negotiator = new Negotiator({
      side: 'target',
      sessionType: request.sessionType,
      leading,
      policy: { ...policy, own: new Map([...policy.own, ['AuthMethod', method]]) },
    });
    if (request.targetName !== null) negotiator.name('TargetPortalGroupTag', String(this.#config.portalGroupTag));
    if (found.alias !== undefined) negotiator.name('TargetAlias', found.alias);
    this.#move(header.csg === STAGE.operational ? 'operational' : 'security');
    return { request, session, auth: found.auth, negotiator };
  }

  #readRequest(header: Request, pairs: readonly TextPair[]): TargetLoginRequest {
    const text = new Map(pairs.map(({ key, value }) => [key, value]));
    if (text.size < pairs.length)
      throw new LoginRefusal(STATUS.initiatorError, 'The first login request holds a key twice.');
    const initiatorName = text.get('InitiatorName') ?? '';
    if (initiatorName === '')
      throw new LoginRefusal(STATUS.missingParameter, 'The first login request has no InitiatorName.');
    const type = text.get('SessionType') ?? 'Normal';
    if (type !== 'Normal' && type !== 'Discovery')
      throw new LoginRefusal(STATUS.sessionTypeUnsupported, 'The SessionType is neither Normal nor Discovery.');
    const sessionType: SessionType = type;
    const targetName = sessionType === 'Normal' ? (text.get('TargetName') ?? '') : null;
    if (targetName === '')
      throw new LoginRefusal(STATUS.missingParameter, 'The first login request of a normal session has no TargetName.');
    const { problem } = checkIscsiName(initiatorName);
    if (problem !== null) this.#warnings.push(`The initiator name is irregular. ${problem}`);
    return {
      initiatorName,
      targetName,
      sessionType,
      isid: header.isid.slice(),
      tsih: header.tsih,
      cid: header.cid,
      cmdSn: header.cmdSn,
    };
  }

  #resolve(request: TargetLoginRequest): Extract<TargetResolution, { kind: 'found' }> {
    if (request.targetName === null) return { kind: 'found', auth: this.#config.discoveryAuth };
    const resolution = this.#config.resolveTarget(request.targetName, request);
    switch (resolution.kind) {
      case 'found':
        return resolution;
      case 'notFound':
        throw new LoginRefusal(STATUS.notFound, 'There is no target of that name here.');
      case 'removed':
        throw new LoginRefusal(STATUS.removed, 'The target of that name was removed.');
      case 'forbidden':
        throw new LoginRefusal(STATUS.authorizationFailure, 'This initiator may not use that target.');
      case 'unavailable':
        throw new LoginRefusal(STATUS.serviceUnavailable, 'The target is not ready.');
      case 'redirect': {
        const value = formatTargetAddress({ ...resolution.address, groupTag: null });
        const status = resolution.permanent ? STATUS.movedPermanently : STATUS.movedTemporarily;
        throw new LoginRefusal(status, `The target has moved to ${value}.`, [{ key: 'TargetAddress', value }]);
      }
    }
  }

  #secure(opened: Opened, header: Request, chap: readonly TextPair[]): readonly TextPair[] {
    const [stray] = chap;
    switch (this.#phase) {
      case 'challenge': {
        const challenge = this.#chap?.challenge(chap) ?? [];
        this.#move('challenged');
        return challenge;
      }
      case 'proof': {
        const proof = this.#chap?.verify(chap) ?? [];
        this.#move('proven');
        return proof;
      }
      default:
        if (stray !== undefined) throw strayKey(stray, 'initiator');
        if (this.#phase === 'method') this.#chooseMethod(opened, header);
        return [];
    }
  }

  #chooseMethod(opened: Opened, header: Request): void {
    const { auth, negotiator } = opened;
    const chosen = negotiator.agreed('AuthMethod')?.answered ?? null;
    if (chosen === 'Reject')
      throw new LoginRefusal(
        STATUS.authenticationFailure,
        `This target wants AuthMethod ${auth.kind === 'chap' ? 'CHAP' : 'None'}, which was not offered.`,
      );
    if (auth.kind === 'none') {
      this.#move('open');
      return;
    }
    if (chosen === 'CHAP') {
      const { chapDigest, random, challenges } = this.#config;
      this.#chap = new ChapTarget(auth, chapDigest, random, challenges ?? new ChallengeLog());
      this.#move('chap');
    } else if (header.transit) {
      throw new LoginRefusal(
        STATUS.authenticationFailure,
        'The initiator leaves the security stage unproven; this target wants CHAP.',
      );
    }
  }

  #operate(opened: Opened, header: Request, chap: readonly TextPair[]): readonly TextPair[] {
    const [stray] = chap;
    if (stray !== undefined) throw strayKey(stray, 'initiator');
    opened.negotiator.declareOnce('MaxRecvDataSegmentLength');
    if (header.transit) opened.negotiator.offerLimits();
    return [];
  }

  /** Sends what has been loaded; the stage ends with it where that was asked for, nothing is open and the text fits one PDU. */
  #answer(opened: Opened, header: Request): TargetLoginStep {
    const open = opened.negotiator.unanswered.length > 0 || (this.#phase !== 'proven' && this.#phase !== 'operational');
    if (!header.transit || open || this.#out.segments > 1) return { send: [this.#respond(header, false)] };
    if (header.nsg === STAGE.fullFeature) return this.#accept(opened, header);
    this.#move('operational');
    return { send: [this.#respond(header, true)] };
  }

  #accept(opened: Opened, header: Request): TargetLoginStep {
    const { request, session, negotiator } = opened;
    const parameters = sessionParameters(negotiator, request.sessionType, session, (sentence) =>
      this.#warnings.push(sentence),
    );
    const admission = this.#config.admit(request, parameters);
    if (admission.kind === 'refused')
      return this.#refuse(header, (admission.statusClass << 8) | admission.statusDetail, admission.reason, []);
    this.#move('accepted');
    const { tsih, expCmdSn, maxCmdSn } = admission;
    const send = [this.#respond(header, true, { tsih, expCmdSn, maxCmdSn })];
    const outcome: TargetLoginOutcome = {
      kind: 'accepted',
      request,
      tsih,
      statSn: this.#statSn,
      parameters,
      chapUser: this.#chap?.user ?? null,
      chapAlgorithm: this.#chap?.algorithm ?? null,
      warnings: [...negotiator.warnings, ...this.#warnings],
    };
    return { send, outcome };
  }

  #respond(header: Request, transit: boolean, final?: { tsih: number; expCmdSn: number; maxCmdSn: number }) {
    const { isid, tsih, itt, csg, nsg, cmdSn } = header;
    const data = this.#out.next();
    const statSn = this.#statSn;
    this.#statSn = (statSn + 1) >>> 0;
    const window = { tsih, expCmdSn: cmdSn, maxCmdSn: (cmdSn + this.#config.window - 1) >>> 0 };
    return buildPdu(
      'loginResponse',
      { transit, continue: this.#out.pending, csg, nsg: transit ? nsg : 0, isid, itt, statSn, ...(final ?? window) },
      data,
    );
  }

  #refuse(header: Request, status: number, reason: string, pairs: readonly TextPair[]): TargetLoginStep {
    const statusClass = status >>> 8;
    const statusDetail = status & 0xff;
    const ended = this.#phase === 'ended';
    this.#phase = 'ended';
    const outcome: TargetLoginOutcome = {
      kind: 'refused',
      statusClass,
      statusDetail,
      reason,
      request: this.#request,
    };
    if (ended) return { send: [], outcome };
    this.#out.load(pairs);
    const { isid, tsih, itt, csg } = header;
    const login = header.opcode === OPCODES.loginRequest;
    const pdu = buildPdu(
      'loginResponse',
      { csg: login ? csg : 0, isid, tsih: login ? tsih : 0, itt, statSn: this.#statSn, statusClass, statusDetail },
      this.#out.next(),
    );
    return { send: [pdu], outcome };
  }
}
