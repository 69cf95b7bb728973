/** The one reader of --prometheus: for the gate that asks the server, and for a manifest that would show its password. */

/** As `URL` reads it, whose idea of scheme, slashes and blanks is wider than a pattern's; undefined: no http(s) URL. */
export function prometheusUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}
