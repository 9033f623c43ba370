import type { LoginInput } from '../../electron/contract/sessions.ts';
import { ChoiceField, TextField } from './fields.tsx';
import { TlsFields, tlsOf } from './tls-fields.tsx';

type Options = LoginInput['options'];

/** The keys a login can offer, as typed; an empty one is left at its default. */
export type OptionsDraft = Readonly<Record<string, string>>;

interface NumberKey {
  readonly name: keyof Options;
  readonly label: string;
  readonly least: number;
  readonly most: number;
  readonly normal: number;
  readonly help: string;
}

const LARGEST = 16_777_215;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const NUMBERS: readonly NumberKey[] = [
  {
    name: 'maxRecvDataSegmentLength',
    label: 'MaxRecvDataSegmentLength',
    least: 512,
    most: LARGEST,
    normal: 262_144,
    help: 'Most bytes this computer takes in one PDU.',
  },
  {
    name: 'maxBurstLength',
    label: 'MaxBurstLength',
    least: 512,
    most: LARGEST,
    normal: 1_048_576,
    help: 'Most bytes in one sequence of data PDUs.',
  },
  {
    name: 'firstBurstLength',
    label: 'FirstBurstLength',
    least: 512,
    most: LARGEST,
    normal: 262_144,
    help: 'Most unsolicited bytes of a write; not above MaxBurstLength.',
  },
  {
    name: 'maxOutstandingR2T',
    label: 'MaxOutstandingR2T',
    least: 1,
    most: 65_535,
    normal: 1,
    help: 'How many R2Ts one write may have open.',
  },
  {
    name: 'maxConnections',
    label: 'MaxConnections',
    least: 1,
    most: 65_535,
    normal: 1,
    help: 'Connections one session may have.',
  },
  {
    name: 'loginTimeoutMs',
    label: 'Login deadline (ms)',
    least: 1,
    most: DAY_MS,
    normal: 15_000,
    help: 'How long the whole login may take.',
  },
  {
    name: 'commandTimeoutMs',
    label: 'Command deadline (ms)',
    least: 1,
    most: DAY_MS,
    normal: 30_000,
    help: 'How long one command may take.',
  },
  {
    name: 'keepaliveIntervalMs',
    label: 'Ping after silence (ms)',
    least: 0,
    most: HOUR_MS,
    normal: 5_000,
    help: '0 sends none.',
  },
];

const DIGESTS = [
  { value: '', label: 'None (default)' },
  { value: 'CRC32C', label: 'CRC32C only' },
  { value: 'CRC32C,None', label: 'CRC32C, else none' },
  { value: 'None,CRC32C', label: 'None, else CRC32C' },
] as const;
const YES_NO = (normal: string) => [
  { value: '', label: `${normal} (default)` },
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];
const LEVELS = [
  { value: '', label: '0 (default)' },
  { value: '1', label: '1, digest recovery' },
  { value: '2', label: '2, connection recovery' },
];

const DIGEST_NAMES: readonly string[] = ['headerDigest', 'dataDigest'];

/** What is wrong with a number as typed, or null. */
function numberProblem({ least, most }: NumberKey, text: string): string | null {
  if (text === '') return null;
  const value = Number(text);
  return Number.isInteger(value) && value >= least && value <= most ? null : `From ${least} to ${most}.`;
}

/** Whether every key is in its range. */
export const optionsAreGood = (draft: OptionsDraft): boolean =>
  NUMBERS.every((key) => numberProblem(key, draft[key.name] ?? '') === null);

/** A draft as the main process takes it, without the key of a certificate. */
export function optionsOf(draft: OptionsDraft): Options {
  const given: Record<string, unknown> = { ...tlsOf(draft) };
  for (const [name, text] of Object.entries(draft)) {
    if (text === '' || name.startsWith('tls')) continue;
    if (DIGEST_NAMES.includes(name)) given[name] = text;
    else if (text === 'true' || text === 'false') given[name] = text === 'true';
    else given[name] = Number(text);
  }
  return given;
}

/** The keys of a login with their ranges and defaults. */
export function LoginOptionFields({
  draft,
  onChange,
}: {
  readonly draft: OptionsDraft;
  readonly onChange: (draft: OptionsDraft) => void;
}) {
  const of = (name: string): string => draft[name] ?? '';
  const set = (name: string) => (value: string) => onChange({ ...draft, [name]: value });
  return (
    <div className="group-body">
      <div className="form-row">
        <ChoiceField label="HeaderDigest" value={of('headerDigest')} choices={DIGESTS} onChange={set('headerDigest')} />
        <ChoiceField label="DataDigest" value={of('dataDigest')} choices={DIGESTS} onChange={set('dataDigest')} />
        <ChoiceField
          label="ErrorRecoveryLevel"
          value={of('errorRecoveryLevel')}
          choices={LEVELS}
          onChange={set('errorRecoveryLevel')}
        />
      </div>
      <div className="form-row">
        <ChoiceField label="InitialR2T" value={of('initialR2T')} choices={YES_NO('No')} onChange={set('initialR2T')} />
        <ChoiceField
          label="ImmediateData"
          value={of('immediateData')}
          choices={YES_NO('Yes')}
          onChange={set('immediateData')}
        />
      </div>
      <div className="options-numbers">
        {NUMBERS.map((key) => (
          <TextField
            key={key.name}
            label={key.label}
            mono
            numeric
            value={of(key.name)}
            placeholder={String(key.normal)}
            help={`${key.help} ${key.least} to ${key.most}.`}
            error={numberProblem(key, of(key.name))}
            onChange={set(key.name)}
          />
        ))}
      </div>
      <TlsFields draft={draft} onChange={onChange} />
    </div>
  );
}
