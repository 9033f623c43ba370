import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { request } from '../lib/client.ts';
import { IconButton } from './icon-button.tsx';

const confirmMs = 1500;

/** An identifier in monospace with a button that copies it. */
export function CopyText({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), confirmMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    const answer = await request('clipboard.writeText', { text });
    setCopied(answer.ok);
  };
  return (
    <span className="copyable">
      <span className="copyable-text mono" title={text}>
        {text}
      </span>
      <IconButton label={copied ? 'Copied' : `Copy ${what}`} onClick={() => void copy()}>
        {copied ? <Check size={13} /> : <Copy size={13} />}
      </IconButton>
    </span>
  );
}
