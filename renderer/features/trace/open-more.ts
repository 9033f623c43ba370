import type { SampleName } from '../../../electron/contract/trace.ts';
import { toast } from '../../components/toasts.tsx';
import { request } from '../../lib/client.ts';
import { openTab } from '../../state/shell-store.ts';

/** The captures that come with the program, and what one sees in each. */
export const SAMPLES: readonly { readonly name: SampleName; readonly title: string }[] = [
  { name: 'write-protected', title: 'A disk that turns out to be write-protected' },
  { name: 'mutual-chap', title: 'A login with mutual CHAP' },
  { name: 'data-digest-error', title: 'A write with a wrong data digest' },
  { name: 'task-management', title: 'Task management, two of four refused' },
];

/** Shows a capture that comes with the program. */
export async function openSample(name: SampleName): Promise<void> {
  const answer = await request('trace.sample', { name });
  if (answer.ok) openTab('trace', { file: answer.value.path });
  else toast(answer.error.message);
}

/** Lets the person choose a file that is still written, or a pipe, and shows what comes. */
export async function followCapture(): Promise<void> {
  const answer = await request('trace.choose', undefined);
  if (!answer.ok) toast(answer.error.message);
  else if (answer.value.path !== null) openTab('trace', { file: answer.value.path, follow: 'yes' });
}
