/** A gate that is a PromQL instant query: it holds when it returns something and every value is neither 0 nor NaN. */

import { ConnectionError } from '../core/errors.ts';
import { field, list } from '../core/values/read.ts';
import { type GetOptions, getText } from '../net/get-text.ts';
import { MIB } from '../net/read-body.ts';
import type { Gate } from '../ports.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A gate is a few numbers; this is room for ten thousand series. */
const MAX_BYTES = 16 * MIB;

/** `prometheus`: the server's base URL, with user and password for basic auth if it wants them, which are not shown; GET /api/v1/query (Prometheus HTTP API). `env` names the proxy. Throws ConnectionError when it cannot be asked. */
export function queryGate(query: string, prometheus: URL, env: Environment, timeoutMs = 10_000): Gate {
  return {
    name: `"${query}"`,
    async failsBecause(signal) {
      const url = new URL(`${prometheus.pathname.replace(/\/$/, '')}/api/v1/query`, prometheus.origin);
      url.searchParams.set('query', query);
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await ask(url, { headers: basicAuth(prometheus), env, signal: bounded, maxBytes: MAX_BYTES });
      return judge(answer);
    },
  };
}

/** The URL that is asked has no user info: errors would quote it. */
function basicAuth({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  return { Authorization: `Basic ${unescaped(`${username}:${password}`).toString('base64')}` };
}

/** The bytes that the percent signs of a URL stand for; one that escapes nothing stands for itself. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

async function ask(url: URL, options: GetOptions): Promise<unknown> {
  try {
    const { status, location, text } = await getText(url, options);
    if (status !== 200)
      throw new Error(`HTTP ${status}: ${location === undefined ? text.slice(0, 200) : `to ${location}`}`);
    return JSON.parse(text) as unknown;
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new ConnectionError(`Prometheus at ${url.host} could not be asked: ${because}`, {
      cause: error,
      hint: 'accepted by --prometheus: the base URL, for example http://prometheus.monitoring:9090',
    });
  }
}

function judge(answer: unknown): string | undefined {
  const type = field(answer, 'data', 'resultType');
  const samples =
    type === 'scalar'
      ? [field(answer, 'data', 'result')]
      : list(answer, 'data', 'result').map((sample) => field(sample, 'value'));
  if (field(answer, 'status') !== 'success')
    return `Prometheus answered ${String(field(answer, 'error') ?? 'without success')}`;
  if (samples.length === 0) return 'the query returns nothing';
  const values = samples.map((sample) => String(field(sample, 1)));
  const bad = values.filter((value) => !(Number(value) !== 0 && !Number.isNaN(Number(value))));
  return bad.length === 0 ? undefined : `${bad.length} of ${values.length} values are not true (${bad[0]})`;
}
