import type { ExportInput } from '../../../electron/contract/trace.ts';
import { CheckField, ChoiceField, TextField } from '../../components/fields.tsx';
import { formatCountOf } from '../../lib/format.ts';
import { ShareRules } from './share-rules.tsx';

/** What is exported, and as what. */
export interface ExportPlan {
  readonly scope: ExportInput['scope'];
  readonly format: ExportInput['format'];
  readonly safe: boolean;
  /** Whether targets get the port of `port`; in pcapng alone. */
  readonly rewrite: boolean;
  readonly port: string;
}

/** Whether a text is a port. */
export const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

const FORMATS = [
  { value: 'pcapng', label: 'pcapng, for Wireshark and support' },
  { value: 'jsonl', label: 'JSON Lines, one object a PDU' },
  { value: 'csv', label: 'CSV, for a spreadsheet' },
] as const;

interface ExportOptionsProps {
  readonly plan: ExportPlan;
  readonly filtered: boolean;
  /** How many PDUs the selection has. */
  readonly selected: number;
  readonly locked: boolean;
  readonly onChange: (change: Partial<ExportPlan>) => void;
}

/** The choices of an export; locked while it runs, so that they tell what is being written. */
export function ExportOptions({ plan, filtered, selected, locked, onChange }: ExportOptionsProps) {
  const { scope, format, safe, rewrite, port } = plan;
  const scopes = [
    { value: 'all' as const, label: 'All PDUs' },
    ...(filtered ? [{ value: 'filtered' as const, label: 'PDUs that pass the filter' }] : []),
    ...(selected > 0
      ? [{ value: 'selected' as const, label: `The selection (${formatCountOf(BigInt(selected), 'PDU')})` }]
      : []),
  ];
  return (
    <fieldset className="export-options" disabled={locked} aria-label="Options">
      <ChoiceField label="What" value={scope} choices={scopes} onChange={(next) => onChange({ scope: next })} />
      <ChoiceField label="As" value={format} choices={FORMATS} onChange={(next) => onChange({ format: next })} />
      <CheckField
        label="Safe to share"
        help="Data is zeroed, CHAP responses are gone, names and addresses are hashed. Sequence numbers stay, so that it can still be read."
        checked={safe}
        onChange={(next) => onChange({ safe: next })}
      />
      {safe ? <ShareRules /> : null}
      {format === 'pcapng' ? (
        <CheckField
          label="Give targets the port that Wireshark looks for"
          help="Wireshark reads iSCSI unasked on port 3260 alone."
          checked={rewrite}
          onChange={(next) => onChange({ rewrite: next })}
        />
      ) : null}
      {format === 'pcapng' && rewrite ? (
        <TextField
          label="Port"
          width="short"
          mono
          numeric
          value={port}
          onChange={(next) => onChange({ port: next })}
          error={isPort(port) ? null : 'A port is a number from 1 to 65535.'}
        />
      ) : null}
    </fieldset>
  );
}
