const WATCHED = { attributes: true, attributeFilter: ['hidden', 'disabled'], childList: true };

interface Focused {
  readonly element: HTMLElement;
  readonly region: Element;
  /** It was disabled while it had the focus, as a button is while its work runs. */
  waits: boolean;
}

const isGone = (element: Element): boolean => !element.isConnected || element.closest('[hidden]') !== null;

const frontScreen = (): HTMLElement | null => document.querySelector<HTMLElement>('.tab-panel:not([hidden])');

/** Where the focus goes back to from a dialog: to what had it, or to the screen in front where that was nothing or is gone. */
export const backFrom = (element: HTMLElement | null): HTMLElement | null =>
  element === null || element === document.body || isGone(element) ? frontScreen() : element;

/** Where the focus goes when what had it is gone: the screen in front, or what is left of another part of the window. */
function homeIn(region: Element): HTMLElement | null {
  const screen = frontScreen();
  if (!region.isConnected || region.contains(screen)) return screen;
  return region.querySelector<HTMLElement>('button:not(:disabled), [tabindex="0"]') ?? screen;
}

/** Keeps the focus in the window when what has it is removed, hidden or disabled; gives the function that ends it. */
export function keepFocus(): () => void {
  let last: Focused | null = null;
  const observer = new MutationObserver(() => {
    const { activeElement, body } = document;
    if (last === null || (activeElement !== last.element && activeElement !== body)) return;
    if (isGone(last.element)) homeIn(last.region)?.focus({ preventScroll: true });
    else if (last.element.matches(':disabled')) last.waits = true;
    else if (last.waits && activeElement === body) last.element.focus({ preventScroll: true });
  });
  const onFocusIn = ({ target }: FocusEvent): void => {
    observer.disconnect();
    last = null;
    if (!(target instanceof HTMLElement)) return;
    const region = target.closest('[data-region]');
    if (region === null) return;
    last = { element: target, region, waits: false };
    // The ancestors are enough: what is under the element itself, such as the rows of a grid, changes all the time.
    observer.observe(target, { ...WATCHED, childList: false });
    for (let each = target.parentElement; each !== null; each = each.parentElement) observer.observe(each, WATCHED);
  };
  window.addEventListener('focusin', onFocusIn);
  return () => {
    observer.disconnect();
    window.removeEventListener('focusin', onFocusIn);
  };
}
