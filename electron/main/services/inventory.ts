import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../../../core/errors/index.ts';
import { inventory, type Inventory, type InventoryChanges, type InventoryRow } from '../../contract/inventory.ts';
import type { ExplorerState } from '../../contract/explorer.ts';
import type { LunSummary, SessionEntry } from '../../contract/sessions.ts';
import type { Host } from '../host.ts';
import { portalId, type Explorer } from './explorer.ts';
import type { Sessions } from './sessions.ts';

const COLUMNS: readonly (keyof InventoryRow)[] = [
  'portal',
  'groupTag',
  'target',
  'lun',
  'vendor',
  'product',
  'revision',
  'serial',
  'names',
  'blockSize',
  'blocks',
  'bytes',
  'readOnly',
  'thin',
  'path',
  'note',
];

const EMPTY: InventoryRow = {
  portal: '',
  groupTag: '',
  target: '',
  lun: '',
  vendor: '',
  product: '',
  revision: '',
  serial: '',
  names: '',
  blockSize: '',
  blocks: '',
  bytes: '',
  readOnly: '',
  thin: '',
  path: '',
  note: '',
};

const yesNo = (value: boolean | null): string => (value === null ? '' : value ? 'yes' : 'no');

function lunRow(place: Pick<InventoryRow, 'portal' | 'groupTag' | 'target'>, lun: LunSummary): InventoryRow {
  return {
    ...place,
    lun: lun.text,
    vendor: lun.vendor,
    product: lun.product,
    revision: lun.revision,
    serial: lun.serial ?? '',
    names: lun.names.map(({ kind, text }) => `${kind}: ${text}`).join('; '),
    blockSize: lun.blockSize === null ? '' : String(lun.blockSize),
    blocks: lun.blocks ?? '',
    bytes: lun.bytes ?? '',
    readOnly: yesNo(lun.readOnly),
    thin: yesNo(lun.thin),
    path: lun.path?.state ?? '',
    note: lun.error?.message ?? '',
  };
}

/** Lists everything that is known now: a row a LUN and path, and a row for each portal or target without more. */
export function buildInventory(
  { portals, initiatorName }: ExplorerState,
  sessions: readonly SessionEntry[],
): Inventory {
  const rows: InventoryRow[] = [];
  const covered = new Set<string>();
  for (const session of sessions) {
    if (session.luns === null) continue;
    const place = { portal: portalId(session), groupTag: String(session.groupTag ?? ''), target: session.target };
    covered.add(`${place.portal} ${place.target}`);
    if (session.luns.length === 0) rows.push({ ...EMPTY, ...place, note: 'No LUN is mapped to this initiator.' });
    for (const lun of session.luns) rows.push(lunRow(place, lun));
  }
  for (const portal of portals) {
    if (portal.targets.length === 0) {
      const note = portal.error?.message ?? (portal.state === 'answered' ? 'No targets.' : 'Not asked yet.');
      rows.push({ ...EMPTY, portal: portal.id, note });
    }
    for (const target of portal.targets) {
      if (covered.has(`${portal.id} ${target.name}`)) continue;
      const own = target.portals.find((one) => portalId(one) === portal.id);
      rows.push({
        ...EMPTY,
        portal: portal.id,
        groupTag: String(own?.groupTag ?? ''),
        target: target.name,
        note: 'Not signed in.',
      });
    }
  }
  return { format: 'lunascope-inventory', version: 1, at: new Date().toISOString(), initiatorName, rows };
}

/** A cell that a spreadsheet takes for text: quoted where needed, and never a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The rows as comma separated values, as RFC 4180 has them. */
export function inventoryCsv({ rows }: Inventory): string {
  const lines = [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((name) => cell(row[name])).join(','))];
  return `${lines.join('\r\n')}\r\n`;
}

const keyOf = ({ portal, target, lun }: InventoryRow): string =>
  [portal, target, lun].filter((part) => part !== '').join(' ');

/** What is new, gone or changed since `before`. */
export function compareInventories(before: Inventory, now: Inventory): Omit<InventoryChanges, 'file'> {
  const old = new Map(before.rows.map((row) => [keyOf(row), row]));
  const changes: InventoryChanges['changes'] = [];
  let same = 0;
  for (const row of now.rows) {
    const was = old.get(keyOf(row));
    old.delete(keyOf(row));
    if (was === undefined) {
      changes.push({ kind: 'new', what: keyOf(row), fields: [] });
      continue;
    }
    const fields = COLUMNS.filter((name) => was[name] !== row[name]).map((name) => ({
      name,
      before: was[name],
      now: row[name],
    }));
    if (fields.length === 0) same += 1;
    else changes.push({ kind: 'changed', what: keyOf(row), fields });
  }
  for (const what of old.keys()) changes.push({ kind: 'gone', what, fields: [] });
  return { savedAt: before.at, same, changes };
}

/** Saves inventories and compares with saved ones, in files that the person chooses. */
export class InventoryFiles {
  readonly #host: Host;
  readonly #explorer: Explorer;
  readonly #sessions: Sessions;

  constructor(host: Host, explorer: Explorer, sessions: Sessions) {
    this.#host = host;
    this.#explorer = explorer;
    this.#sessions = sessions;
  }

  async save(format: 'csv' | 'json'): Promise<string | null> {
    const name = `inventory-${new Date().toISOString().slice(0, 10)}.${format}`;
    const path = await this.#host.chooseSave('Save inventory', name, [
      { name: format.toUpperCase(), extensions: [format] },
    ]);
    if (path === null) return null;
    const now = this.#now();
    await writeFile(path, format === 'csv' ? inventoryCsv(now) : `${JSON.stringify(now, null, 2)}\n`);
    return path;
  }

  async compare(): Promise<InventoryChanges | null> {
    const path = await this.#host.chooseFile('Compare with a saved inventory', [
      { name: 'JSON', extensions: ['json'] },
    ]);
    if (path === null) return null;
    let before: Inventory;
    try {
      before = inventory.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      throw new UsageError('BAD_ARGUMENT', `${basename(path)} is not an inventory that Lunascope saved as JSON.`, {
        hint: 'Choose a file saved with “Save as JSON”; a CSV cannot be compared.',
        cause: error,
      });
    }
    return { file: basename(path), ...compareInventories(before, this.#now()) };
  }

  #now(): Inventory {
    return buildInventory(this.#explorer.state, this.#sessions.list);
  }
}
