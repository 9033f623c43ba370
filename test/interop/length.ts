/** How long the rows that take as long as they are given go on: a slice for every day unless `--long` asks for all of it. */
export const length = {
  /** Restarts of each target at random moments. */
  restarts: Number(process.env['INTEROP_RESTARTS'] ?? '6'),
  /** What the random moments are taken from. */
  seed: Number(process.env['INTEROP_SEED'] ?? '1'),
  /** How long the network is gone. */
  outageMs: Number(process.env['INTEROP_OUTAGE_MS'] ?? '3000'),
  /** Times every connection is cut while reads are under way. */
  drops: 3,
};

/** Lets those rows run in full. */
export function goLong(): void {
  length.restarts = 200;
  length.outageMs = 60_000;
  length.drops = 30;
}
