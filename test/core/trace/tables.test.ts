import { describe, expect, it } from 'vitest';
import { PDU_COLUMNS } from '../../../core/trace/index.ts';
import { PagedTable, rowLength, type PageStore } from '../../../core/trace/pages.ts';
import { OPEN_TASK_LIMIT, TagTable } from '../../../core/trace/tag-table.ts';

class MemoryPages implements PageStore {
  readonly pages = new Map<number, Uint8Array>();
  reads = 0;

  write(page: number, bytes: Uint8Array): void {
    this.pages.set(page, bytes.slice());
  }

  read(page: number, into: Uint8Array): void {
    this.reads += 1;
    into.set(this.pages.get(page)!);
  }
}

describe('paged tables', () => {
  it('takes 64 bytes a PDU', () => {
    expect(rowLength(PDU_COLUMNS)).toBe(64);
  });

  it('keeps rows that went to disk, and writes to them', () => {
    const store = new MemoryPages();
    const table = new PagedTable({ a: 'u32', b: 'f64', c: 'u8', d: 'u16' } as const, 4, store, 2);
    for (let i = 0; i < 200; i += 1) {
      const row = table.append();
      const page = table.writable(row >> 4);
      page.a[row & 15] = i * 3;
      page.b[row & 15] = i / 2;
      page.c[row & 15] = i;
      page.d[row & 15] = i * 200;
    }
    expect(table.residentBytes).toBe(2 * 16 * 15);
    expect(table.pageCount).toBe(13);
    expect(table.rowsIn(12)).toBe(8);
    table.writable(0).a[5] = 999;
    table.page(7);
    table.page(8);
    expect(table.page(0).a[5]).toBe(999);
    expect(table.page(0).b[7]).toBe(3.5);
    expect(table.page(9).d[1]).toBe((145 * 200) & 0xffff);
    expect(store.reads).toBeGreaterThan(3);
    expect(() => table.page(99)).toThrow('no page 99');
  });

  it('has no page to read back without a store', () => {
    expect(() => new PagedTable({ a: 'u8' } as const, 2).page(0)).toThrow(RangeError);
  });
});

describe('tag table', () => {
  it('finds, replaces and deletes among many entries', () => {
    const table = new TagTable();
    for (let i = 0; i < 5000; i += 1) expect(table.set(i % 7, i * 0x10001, i)).toBe(true);
    expect(table.size).toBe(5000);
    for (let i = 0; i < 5000; i += 2) table.delete(i % 7, i * 0x10001);
    for (let i = 0; i < 5000; i += 1) expect(table.find(i % 7, i * 0x10001)).toBe(i % 2 === 0 ? -1 : i);
    expect(table.find(8, 0x10001)).toBe(-1);
    table.set(1, 0x10001, 77);
    expect(table.find(1, 0x10001)).toBe(77);
    table.delete(6, 12345);
    expect(table.size).toBe(2500);
  });

  it('takes tags that were chosen to meet nearly as fast as others', () => {
    const count = 60_000;
    // The inverse of the factor that tags are spread by at first: these all begin at the same few places.
    const inverse = 0x0e8b2f51;
    const spent = (tag: (i: number) => number): number => {
      const table = new TagTable();
      const from = process.cpuUsage();
      for (let i = 0; i < count; i += 1) table.set(0, tag(i), i);
      for (let i = 0; i < count; i += 1)
        if (table.find(0, tag(i)) !== i) throw new Error(`Entry ${String(i)} is lost.`);
      return process.cpuUsage(from).user;
    };
    const ordinary = spent((i) => i);
    expect(spent((i) => (Math.imul(inverse, i) ^ 0x85ebca6b) >>> 0)).toBeLessThan(20 * ordinary + 100_000);
  });

  it('tells at once what is not there when it is full', () => {
    const table = new TagTable();
    const from = process.cpuUsage();
    let count = 0;
    while (table.set(0, count, count)) count += 1;
    const filled = process.cpuUsage(from).user;
    expect(count).toBe(OPEN_TASK_LIMIT);
    const full = process.cpuUsage();
    for (let i = 0; i < 3000; i += 1) expect(table.set(0, count + i, 0)).toBe(false);
    expect(process.cpuUsage(full).user).toBeLessThan(3 * filled + 100_000);
  });

  it('refuses what is past its limit and goes on with what it has', () => {
    const table = new TagTable(2);
    expect([table.set(0, 1, 1), table.set(0, 2, 2), table.set(0, 3, 3), table.set(0, 1, 9)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(table.find(0, 3)).toBe(-1);
  });
});
