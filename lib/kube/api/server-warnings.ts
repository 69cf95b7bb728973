import { headerText } from '../wire/header-text.ts';

/** The texts of `Warning: 299` headers, in order (RFC 7234 section 5.5; Kubernetes: API warnings). */
export function parseWarnings(header: string | undefined): string[] {
  if (header === undefined) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    headerText(match[1] ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}

/** Passes each warning text on once per run. */
export function onceEach(warn: (line: string) => void): (header: string | undefined) => void {
  const shown = new Set<string>();
  return (header) => {
    for (const text of parseWarnings(header)) {
      if (shown.has(text)) continue;
      shown.add(text);
      warn(text);
    }
  };
}
