import { encodeInquiry, encodeSense } from '../../scsi/index.ts';
import { reportLuns } from '../unit/missing-unit.ts';
import { answer, done, GOOD, type Plan } from '../unit/outcome.ts';
import { invalidField, NO_SENSE } from '../unit/refusals.ts';
import { UNIT_ATTENTIONS } from '../unit/unit-attention.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';
import { planVitalProductData } from './vital-product-data.ts';

/** Version descriptors: SAM-5, SPC-4, SBC-3 or MMC-6, iSCSI. */
const STANDARDS = { disk: [0x00a0, 0x0460, 0x04c0, 0x0960], optical: [0x00a0, 0x0460, 0x05a0, 0x0960] };

function inquiry(context: CommandContext): Plan {
  const { unit, allocationLength } = context;
  const page = numberField(context, 'pageCode');
  if (flagField(context, 'cmdDt')) return done(invalidField(1, 1));
  if (flagField(context, 'evpd')) return planVitalProductData(context, page);
  if (page !== 0) return done(invalidField(2));
  const { identity } = unit.options;
  const bytes = encodeInquiry({
    deviceType: unit.optical ? 5 : 0,
    removable: unit.removable,
    version: 6,
    hiSup: true,
    tpgs: unit.portGroups.length > 0 ? 3 : 0,
    thirdPartyCopy: !unit.optical,
    multiPort: unit.portGroups.length > 1,
    commandQueue: true,
    vendor: identity.vendor ?? 'LUNASCPE',
    product: identity.product ?? (unit.optical ? 'Optical unit' : 'Disk'),
    revision: identity.revision ?? '1.0',
    versionDescriptors: unit.optical ? STANDARDS.optical : STANDARDS.disk,
  });
  return answer(bytes, allocationLength);
}

function requestSense(context: CommandContext): Plan {
  const { unit, nexus, allocationLength } = context;
  const attention = unit.attentions.take(nexus.id);
  const sense = attention === undefined ? NO_SENSE : { key: 6, asc: attention.asc, ascq: attention.ascq };
  return answer(
    encodeSense({ ...sense, format: flagField(context, 'desc') ? 'descriptor' : 'fixed' }),
    allocationLength,
  );
}

/** What every unit answers to. */
export const PRIMARY: HandlerTable = {
  testUnitReady: { touch: 'none', medium: true, run: () => done(GOOD) },
  inquiry: { touch: 'none', medium: false, anyAccess: true, ignoresAttention: true, run: inquiry },
  requestSense: { touch: 'none', medium: false, anyAccess: true, ignoresAttention: true, run: requestSense },
  reportLuns: {
    touch: 'none',
    medium: false,
    anyAccess: true,
    ignoresAttention: true,
    run: ({ unit, nexus, units, cdb }) => {
      unit.attentions.clear(nexus.id, UNIT_ATTENTIONS.reportedLunsChanged);
      return reportLuns(units.keys(), cdb);
    },
  },
};
