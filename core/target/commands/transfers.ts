import { readBlockAccess } from '../../scsi/index.ts';
import { done, type Plan } from '../unit/outcome.ts';
import { INVALID_OPCODE } from '../unit/refusals.ts';
import type { CommandContext, CommandHandler, HandlerTable } from './handler.ts';
import { planBlockAccess } from './transfer.ts';

function access({ unit, cdb }: CommandContext): Plan {
  const found = readBlockAccess(cdb);
  return found === undefined ? done(INVALID_OPCODE) : planBlockAccess(unit, found, cdb);
}

const READ: CommandHandler = { touch: 'read', medium: true, strict: false, run: access };
const WRITE: CommandHandler = { touch: 'write', medium: true, strict: false, run: access };

/** READ and WRITE. */
export const TRANSFERS: HandlerTable = {
  read6: { ...READ, only: 'disk' },
  read10: READ,
  read12: READ,
  read16: { ...READ, only: 'disk' },
  write6: { ...WRITE, only: 'disk' },
  write10: WRITE,
  write12: WRITE,
  write16: { ...WRITE, only: 'disk' },
};
