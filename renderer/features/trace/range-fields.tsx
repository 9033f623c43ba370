import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import './charts.css';

interface RangeFieldsProps {
  readonly what: string;
  readonly placeholder: readonly [string, string];
  readonly onApply: (from: string, to: string) => void;
}

const SPAN = /^\d+(\.\d+)?\s*(ns|us|µs|ms|s)?$/;

/** From and to, for those who do not drag. */
export function RangeFields({ what, placeholder, onApply }: RangeFieldsProps) {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const bad = [from, to].some((text) => text.trim() !== '' && !SPAN.test(text.trim()));
  const empty = from.trim() === '' && to.trim() === '';
  return (
    <div className="range-fields">
      <TextField
        label={`${what} from`}
        width="short"
        mono
        value={from}
        onChange={setFrom}
        placeholder={placeholder[0]}
      />
      <TextField label={`${what} to`} width="short" mono value={to} onChange={setTo} placeholder={placeholder[1]} />
      <Button disabled={bad || empty} onClick={() => onApply(from.trim(), to.trim())}>
        Filter
      </Button>
    </div>
  );
}
