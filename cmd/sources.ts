/** Names of the sources of connection counts, as `--source` takes them; world.ts makes one source for each. */
export const SOURCE_NAMES = ['clb'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];
