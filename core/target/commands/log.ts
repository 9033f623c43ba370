import { encodeLogPage, encodeSupportedLogPages, type LogParameterInput } from '../../scsi/log/pages.ts';
import type { LogicalUnit } from '../unit/logical-unit.ts';
import { answer, done, type Plan } from '../unit/outcome.ts';
import { invalidField } from '../unit/refusals.ts';
import { flagField, numberField, type CommandContext, type HandlerTable } from './handler.ts';

type PageMaker = (unit: LogicalUnit) => readonly LogParameterInput[];

/** Error counters that have counted nothing. */
const noErrors: PageMaker = () => [{ code: 6, value: new Uint8Array(4) }];

const PAGES: ReadonlyMap<number, PageMaker> = new Map<number, PageMaker>([
  [0x02, noErrors],
  [0x03, noErrors],
  [
    0x0d,
    () => [
      { code: 0, value: Uint8Array.of(0, 30) },
      { code: 1, value: Uint8Array.of(0, 60) },
    ],
  ],
  [0x2f, () => [{ code: 0, value: Uint8Array.of(0, 0, 30) }]],
]);

/** LOG SENSE: cumulative values of the few pages there are (SPC-5 6.8). */
function logSense(context: CommandContext): Plan {
  const { unit, allocationLength } = context;
  const code = numberField(context, 'pageCode');
  if (flagField(context, 'sp')) return done(invalidField(1, 0));
  if (numberField(context, 'subpageCode') !== 0) return done(invalidField(3));
  if (code === 0) return answer(encodeSupportedLogPages([0, ...PAGES.keys()]), allocationLength);
  const maker = PAGES.get(code);
  if (maker === undefined) return done(invalidField(2, 5));
  const from = numberField(context, 'parameterPointer');
  const parameters = maker(unit).filter((parameter) => parameter.code >= from);
  if (parameters.length === 0) return done(invalidField(5));
  return answer(encodeLogPage(code, parameters), allocationLength);
}

/** Log pages. */
export const LOG: HandlerTable = {
  logSense: { touch: 'none', medium: false, strict: false, run: logSense },
};
