import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepFocus } from '../../renderer/lib/kept-focus.ts';

let end: () => void = () => undefined;
beforeEach(() => {
  document.body.innerHTML = `
    <aside data-region="sidebar"><button id="gone">Gone</button><button id="left">Left</button></aside>
    <main data-region="main">
      <div class="tab-panel" hidden><div role="tabpanel" tabindex="0"></div></div>
      <div class="tab-panel" id="first" tabindex="0"><button id="work">Work</button></div>
      <div class="tab-panel" id="second" tabindex="0" hidden></div>
    </main>
    <div id="outside"><button id="popup">In a dialog</button></div>`;
  end = keepFocus();
});
afterEach(() => end());

const of = (id: string): HTMLElement => document.getElementById(id)!;
/** Observers are called once the change is through. */
const told = () => Promise.resolve();
const focused = () => document.activeElement?.id;

it('goes to the screen in front when the one before it is hidden', async () => {
  of('work').focus();
  of('first').hidden = true;
  of('second').hidden = false;
  await told();
  expect(focused()).toBe('second');
});

it('goes to the screen when what had it is removed, alone or with all around it', async () => {
  of('work').focus();
  of('work').remove();
  await told();
  expect(focused()).toBe('first');
  of('left').focus();
  document.querySelector('aside')!.remove();
  await told();
  expect(focused()).toBe('first');
});

it('stays in its part of the window where something is left there', async () => {
  of('gone').focus();
  of('gone').remove();
  await told();
  expect(focused()).toBe('left');
});

it('comes back to a button once its work has ended', async () => {
  const work = of('work') as HTMLButtonElement;
  work.focus();
  work.disabled = true;
  await told();
  work.blur();
  work.disabled = false;
  await told();
  expect(focused()).toBe('work');
});

it('leaves alone what was put elsewhere, what a person left, and what dialogs do', async () => {
  of('work').focus();
  of('work').remove();
  of('left').focus();
  await told();
  expect(focused()).toBe('left');
  of('left').blur();
  of('gone').hidden = true;
  await told();
  expect(document.activeElement).toBe(document.body);
  of('popup').focus();
  of('outside').remove();
  await told();
  expect(document.activeElement).toBe(document.body);
});
