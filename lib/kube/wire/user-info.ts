/** A URL without its user:password part, for messages and traces. A text that is no URL may lose more than that, never less. */
export function maskUserInfo(url: string): string {
  return url.replace(/\/\/.*@/s, '//<masked>@');
}
