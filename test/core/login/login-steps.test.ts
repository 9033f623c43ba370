import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InitiatorLogin } from '../../../core/login/index.ts';
import {
  errorOf,
  hex,
  initiatorConfig,
  keysOf,
  responseBhs,
  resultOf,
  seeded,
  sentBy,
  text,
  type ResponseFields,
} from './support.ts';
import { ANSWERS, LAST, offered, ended } from './usual-answers.ts';

describe('the steps of a login', () => {
  it('takes a target that grants nothing at first, and one that needs empty rounds', () => {
    const login = new InitiatorLogin(initiatorConfig());
    sentBy(login.start());
    const round = sentBy(login.receive(responseBhs(), text({})));
    expect([round.bhs[1], round.data?.length]).toEqual([0x81, 0]);
    const leave = sentBy(
      login.receive(responseBhs({ statSn: 1 }), text({ AuthMethod: 'None', TargetPortalGroupTag: '1' })),
    );
    expect([leave.bhs[1], leave.data?.length]).toEqual([0x81, 0]);
    sentBy(login.receive(responseBhs({ statSn: 2 }), text({})));
    const offers = sentBy(login.receive(responseBhs({ statSn: 3, flags: 0x81 }), text({})));
    expect(keysOf(offers).size).toBe(14);
    const late = sentBy(login.receive(responseBhs({ statSn: 4, flags: 0x04 }), text(ANSWERS)));
    expect([late.bhs[1], late.data?.length]).toEqual([0x87, 0]);
    expect(resultOf(login.receive(responseBhs({ ...LAST, statSn: 5 }), text({}))).history.length).toBe(6);
  });

  it('goes on where a straight login is held back', () => {
    const login = offered({ skipSecurity: true });
    const again = sentBy(
      login.receive(responseBhs({ flags: 0x04 }), text({ TargetPortalGroupTag: '1', ...ANSWERS, IFMarker: 'No' })),
    );
    expect(Object.fromEntries(keysOf(again))).toEqual({ IFMarker: 'No' });
    expect(resultOf(login.receive(responseBhs(LAST), text({}))).parameters.targetPortalGroupTag).toBe(1);
  });

  it('gathers an answer over several PDUs, cut anywhere', () => {
    const whole = text(ANSWERS);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const login = offered();
      const ask = sentBy(login.receive(responseBhs({ flags: 0x44, statSn: 1 }), whole.subarray(0, cut)));
      expect([ask.bhs[1], ask.data?.length]).toEqual([0x04, 0]);
      const more = sentBy(login.receive(responseBhs({ flags: 0x04, statSn: 2 }), whole.subarray(cut)));
      expect(more.bhs[1]).toBe(0x87);
      expect(resultOf(login.receive(responseBhs({ ...LAST, statSn: 3 }), text({}))).parameters.maxOutstandingR2T).toBe(
        1,
      );
    }
  });

  it('gives up on texts and logins without an end', () => {
    const endless = offered();
    let step = endless.receive(responseBhs({ flags: 0x44, statSn: 1 }), new Uint8Array(8192));
    for (let i = 0; step.kind === 'send'; i += 1)
      step = endless.receive(responseBhs({ flags: 0x44, statSn: 2 + i }), new Uint8Array(8192));
    expect(errorOf(step).code).toBe('PROTOCOL_TOO_LARGE');
    const round = offered();
    let count = 2;
    for (step = round.receive(responseBhs({ flags: 0x04 }), text({})); step.kind === 'send'; count += 1)
      step = round.receive(responseBhs({ flags: 0x04 }), text({}));
    expect(errorOf(step).message).toContain('64 requests');
    expect(count).toBe(64);
    const short = offered({ exchangeLimit: 2 });
    expect(errorOf(short.receive(responseBhs({ flags: 0x04 }), text({}))).message).toContain('2 requests');
    const many = text(Array.from({ length: 300 }, (_, i) => `X-${i}=1`));
    expect(errorOf(offered().receive(responseBhs({ flags: 0x04 }), many)).message).toContain('300 keys');
  });

  it.each<[string, ResponseFields, Uint8Array]>([
    ['another task tag', { ...LAST, itt: 1 }, text(ANSWERS)],
    ['another ISID', { ...LAST, isid: hex('801234567800') }, text(ANSWERS)],
    ['another version', { ...LAST, versionActive: 1 }, text(ANSWERS)],
    ['another stage', { ...LAST, flags: 0x81 }, text(ANSWERS)],
    ['a stage that does not exist', { ...LAST, flags: 0x8b }, text(ANSWERS)],
    ['T and C at once', { ...LAST, flags: 0xc7 }, text(ANSWERS)],
    ['the wrong next stage', { ...LAST, flags: 0x85 }, text(ANSWERS)],
    ['too much at once', LAST, new Uint8Array(8193)],
    ['text without a key', LAST, text(['=x'])],
    ['text without an equals sign', LAST, text(['hello'])],
    ['a key of 300 bytes', LAST, text([`${'k'.repeat(300)}=1`])],
    ['text that is not UTF-8', LAST, Uint8Array.of(0x41, 0x3d, 0xff, 0)],
    ['a NOP-In', { ...LAST, opcode: 0x20 }, text({})],
    ['an opcode nobody knows', { ...LAST, opcode: 0x2a }, text({})],
    ['a Reject', { opcode: 0x3f, flags: 0x80 }, new Uint8Array(48)],
  ])('ends at %s with a ProtocolError', (_what, fields, data) => {
    const login = offered();
    const error = errorOf(login.receive(responseBhs(fields), data));
    expect(error.name).toBe('ProtocolError');
    expect(error.message).toMatch(/\.$/u);
    expect(errorOf(login.receive(responseBhs(LAST), text(ANSWERS))).code).toBe('PROTOCOL_UNEXPECTED');
  });

  it('names the reason of a Reject', () => {
    const bhs = responseBhs({ opcode: 0x3f, flags: 0x80 });
    bhs[2] = 0x04;
    expect(errorOf(offered().receive(bhs, new Uint8Array(48))).message).toContain('Protocol error');
    bhs[2] = 0x7f;
    expect(errorOf(offered().receive(bhs, new Uint8Array(48))).message).toContain('reason 127');
  });

  it('does not take a transition it did not ask for, or text before its own was whole', () => {
    const chap = { user: 'alice', secret: 'a secret of sixteen' };
    const login = new InitiatorLogin(initiatorConfig({ chap }));
    sentBy(login.start());
    expect(errorOf(login.receive(responseBhs({ flags: 0x81 }), text({ AuthMethod: 'CHAP' }))).message).toContain(
      'without being asked',
    );
    const long = offered({ overrides: new Map(Array.from({ length: 40 }, (_, i) => [`X-${i}`, 'v'.repeat(240)])) });
    expect(
      errorOf(long.receive(responseBhs({ flags: 0x04, statSn: 1 }), text({ MaxBurstLength: '512' }))).message,
    ).toContain('before it had all');
  });

  it('joins only the session it asked for', () => {
    const { parameters } = resultOf(ended({}));
    const joining = offered({ tsih: 7, session: parameters });
    expect(
      errorOf(joining.receive(responseBhs({ ...LAST, tsih: 8 }), text({ HeaderDigest: 'None', DataDigest: 'None' })))
        .message,
    ).toContain('session 8');
    const offering = offered({ tsih: 7, session: parameters });
    const reply = sentBy(offering.receive(responseBhs({ flags: 0x04, statSn: 1 }), text({ MaxBurstLength: '512' })));
    expect(Object.fromEntries(keysOf(reply))).toEqual({ MaxBurstLength: 'Reject' });
  });

  it('is refused a method as an AuthError', () => {
    for (const value of ['Reject', 'NotUnderstood']) {
      const login = new InitiatorLogin(initiatorConfig({ chap: { user: 'a', secret: 'b', allowNone: true } }));
      sentBy(login.start());
      expect(errorOf(login.receive(responseBhs(), text({ AuthMethod: value })))).toMatchObject({
        code: 'AUTH_METHOD',
        details: { step: 'AuthMethod' },
      });
    }
    const login = new InitiatorLogin(initiatorConfig({ chap: { user: 'a', secret: 'b' } }));
    sentBy(login.start());
    expect(errorOf(login.receive(responseBhs(), text({ AuthMethod: 'None' }))).message).toContain(
      'not among what was offered (CHAP)',
    );
  });

  it('warns of a missing handle, a missing ISID and status numbers out of order', () => {
    const login = new InitiatorLogin(initiatorConfig());
    sentBy(login.start());
    const isid = new Uint8Array(6);
    sentBy(login.receive(responseBhs({ flags: 0x81, isid }), text({ AuthMethod: 'None' })));
    const { warnings, expStatSn } = resultOf(
      login.receive(responseBhs({ flags: 0x87, isid, statSn: 9 }), text(ANSWERS)),
    );
    expect(expStatSn).toBe(10);
    expect(warnings).toHaveLength(3);
  });

  it('follows a redirection only to an address', () => {
    const moved = (status: number, data: Uint8Array) => offered().receive(responseBhs({ status }), data);
    expect(moved(0x0101, text({ TargetAddress: '[fe80::2%en0]:3261,4' }))).toEqual({
      kind: 'redirect',
      permanent: false,
      address: { host: 'fe80::2%en0', port: 3261, groupTag: 4 },
    });
    expect(moved(0x0102, text({ TargetAddress: 'san' }))).toMatchObject({ kind: 'redirect', permanent: true });
    expect(errorOf(moved(0x0101, text({})))).toMatchObject({ code: 'LOGIN_REDIRECT' });
    expect(errorOf(moved(0x0101, text({ TargetAddress: 'nowhere:x' }))).message).toContain('"nowhere:x"');
    expect(errorOf(moved(0x0101, text(['x']))).code).toBe('PROTOCOL_MALFORMED');
  });

  it('turns every status into its error', () => {
    for (let code = 0x0200; code < 0x10000; code += 1) {
      const error = errorOf(offered().receive(responseBhs({ status: code }), text({})));
      expect(error.details).toMatchObject({ statusClass: code >> 8, statusDetail: code & 255 });
      expect(error.code).toBe(code === 0x0201 ? 'AUTH_REFUSED' : 'LOGIN_REFUSED');
      if (code === 0x0400) code = 0xfeff;
    }
  });

  it('knows no step before it starts or after it ends', () => {
    expect(errorOf(new InitiatorLogin(initiatorConfig()).receive(responseBhs(LAST), text({}))).code).toBe(
      'PROTOCOL_UNEXPECTED',
    );
    const login = offered();
    resultOf(login.receive(responseBhs(LAST), text(ANSWERS)));
    expect(errorOf(login.receive(responseBhs(LAST), text(ANSWERS))).code).toBe('PROTOCOL_UNEXPECTED');
    expect(errorOf(offered().start()).code).toBe('PROTOCOL_UNEXPECTED');
  });

  it('ends in a typed error, or goes on, at every state and whatever comes', () => {
    const states = ['method', 'chap method', 'challenge', 'proof', 'leave', 'operational'] as const;
    const reach = (state: (typeof states)[number]) => {
      if (state === 'operational') return offered();
      const proving = state !== 'method' && state !== 'leave';
      const login = new InitiatorLogin(
        initiatorConfig(
          proving
            ? { chap: { user: 'alice', secret: 'a secret of sixteen', mutual: { secret: 'another of these' } } }
            : {},
        ),
      );
      sentBy(login.start());
      if (state === 'leave') sentBy(login.receive(responseBhs(), text({ AuthMethod: 'None' })));
      if (state === 'challenge' || state === 'proof')
        sentBy(login.receive(responseBhs(), text({ AuthMethod: 'CHAP' })));
      if (state === 'proof')
        sentBy(login.receive(responseBhs({ statSn: 1 }), text({ CHAP_A: '7', CHAP_I: '1', CHAP_C: '0x0102' })));
      return login;
    };
    const line = fc.tuple(
      fc.constantFrom(
        'AuthMethod',
        'CHAP_A',
        'CHAP_I',
        'CHAP_C',
        'CHAP_N',
        'CHAP_R',
        'MaxBurstLength',
        'HeaderDigest',
        'InitialR2T',
        'TargetAddress',
        'X-a',
        '__proto__',
        'k',
      ),
      fc.oneof(fc.constantFrom('CHAP', 'None', 'Yes', '5', '512', '0x00', 'Reject', 'Irrelevant', ''), fc.string()),
    );
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(line, { maxLength: 5 }).map((lines) => text(lines.map(([k, v]) => `${k}=${v}`))),
    );
    const bhs = fc.oneof(
      fc.uint8Array({ minLength: 48, maxLength: 48 }),
      fc
        .record({
          flags: fc.integer({ min: 0, max: 255 }),
          status: fc.constantFrom(0, 0, 0, 0x0101, 0x0200, 0x0201, 0x0302),
        })
        .map(responseBhs),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.array(fc.tuple(bhs, data), { minLength: 1, maxLength: 4 }),
        (state, inputs) => {
          const login = reach(state);
          for (const [header, body] of inputs) {
            const step = login.receive(header, body);
            if (step.kind === 'failed') expect(['LoginError', 'AuthError', 'ProtocolError']).toContain(step.error.name);
            if (step.kind !== 'send') return;
            expect(step.pdu.bhs[0]).toBe(0x43);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('draws nothing from an answer that ends early', () => {
    const whole = text(ANSWERS);
    for (let length = 0; length < whole.length; length += 1) {
      const step = offered({ random: seeded(1) }).receive(responseBhs(LAST), whole.subarray(0, length));
      if (step.kind === 'done') expect(step.result.parameters.maxBurstLength).toBe(262144);
      else expect(step.kind).toBe('failed');
    }
  });
});
