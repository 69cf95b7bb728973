/** Free connections are closed after this long, before a server or a load balancer in between forgets them. */
export const FREE_CONNECTION_MS = 45_000;
/** TCP keep-alive probes begin after this long, as in Go. */
export const KEEP_ALIVE_PROBE_MS = 30_000;
