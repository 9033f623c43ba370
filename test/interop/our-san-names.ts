const MiB = 1 << 20;
const prefix = 'iqn.2026-01.test.ours';

/** The names of our own target's targets in the matrix. */
export const ourNames = {
  zoo: `${prefix}:zoo`,
  plain: `${prefix}:plain`,
  chap: `${prefix}:chap`,
  mutual: `${prefix}:mutual`,
  digest: `${prefix}:digest`,
  small: `${prefix}:small`,
  acl: `${prefix}:acl`,
  mcs: `${prefix}:mcs`,
  gibibyte: `${prefix}:gibibyte`,
} as const;

/** Sizes of its image files, NAME.img in its folder. */
export const ourSizes = {
  blocks4096: 64 * MiB,
  readOnly: 32 * MiB,
  far: 3 * 1024 ** 4,
  flat: 16 * MiB,
  plain: 128 * MiB,
  chap: 16 * MiB,
  mutual: 16 * MiB,
  digest: 64 * MiB,
  small: 64 * MiB,
  acl: 16 * MiB,
  mcs: 64 * MiB,
  gibibyte: 1024 * MiB,
} as const;
