import { describe, expect, it } from 'vitest';
import { keyOf, normalKey, showKey } from '../../renderer/lib/keys.ts';
import { matchWords } from '../../renderer/lib/match.ts';

const pressed = (key: string, ...mods: ('ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey')[]) => ({
  key,
  ctrlKey: mods.includes('ctrlKey'),
  altKey: mods.includes('altKey'),
  shiftKey: mods.includes('shiftKey'),
  metaKey: mods.includes('metaKey'),
});

describe('keys', () => {
  it.each([
    [pressed('p', 'ctrlKey'), 'Mod+P'],
    [pressed('P', 'ctrlKey', 'shiftKey'), 'Mod+Shift+P'],
    [pressed('F6'), 'F6'],
    [pressed('F6', 'shiftKey'), 'Shift+F6'],
    [pressed('?', 'shiftKey'), '?'],
    [pressed(',', 'ctrlKey'), 'Mod+,'],
    [pressed('ArrowLeft', 'altKey'), 'Alt+ArrowLeft'],
    [pressed(' '), 'Space'],
  ])('%o is %s', (event, key) => expect(keyOf(event)).toBe(key));

  it('is nothing while only modifiers are down', () => expect(keyOf(pressed('Control', 'ctrlKey'))).toBeNull());
  it('knows one key however it is written', () => expect(normalKey('Shift+Mod+p')).toBe('Mod+Shift+P'));
  it('shows keys as people read them', () => expect(showKey('Mod+Shift+ArrowLeft')).toBe('Ctrl+Shift+←'));
});

describe('finding by words', () => {
  const items = [
    { title: 'Close tab', detail: '' },
    { title: 'Show tab 1', detail: '' },
    { title: 'Tab before', detail: 'goes back' },
  ];
  it('takes every word, in any order', () => {
    expect(matchWords(items, 'back tab').map(({ title }) => title)).toEqual(['Tab before']);
  });
  it('puts titles that begin so first', () => {
    expect(matchWords(items, 'tab')[0]?.title).toBe('Tab before');
  });
  it('gives all for nothing, and none for what is not there', () => {
    expect(matchWords(items, '')).toHaveLength(3);
    expect(matchWords(items, 'nowhere')).toEqual([]);
  });
});
