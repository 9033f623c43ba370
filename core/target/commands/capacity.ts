import { encodeCapacity10, encodeCapacity16 } from '../../scsi/index.ts';
import { answer, done, type Plan } from '../unit/outcome.ts';
import { invalidField } from '../unit/refusals.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';

function readCapacity10(context: CommandContext): Plan {
  const { store } = context.unit;
  if (!flagField(context, 'pmi') && numberField(context, 'obsoleteLba') !== 0) return done(invalidField(2));
  return answer(encodeCapacity10(store.blocks - 1n, store.blockSize), 8);
}

function readCapacity16({ unit, allocationLength }: CommandContext): Plan {
  const { store, options } = unit;
  const bytes = encodeCapacity16({
    lastLba: store.blocks - 1n,
    blockSize: store.blockSize,
    physicalBlockExponent: options.physicalBlockExponent ?? 0,
    thin: store.thin && !unit.writeProtected,
    unmappedReadsZero: store.thin && !unit.writeProtected,
  });
  return answer(bytes, allocationLength);
}

/** READ CAPACITY. */
export const CAPACITY: HandlerTable = {
  readCapacity10: { touch: 'none', medium: true, run: readCapacity10 },
  readCapacity16: { touch: 'none', medium: true, only: 'disk', run: readCapacity16 },
};
