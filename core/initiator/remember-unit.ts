import { ScsiError } from '../errors/index.ts';
import { buildCdb, decodeVpd, type Capacity } from '../scsi/index.ts';
import { fingerprint, type IdentityFact, type IdentityProbe } from '../session/index.ts';
import type { Commander, CommandOptions } from './command.ts';
import { lunWords, type LunAddress } from './raw.ts';

const VPD_LENGTH = 4096;
const PAGES = [
  ['serial number', 0x80],
  ['identification', 0x83],
] as const;

/**
 * Notes what tells a unit from others, so that after a login nothing is sent to another one in its place; returns the token
 * that stands for it. Only what the unit says it knows is asked for.
 */
export async function rememberUnit(
  commander: Commander,
  lun: LunAddress,
  capacity: Capacity,
  options: CommandOptions,
): Promise<number> {
  const kind = ask(commander, lun, 'kind', buildCdb('inquiry', { allocationLength: 96 }), 96, options);
  const size =
    capacity.source === 16
      ? ask(commander, lun, 'capacity', buildCdb('readCapacity16', { allocationLength: 32 }), 32, options)
      : ask(commander, lun, 'capacity', buildCdb('readCapacity10', {}), 8, options);
  const pages = supportedPages(commander, lun, options).then((supported) =>
    Promise.all(
      PAGES.filter(([, code]) => supported.includes(code)).map(([fact, pageCode]) => {
        const cdb = buildCdb('inquiry', { evpd: true, pageCode, allocationLength: VPD_LENGTH });
        return ask(commander, lun, fact, cdb, VPD_LENGTH, options);
      }),
    ),
  );
  // Awaited as one, so that none that fails is left without somebody to tell.
  const [first, between, last] = await Promise.all([kind, pages, size]);
  const known = [first, ...between, last].filter((probe): probe is IdentityProbe => probe !== undefined);
  return commander.machine.rememberUnit({ ...lunWords(lun), probes: known });
}

async function supportedPages(
  commander: Commander,
  lun: LunAddress,
  options: CommandOptions,
): Promise<readonly number[]> {
  const cdb = buildCdb('inquiry', { evpd: true, pageCode: 0, allocationLength: 255 });
  try {
    const content = decodeVpd(await commander.query(lun, cdb, 255, options))?.content;
    return content?.kind === 'supportedPages' ? content.pages : [];
  } catch (error) {
    if (error instanceof ScsiError) return [];
    throw error;
  }
}

async function ask(
  commander: Commander,
  lun: LunAddress,
  fact: IdentityFact,
  cdb: Uint8Array,
  length: number,
  options: CommandOptions,
): Promise<IdentityProbe | undefined> {
  try {
    const print = fingerprint(fact, await commander.query(lun, cdb, length, options));
    return print === undefined ? undefined : { fact, cdb, length, print };
  } catch (error) {
    if (error instanceof ScsiError) return undefined;
    throw error;
  }
}
