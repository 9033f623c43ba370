import { CircleAlert } from 'lucide-react';
import type { WireError } from '../../electron/contract/errors.ts';

/** An error where it happened: what, what to do next, and the code for a report. */
export function ErrorNotice({ error }: { readonly error: WireError }) {
  return (
    <div className="notice" data-kind="error" role="alert">
      <CircleAlert size={16} aria-hidden />
      <div>
        <p>{error.message}</p>
        {error.hint === null ? null : <p className="muted">{error.hint}</p>}
        <p className="notice-code mono">{error.code}</p>
      </div>
    </div>
  );
}
