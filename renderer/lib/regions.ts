const FOCUSABLE = 'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), textarea, [tabindex]';

const lastIn = new WeakMap<Element, HTMLElement>();

/** Remembers where the focus was in each region of the window. */
export function rememberFocus(event: FocusEvent): void {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return;
  const region = target.closest('[data-region]');
  if (region !== null) lastIn.set(region, target);
}

function candidates(region: Element): HTMLElement[] {
  const all = [...region.querySelectorAll<HTMLElement>(FOCUSABLE)];
  return all.filter((element) => element.tabIndex >= 0 && element.offsetParent !== null);
}

/** Moves the focus to the next region, or the one before, at the place it last was there. */
export function focusRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll('[data-region]')].filter((region) => candidates(region).length > 0);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const start = at === -1 && step === -1 ? 0 : at;
  const next = regions[(start + step + regions.length) % regions.length];
  if (next === undefined) return;
  const before = lastIn.get(next);
  const target = before?.isConnected === true && before.offsetParent !== null ? before : candidates(next)[0];
  target?.focus();
}
