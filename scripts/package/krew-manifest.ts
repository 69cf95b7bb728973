/** The manifest that krew installs from (krew.googlecontainertools.github.com/v1alpha2), by the rules of krew-index. */
import { PLACEHOLDER_HOME } from './placeholder-home.ts';
import { archiveName, type Platform, programFile, TARGETS } from './platforms.ts';

/** Where the archives of a release lie: `$RELEASE_URL`, and under it `v0.1.0/ARCHIVE`. */
const DEFAULT_RELEASE_URL = `${PLACEHOLDER_HOME}/releases/download`;

const SHORT = 'Upgrade StatefulSets without losing connections';

/** krew-index wraps at 80 characters and wants no usage examples. */
const DESCRIPTION = `Upgrades the pods of a StatefulSet behind a load balancer a few at a time,
and deletes none before the load balancer sends it nothing new and its last
connection has ended. Each step is one command that refuses to go on until
the evidence is there, and that can be interrupted and run again.
For Tencent Kubernetes Engine (TKE), where the load balancer (CLB) binds the
pods one by one.`;

/** After krew has installed it. */
const CAVEATS = `For shell completion run: kubectl zeroloss completion install`;

/** In place of a sum, in the template that the repository holds: no archive has been built for it. */
const UNBUILT = 'WRITTEN-BY-make-dist';

/** The text of krew-manifest.yaml: the manifest of this version without sums. */
export const renderKrewTemplate = (version: string): string =>
  `# The template of the manifest. make dist writes the real one, with the sum of each archive, to dist/zeroloss.yaml.
${renderKrewManifest({ version, archives: TARGETS.map((target) => ({ target, sha256: UNBUILT })) })}`;

export interface Release {
  version: string;
  url?: string | undefined;
  homepage?: string | undefined;
  archives: readonly { target: Platform; sha256: string }[];
}

/** YAML text; archives in the order given. Throws when a text breaks a rule of krew-index. */
export function renderKrewManifest({ version, url = DEFAULT_RELEASE_URL, homepage, archives }: Release): string {
  if (SHORT.length > 50) throw new Error('shortDescription is longer than 50 characters');
  if (DESCRIPTION.split('\n').some((line) => line.length > 76))
    throw new Error('a line of the description is too long');
  const indent = (text: string) => text.replaceAll(/^/gm, '    ');
  const platforms = archives.map(
    ({ target, sha256 }) => `  - selector:
      matchLabels:
        os: ${target.os}
        arch: ${target.arch}
    uri: ${url}/v${version}/${archiveName(version, target)}
    sha256: ${sha256}
    bin: ${programFile(target)}
`,
  );
  return `apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: zeroloss
spec:
  version: v${version}
  homepage: ${homepage ?? url.replace(/\/releases\/download$/, '')}
  shortDescription: ${SHORT}
  description: |
${indent(DESCRIPTION)}
  caveats: |
${indent(CAVEATS)}
  platforms:
${platforms.join('')}`;
}
