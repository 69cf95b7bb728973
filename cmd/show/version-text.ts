/** Written in by the build; absent when the sources are run as they are. */
declare const ZEROLOSS_VERSION: string | undefined;

/** `v0.1.0`. */
export async function versionText(): Promise<string> {
  if (typeof ZEROLOSS_VERSION === 'string') return `v${ZEROLOSS_VERSION}`;
  const { default: manifest } = await import('../../package.json', { with: { type: 'json' } });
  return `v${manifest.version}`;
}
