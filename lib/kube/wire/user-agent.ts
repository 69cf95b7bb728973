const SYSTEMS: Readonly<Record<string, string>> = { win32: 'windows' };
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** `kubectl-zeroloss/v0.1.0 (linux/amd64)`: system and architecture in Go's names, as kubectl writes them. */
export function userAgent(version: string): string {
  const { platform, arch } = process;
  return `kubectl-zeroloss/v${version} (${SYSTEMS[platform] ?? platform}/${ARCHITECTURES[arch] ?? arch})`;
}
