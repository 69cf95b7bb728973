/** A gate that is a PromQL instant query: it holds when it returns something and every value is neither 0 nor NaN. */
import { field, list } from '../core/read.ts';
import { ConnectionError } from '../errors.ts';
import type { Gate } from '../ports.ts';

/** `prometheus`: the server's base URL; GET /api/v1/query (Prometheus HTTP API). Throws ConnectionError when it cannot be asked. */
export function queryGate(query: string, prometheus: URL, timeoutMs = 10_000): Gate {
  return {
    name: `"${query}"`,
    async failsBecause(signal) {
      const url = new URL(`${prometheus.pathname.replace(/\/$/, '')}/api/v1/query`, prometheus);
      url.searchParams.set('query', query);
      const answer = await ask(url, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]), prometheus);
      return judge(answer);
    },
  };
}

async function ask(url: URL, signal: AbortSignal, prometheus: URL): Promise<unknown> {
  try {
    const response = await fetch(url, { signal });
    const body = await response.text();
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${body.slice(0, 200)}`);
    return JSON.parse(body) as unknown;
  } catch (error) {
    // fetch itself says no more than that it failed.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const because = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectionError(`Prometheus at ${prometheus.host} could not be asked: ${because}`, {
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
