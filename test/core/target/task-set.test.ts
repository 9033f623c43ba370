import { describe, expect, it } from 'vitest';
import { TaskSet, type TaskAttribute, type TaskLock } from '../../../core/target/unit/task-set.ts';

/** A task set whose tasks tell when they begin. */
function setUp() {
  const set = new TaskSet();
  const begun: string[] = [];
  const enter = (name: string, attribute: TaskAttribute = 'simple', lock: TaskLock = 'shared') => {
    const slot = set.enter(attribute);
    return {
      ready: () => set.ready(slot, lock, () => begun.push(name)),
      leave: () => set.leave(slot),
    };
  };
  return { set, begun, enter };
}

describe('the order of tasks', () => {
  it('is free for simple ones', () => {
    const { begun, enter } = setUp();
    const [a, b] = [enter('a'), enter('b')];
    b.ready();
    a.ready();
    expect(begun).toEqual(['b', 'a']);
  });

  it('holds an ordered one until all before it have ended, and all behind until it has', () => {
    const { begun, enter } = setUp();
    const [a, ordered, c] = [enter('a'), enter('ordered', 'ordered'), enter('c')];
    ordered.ready();
    c.ready();
    a.ready();
    expect(begun).toEqual(['a']);
    a.leave();
    expect(begun).toEqual(['a', 'ordered']);
    ordered.leave();
    expect(begun).toEqual(['a', 'ordered', 'c']);
  });

  it('lets the head of the queue pass', () => {
    const { begun, enter } = setUp();
    const [a, ordered, head] = [enter('a'), enter('ordered', 'ordered'), enter('head', 'headOfQueue')];
    a.ready();
    ordered.ready();
    head.ready();
    expect(begun).toEqual(['a', 'head']);
  });

  it('goes on when a waiting task is aborted', () => {
    const { set, begun, enter } = setUp();
    const [ordered, b] = [enter('ordered', 'ordered'), enter('b')];
    b.ready();
    ordered.leave();
    expect([begun, set.size]).toEqual([['b'], 1]);
  });
});

describe('an exclusive task', () => {
  it('runs alone among writes, and what comes behind waits', () => {
    const { begun, enter } = setUp();
    const [write, caw, later] = [enter('write'), enter('caw', 'simple', 'exclusive'), enter('later')];
    write.ready();
    caw.ready();
    later.ready();
    expect(begun).toEqual(['write']);
    write.leave();
    expect(begun).toEqual(['write', 'caw']);
    caw.leave();
    expect(begun).toEqual(['write', 'caw', 'later']);
  });

  it('is not held up by a read that takes its time, nor holds it up', () => {
    const { begun, enter } = setUp();
    const [slow, caw, read] = [
      enter('slow', 'simple', 'none'),
      enter('caw', 'simple', 'exclusive'),
      enter('read', 'simple', 'none'),
    ];
    slow.ready();
    caw.ready();
    read.ready();
    expect(begun).toEqual(['slow', 'caw', 'read']);
  });
});
