import { expect, it } from 'vitest';
import { bucketOf, latencyBucketUs } from '../../../core/initiator/measure.ts';

it('counts a latency in the bucket that begins at it or below', () => {
  const last = 26 * 8 - 1;
  for (let bucket = 1; bucket < last; bucket += 1) {
    const [from, to] = [latencyBucketUs(bucket), latencyBucketUs(bucket + 1)];
    expect([from, (from + to) / 2, to - to / 1e6].map(bucketOf)).toEqual([bucket, bucket, bucket]);
  }
  expect([0, 0.3, 1, latencyBucketUs(1) - 1e-6].map(bucketOf)).toEqual([0, 0, 0, 0]);
  expect([latencyBucketUs(last), 2 ** 26, 2 ** 32 + 1, 2 ** 40].map(bucketOf)).toEqual([last, last, last, last]);
});
