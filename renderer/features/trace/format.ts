export { formatNs } from '../../../core/browser.ts';

/** A time within a trace, in seconds. */
export const formatTime = (ns: number): string => (ns / 1e9).toFixed(6);

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
] as const;
/** Less than any step, more than what dividing leaves. */
const CRUMB = 1e-6;

/** A bound of time for a filter, rounded outwards and with no more digits than steps of `stepNs` need. */
export function writeBound(ns: number, stepNs: number, round: 'down' | 'up'): string {
  const [unit, size] = UNITS.find((one) => ns >= one[1]) ?? ['ns', 1];
  const places = Math.max(0, Math.min(9, Math.ceil(Math.log10(size / Math.max(1, stepNs)))));
  const value = (Math.max(0, ns) / size) * 10 ** places;
  const whole = round === 'down' ? Math.floor(value + CRUMB) : Math.ceil(value - CRUMB);
  const text = (whole / 10 ** places).toFixed(places);
  return `${text.includes('.') ? text.replace(/\.?0+$/, '') : text}${unit}`;
}

/** A tag or number as eight digits in hex. */
export const formatTag = (tag: number): string => (tag >>> 0).toString(16).padStart(8, '0');

const FIRST_NS = 1000;

/** The share of a bar a latency fills, on a logarithmic scale from a microsecond to the slowest. */
export function latencyShare(ns: number, slowestNs: number): number {
  if (ns <= FIRST_NS) return 0.02;
  const share = Math.log(ns / FIRST_NS) / Math.log(Math.max(slowestNs, FIRST_NS * 10) / FIRST_NS);
  return Math.max(0.02, Math.min(1, share));
}
