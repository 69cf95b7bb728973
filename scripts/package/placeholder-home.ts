/** The project's address in manifests until it has a public home: $HOMEPAGE takes its place (docs/dev/release.md). */
export const PLACEHOLDER_HOME = 'https://example.com/kubectl-zeroloss';
