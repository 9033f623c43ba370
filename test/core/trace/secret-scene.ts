import { ENDS, Scene, senseBytes } from './scene.ts';

/** What must not leave the house, in every place it may stand. */
export const SECRETS = {
  initiator: 'iqn.2026-01.secret:host-of-alice',
  target: 'iqn.2026-01.secret:payroll-volume',
  alias: 'Alice workstation',
  user: 'alice-chap',
  response: '0xfeedfacecafebeef',
  challenge: '0x0123456789abcdef',
  private: 'private-vendor-text',
  address: '10.20.30.40',
  serial: 'SERIAL-0815-XYZ',
  naa: Uint8Array.of(0x60, 0x01, 0x40, 0x5d, 0xde, 0xad, 0xbe, 0xef),
  sector: 'payroll.xlsx content',
  transport: 'iqn.2026-01.secret:other-host',
  vendorSense: 'VENDORSENSE',
} as const;

/** A conversation with all of it. */
export function secretScene(): Scene {
  const scene = new Scene(
    { keepChapResponses: true },
    { ...ENDS, initiatorHost: SECRETS.address, targetHost: '10.20.30.41' },
  );
  const stage = { csg: 0, nsg: 1, itt: 1 } as const;
  // Cut in the middle of the name, as a long text may be.
  const text = scene.text({
    InitiatorName: SECRETS.initiator,
    TargetName: SECRETS.target,
    InitiatorAlias: SECRETS.alias,
    CHAP_N: SECRETS.user,
    CHAP_R: SECRETS.response,
    'X-com.vendor.key': SECRETS.private,
  });
  scene.pdu('loginRequest', { ...stage, immediate: true, continue: true }, text.slice(0, 30));
  scene.pdu('loginResponse', stage);
  scene.pdu('loginRequest', { ...stage, immediate: true }, text.slice(30));
  scene.pdu(
    'loginResponse',
    { ...stage, transit: true, nsg: 3 },
    scene.text({
      CHAP_C: SECRETS.challenge,
      CHAP_I: '7',
      HeaderDigest: 'None',
      TargetAddress: `${SECRETS.address}:3260,1`,
    }),
  );
  scene.pdu('textRequest', { itt: 5, ttt: 0xffffffff }, scene.text({ SendTargets: SECRETS.target }));
  scene.pdu(
    'textResponse',
    { itt: 5, ttt: 0xffffffff },
    scene.text({ TargetName: SECRETS.target, TargetAddress: '[fd00:1234::1]:3260,2' }),
  );
  const data = (cdb: readonly number[], bytes: Uint8Array): void => {
    const itt = scene.command(cdb, { read: true, expectedDataTransferLength: bytes.length });
    scene.pdu('dataIn', { final: true, hasStatus: true, itt, ttt: 0xffffffff }, bytes);
  };
  const encode = (value: string): Uint8Array => new TextEncoder().encode(value);
  data([0x12, 1, 0x80, 0, 64], Uint8Array.of(0, 0x80, 0, 15, ...encode(SECRETS.serial)));
  data([0x12, 1, 0x83, 0, 64], Uint8Array.of(0, 0x83, 0, 12, 1, 3, 0, 8, ...SECRETS.naa));
  data([0x28, 0, 0, 0, 0, 0, 0, 0, 1], encode(SECRETS.sector));
  data([0x5e, 3, 0, 0, 0, 0, 0, 0, 99], encode(SECRETS.transport));
  const write = scene.command(
    [0x2a, 0, 0, 0, 0, 0, 0, 0, 1],
    { write: true, expectedDataTransferLength: 20 },
    encode(SECRETS.sector),
  );
  scene.respond(write, 2, [0, 38, ...senseBytes(5, 0x24, 0).slice(2), ...encode(SECRETS.vendorSense)]);
  scene.pdu('nopOut', { immediate: true, itt: 60, ttt: 0xffffffff }, encode(SECRETS.sector));
  scene.pdu(
    'reject',
    { itt: 0xffffffff, reason: 4 },
    Uint8Array.from([...new Uint8Array(48), ...encode(SECRETS.sector)]),
  );
  return scene;
}
