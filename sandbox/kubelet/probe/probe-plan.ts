/** A readiness probe as the pod spec states it, with the API's defaults. */
import { field, list, number, text } from '../../../lib/core/values/read.ts';

export interface ProbePlan {
  action:
    | { kind: 'http'; path: string; port: number | string; headers: readonly string[] }
    | { kind: 'tcp'; port: number | string }
    /** exec: taken to succeed, because no program runs in a rehearsal pod. */
    | { kind: 'none' };
  initialDelayMs: number;
  periodMs: number;
  timeoutMs: number;
  successThreshold: number;
  failureThreshold: number;
}

/** Undefined when the container has no probe. A grpc probe is asked by a TCP connect. */
export function planProbe(probe: unknown): ProbePlan | undefined {
  if (typeof probe !== 'object' || probe === null) return undefined;
  const milliseconds = (name: string, seconds: number) => (number(probe, name) ?? seconds) * 1_000;
  return {
    action: planAction(probe),
    initialDelayMs: milliseconds('initialDelaySeconds', 0),
    periodMs: milliseconds('periodSeconds', 10),
    timeoutMs: milliseconds('timeoutSeconds', 1),
    successThreshold: number(probe, 'successThreshold') ?? 1,
    failureThreshold: number(probe, 'failureThreshold') ?? 3,
  };
}

function planAction(probe: object): ProbePlan['action'] {
  const http = field(probe, 'httpGet');
  if (http !== undefined)
    return {
      kind: 'http',
      path: text(http, 'path') ?? '/',
      port: portOf(http),
      headers: list(http, 'httpHeaders').map((header) => `${text(header, 'name')}: ${text(header, 'value')}`),
    };
  const connect = field(probe, 'tcpSocket') ?? field(probe, 'grpc');
  return connect === undefined ? { kind: 'none' } : { kind: 'tcp', port: portOf(connect) };
}

const portOf = (action: unknown) => number(action, 'port') ?? text(action, 'port') ?? 0;
