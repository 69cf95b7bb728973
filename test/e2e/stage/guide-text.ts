/** The weight annotation's text as TKE's guide writes it, built here from words, not by the code under test. */
export function guideText(podIndexes: readonly number[], ports: readonly number[] = [80]): string {
  const groups = ports.map(
    (port) =>
      `{"key":{"proto":"TCP","port":${port}},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[${podIndexes.join(',')}]}]}]}`,
  );
  return `{"defaultWeight":10,"groups":[${groups.join(',')}]}`;
}
