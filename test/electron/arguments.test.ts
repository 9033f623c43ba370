import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../electron/main/shell/arguments.ts';

const nothing = { demo: false, screenshot: null, size: null, theme: null };

describe('the command line', () => {
  it.each([
    [[], nothing],
    [['--no-sandbox', '/app'], nothing],
    [['--demo'], { ...nothing, demo: true }],
    [['--demo', '--screenshot', 'x.png'], { ...nothing, demo: true, screenshot: '/work/x.png' }],
    [['--screenshot=/tmp/x.png'], { ...nothing, screenshot: '/tmp/x.png' }],
    [['--screenshot', '--demo'], { ...nothing, demo: true }],
    [['--size', '1280x800', '--theme=light'], { ...nothing, size: { width: 1280, height: 800 }, theme: 'light' }],
    [['--size', '99999x1', '--theme', 'pink'], nothing],
  ])('%j', (args, expected) => {
    expect(parseArguments(args, '/work')).toEqual(expected);
  });
});
