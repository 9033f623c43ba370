import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../electron/main/shell/arguments.ts';

const nothing = { demo: false, screenshot: null, size: null, theme: null, problem: null };

describe('the command line', () => {
  it.each([
    [[], nothing],
    [['--no-sandbox', '/app'], nothing],
    [['--demo'], { ...nothing, demo: true }],
    [['--demo', '--screenshot', 'x.png'], { ...nothing, demo: true, screenshot: '/work/x.png' }],
    [['--screenshot=/tmp/x.png'], { ...nothing, screenshot: '/tmp/x.png' }],
    [['--screenshot', '--demo'], { ...nothing, demo: true, problem: '--screenshot takes the name of a file, not "".' }],
    [['--screenshot='], { ...nothing, screenshot: '/work', problem: '--screenshot takes the name of a file, not "".' }],
    [['--size', '1280x800', '--theme=light'], { ...nothing, size: { width: 1280, height: 800 }, theme: 'light' }],
    [
      ['--size', '99999x1'],
      { ...nothing, problem: '--size takes a width and a height, such as 1280x800, not "99999x1".' },
    ],
    [['--theme=pink'], { ...nothing, problem: '--theme takes dark or light, not "pink".' }],
    [['--theme'], { ...nothing, problem: '--theme takes dark or light, not "".' }],
  ])('%j', (args, expected) => {
    expect(parseArguments(args, '/work')).toEqual(expected);
  });
});
