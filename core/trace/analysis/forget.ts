/** Takes the `count` oldest entries out of a map: many at once, since each search for the oldest steps over all that were taken out before. */
export function forgetOldest<K>(map: Map<K, unknown>, count: number): void {
  let left = count;
  for (const key of map.keys()) {
    if (left <= 0) return;
    map.delete(key);
    left -= 1;
  }
}
