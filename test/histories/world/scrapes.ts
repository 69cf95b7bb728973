/** The metrics of a pod of a history, as the API server's pod proxy brings them. */
import { PODS } from '../../../lib/ports/resources.ts';
import { asMap, asMaps } from '../../../sandbox/semantics/json.ts';
import type { Fault, FaultKind } from '../history.ts';
import type { ApiAnswerInMemory } from './api-server.ts';
import { GAUGE } from './defaults.ts';
import { OPERATOR } from './rights.ts';
import type { Stage } from './stage.ts';

/** Longer than a gauge may be old. */
const STALE_MS = 60_000;

/** The pod whose metrics a path asks for; undefined: it asks for something else. */
export const scrapedPod = (path: string): string | undefined => /\/pods\/([^/:]+)(?::\d+)?\/proxy\//.exec(path)?.[1];

/** `read`: a whole reading of this moment has left, with so many connections of the pod of this UID. */
export async function scrape(
  { api, balancers, clock }: Stage,
  { path, name, faults }: { path: string; name: string; faults: readonly Fault[] },
  read: (reading: { atMs: number; podUid: string; open: number }) => void,
): Promise<ApiAnswerInMemory> {
  const has = (kind: FaultKind): boolean => faults.some((fault) => fault.kind === kind);
  const answer = (status: number, text: string, type = 'text/plain; version=0.0.4'): ApiAnswerInMemory => ({
    ...{ status, headers: { 'content-type': type }, body: Buffer.from(text) },
  });
  const failure = (code: number, reason: string, message: string): ApiAnswerInMemory =>
    answer(
      code,
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }),
      'application/json',
    );
  if (!api.allows(OPERATOR, 'GET', path)) return failure(403, 'Forbidden', 'pods is forbidden: cannot get pods/proxy');
  const pod = api.get(PODS, name);
  if (pod === undefined) return failure(404, 'NotFound', `pods "${name}" not found`);
  const isUp = asMaps(asMap(pod['status'])['conditions']).some(
    ({ type, status }) => type === 'ContainersReady' && status === 'True',
  );
  if (!isUp || has('metrics-fails'))
    return failure(503, 'ServiceUnavailable', 'error trying to reach service: connection refused');
  const { uid: podUid = '' } = pod.metadata;
  const open = balancers.connections.on(podUid).length;
  const head = `# HELP ${GAUGE} Connections that are open.\n# TYPE ${GAUGE} gauge\n`;
  // The last number from before the program hung: no connection, a minute ago.
  if (has('metrics-stale')) return answer(200, `${head}${GAUGE} 0 ${clock.now() - STALE_MS}\n`);
  const whole = `${head}${GAUGE} ${open}\n`;
  if (has('metrics-cut')) return answer(200, whole.slice(0, -2));
  read({ atMs: clock.now(), podUid, open });
  return answer(200, whole);
}
