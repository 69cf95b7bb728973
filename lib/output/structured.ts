/** Results as data, for programs: json and yaml. */

import { type Mask, maskingFields } from './mask-secrets.ts';
import { visibleJson } from './visible.ts';

export type StructuredFormat = 'json' | 'yaml';

/** Every text in `value` is masked by itself. JSON is indented by four spaces, as kubectl's is. */
export async function renderStructured(value: object, format: StructuredFormat, mask: Mask): Promise<string> {
  const json = JSON.stringify(value, maskingFields(mask), 4);
  if (format === 'json') return `${visibleJson(json)}\n`;
  const { dump } = await import('js-yaml');
  // Through JSON first: what YAML shows is then the same data, without undefined fields and shared references.
  return dump(JSON.parse(json), { lineWidth: -1, noRefs: true });
}
