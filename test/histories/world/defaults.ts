/** The defaults that a workload of a history brings, in annotations of its StatefulSet. */
import { DEFAULT_PREFIX } from '../../../lib/core/intent/workload-defaults.ts';
import type { Setting } from '../history.ts';
import { PERSISTED_MS } from './clb/client-sessions.ts';

/** The gauge that counts the connections of a pod. */
export const GAUGE = 'open_connections';
/** The share of the replicas that the default floor keeps serving. */
export const DEFAULT_FLOOR = 0.6;
/** It outlasts the sessions that bring clients back to a drained pod. */
export const PATIENT_SECONDS = PERSISTED_MS / 1000 + 3;

/** By flag, without dashes. */
export function defaultFlags({ defaults, sources }: Setting): Record<string, string> {
  switch (defaults) {
    case '':
      return {};
    case 'floor':
      return { 'min-serving': `${100 * DEFAULT_FLOOR}%` };
    case 'counting':
      return sources.includes('metrics') ? { metric: GAUGE } : { source: 'pod,clb' };
    case 'patient':
      return { 'stable-for': `${PATIENT_SECONDS}s` };
    case 'batch':
      return { batch: '1' };
    case 'window':
      return { 'max-unavailable': '1' };
  }
}

/** The same as annotations. */
export const defaultsOf = (setting: Setting): Record<string, string> =>
  Object.fromEntries(Object.entries(defaultFlags(setting)).map(([name, text]) => [`${DEFAULT_PREFIX}${name}`, text]));

export const isDefault = (key: string): boolean => key.startsWith(DEFAULT_PREFIX);
