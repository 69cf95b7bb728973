/** The operator's own gates, as flags: a command, or a query to Prometheus. */

import type { Flags } from '../../lib/cli/arguments.ts';
import { textFlag } from '../../lib/cli/flag.ts';
import { UsageError } from '../../lib/core/errors.ts';
import { maskUserInfo } from '../../lib/core/values/mask.ts';
import type { Environment } from '../../lib/output/streams.ts';
import type { Gate } from '../../lib/ports.ts';

export const gateFlags = {
  gateCommand: textFlag({
    help: 'A command that must exit with 0 at every look. The shell runs it; after 30s it is killed with everything that it started.',
  }),
  gateQuery: textFlag({ help: 'A PromQL instant query that must return at least one value, none of them 0.' }),
  prometheus: textFlag({
    help: 'The base URL of the Prometheus server that --gate-query is sent to. A user and password in it go as basic auth and are not shown.',
  }),
} satisfies Flags;

interface GateValues {
  gateCommand: string | undefined;
  gateQuery: string | undefined;
  prometheus: string | undefined;
}

const SERVER = '--prometheus http://prometheus.monitoring:9090';

/**
 * The one reader of --prometheus: for the gate that asks the server, and for a manifest that would show its password. As `URL` reads
 * it, whose idea of scheme, slashes and blanks is wider than a pattern's; undefined: no http(s) URL.
 */
export function prometheusUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** Throws UsageError for a query without a server or a server without a query, or a server that is no http(s) URL or has a query. */
export function refuseUnclearGates({ gateQuery, prometheus }: GateValues): void {
  if (prometheus !== undefined && gateQuery === undefined)
    throw new UsageError(
      '--prometheus needs --gate-query: nothing would be asked there',
      "--gate-query 'sum(rate(errors[1m])) < bool 1'",
    );
  if (gateQuery !== undefined && prometheus === undefined)
    throw new UsageError('--gate-query needs --prometheus', SERVER);
  if (prometheus === undefined) return;
  const url = prometheusUrl(prometheus);
  if (url === undefined)
    throw new UsageError(`"${maskUserInfo(prometheus)}" is not the URL of a Prometheus server`, SERVER);
  // Its text is not shown: a query holds tokens.
  if (url.search !== '' || url.hash !== '')
    throw new UsageError('--prometheus is a base URL, and takes nothing from "?" or "#" on', SERVER);
}

/** The gates of flags that refuseUnclearGates has accepted. */
export async function gatesOf({ gateCommand, gateQuery, prometheus }: GateValues, env: Environment): Promise<Gate[]> {
  const gates: Gate[] = [];
  if (gateCommand !== undefined)
    gates.push((await import('../../lib/gates/command-gate.ts')).commandGate(gateCommand, env));
  const server = prometheus === undefined ? undefined : prometheusUrl(prometheus);
  if (gateQuery !== undefined && server !== undefined)
    gates.push((await import('../../lib/gates/query-gate.ts')).queryGate(gateQuery, server, env));
  return gates;
}
