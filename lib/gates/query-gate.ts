/** A gate that is a PromQL instant query: it holds when it returns something and every value is neither 0 nor NaN. */

import { ConnectionError } from '../core/errors.ts';
import { field, list } from '../core/values/read.ts';
import type { Gate } from '../ports.ts';

/** `prometheus`: the server's base URL, with user and password for basic auth if it wants them, which are not shown; GET /api/v1/query (Prometheus HTTP API). Throws ConnectionError when it cannot be asked. */
export function queryGate(query: string, prometheus: URL, timeoutMs = 10_000): Gate {
  return {
    name: `"${query}"`,
    async failsBecause(signal) {
      const url = new URL(`${prometheus.pathname.replace(/\/$/, '')}/api/v1/query`, prometheus.origin);
      url.searchParams.set('query', query);
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answer = await ask(url, basicAuth(prometheus), bounded);
      return judge(answer);
    },
  };
}

/** fetch refuses a URL with user info, and would quote it. */
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

async function ask(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(url, { signal, headers });
    const body = await response.text();
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${body.slice(0, 200)}`);
    return JSON.parse(body) as unknown;
  } catch (error) {
    // fetch itself says no more than that it failed.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const because = cause instanceof Error ? cause.message : String(cause);
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
