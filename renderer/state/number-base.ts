import { formatCount } from '../lib/format.ts';
import { useShell } from './shell-store.ts';

/** Writes whole numbers, such as addresses and counts, in the base the person chose. */
export function useNumbers(): (value: bigint) => string {
  const hex = useShell((shell) => shell.settings?.numberBase === 'hex');
  return hex ? (value) => `0x${value.toString(16)}` : formatCount;
}

/** Changes between decimal and hexadecimal numbers, everywhere at once. */
export function toggleNumbers(): void {
  const { settings, changeSettings } = useShell.getState();
  void changeSettings({ numberBase: settings?.numberBase === 'hex' ? 'decimal' : 'hex' });
}
