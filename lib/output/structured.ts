/** Results as data, for programs: json and yaml. */

export type StructuredFormat = 'json' | 'yaml';

/** JSON is indented by four spaces, as kubectl's is. */
export async function renderStructured(value: object, format: StructuredFormat): Promise<string> {
  if (format === 'json') return `${JSON.stringify(value, null, 4)}\n`;
  const { dump } = await import('js-yaml');
  // Through JSON first: what YAML shows is then the same data, without undefined fields and shared references.
  return dump(JSON.parse(JSON.stringify(value)), { lineWidth: -1, noRefs: true });
}
