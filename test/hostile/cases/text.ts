import { discoverTargets, on, type HostileCase } from '../case.ts';
import type { RawTarget } from '../peers/raw-target.ts';
import { keys } from '../peers/wire.ts';

/** A text answer in place of the plain one. */
function answer(data: Buffer, more: object = {}): (target: RawTarget) => void {
  return on(0x04, (c, r) => c.send({ opcode: 0x24, itt: r.itt, data, ...more }));
}

const many = Buffer.concat(
  Array.from({ length: 5000 }, (_, i) =>
    keys({ TargetName: `iqn.2026-01.test:t${String(i)}`, TargetAddress: '127.0.0.1:3260,1' }),
  ),
);

function inParts(data: Buffer, size: number): (target: RawTarget) => void {
  return (target) => {
    let at = 0;
    target.on(0x04, (c, r) => {
      const part = data.subarray(at, at + size);
      at += size;
      const last = at >= data.length;
      c.send({ opcode: 0x24, flags: last ? 0x80 : 0x40, itt: r.itt, ttt: last ? 0xffffffff : 0x11, data: part });
      return true;
    });
  };
}

/** What a target may say in a text answer. */
export const textCases: readonly HostileCase[] = [
  {
    group: 'text',
    name: '5,000 targets over many PDUs',
    peer: inParts(many, 8000),
    use: discoverTargets((names) => names.length === 5000),
    options: { commandTimeoutMs: 5000 },
    expect: ['data'],
  },
  {
    group: 'text',
    name: 'cut in the middle of names',
    peer: inParts(many.subarray(0, 20_000), 777),
    use: discoverTargets(),
    expect: ['data', 'PROTOCOL_MALFORMED'],
  },
  {
    group: 'text',
    name: 'no targets',
    peer: answer(Buffer.alloc(0)),
    use: discoverTargets((names) => names.length === 0),
    expect: ['data'],
  },
  {
    group: 'text',
    name: 'endless',
    peer: on(0x04, (c, r) =>
      c.send({ opcode: 0x24, flags: 0x40, itt: r.itt, ttt: 1, data: Buffer.alloc(8192, 'X-a=b\0') }),
    ),
    use: discoverTargets(),
    options: { textLimit: 1 << 20 },
    expect: ['PROTOCOL_TOO_LARGE', 'TIMEOUT_COMMAND'],
  },
  {
    group: 'text',
    name: 'endless and empty',
    peer: on(0x04, (c, r) => c.send({ opcode: 0x24, flags: 0x40, itt: r.itt, ttt: 1 })),
    use: discoverTargets(),
    expect: ['PROTOCOL_TOO_LARGE', 'TIMEOUT_COMMAND'],
  },
  {
    group: 'text',
    name: 'not final, without a tag',
    peer: answer(Buffer.from('A=b\0'), { flags: 0 }),
    use: discoverTargets(),
    expect: ['PROTOCOL_MALFORMED'],
  },
  {
    group: 'text',
    name: 'final and to be continued',
    peer: answer(Buffer.from('A=b\0'), { flags: 0xc0 }),
    use: discoverTargets(),
    expect: ['PROTOCOL_MALFORMED'],
  },
  {
    group: 'text',
    name: 'an address before any name',
    peer: answer(keys({ TargetAddress: '127.0.0.1' })),
    use: discoverTargets(),
    expect: ['data', 'PROTOCOL_MALFORMED', 'LOGIN_NEGOTIATION'],
  },
  {
    group: 'text',
    name: 'evil names',
    peer: answer(
      Buffer.concat(
        [
          '../../etc/passwd',
          '<img src=x onerror=alert(1)>',
          '\u202eevil',
          'iqn.2026-01.x:\u0007bell',
          '__proto__',
          'x'.repeat(300),
        ].map((name) => keys({ TargetName: name })),
      ),
    ),
    use: discoverTargets(),
    expect: ['data', 'PROTOCOL_MALFORMED'],
  },
  {
    group: 'text',
    name: 'evil addresses',
    peer: answer(
      Buffer.concat([
        keys({ TargetName: 'iqn.2026-01.test:a' }),
        ...[':::1', '[::1', '127.0.0.1:99999,1', '127.0.0.1:0', ',', '', 'a:b:c,d', '[fe80::1%eth0]:3260,-1'].map(
          (address) => keys({ TargetAddress: address }),
        ),
      ]),
    ),
    use: discoverTargets(),
    expect: ['data', 'PROTOCOL_MALFORMED'],
  },
  {
    group: 'text',
    name: 'rejected',
    peer: on(0x04, (c, r) => c.send({ opcode: 0x3f, byte2: 5, data: r.bhs })),
    use: discoverTargets(),
    expect: ['TASK_REJECTED'],
  },
  {
    group: 'text',
    name: 'never answered',
    peer: on(0x04, () => undefined),
    use: discoverTargets(),
    expect: ['TIMEOUT_COMMAND'],
  },
];
