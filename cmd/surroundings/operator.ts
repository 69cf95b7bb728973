import { hostname, userInfo } from 'node:os';
import type { Environment } from '../../lib/output/streams.ts';
import { jobPlace } from './job-place.ts';

/** The operator, for the audit trail: `user@host`, or the Job that this runs in. A user id without a name (in many containers) is shown as the number. */
export function operatorName(env: Environment): string {
  const place = jobPlace(env);
  if (place !== undefined) return `job/${place.job}`;
  return `${userName(env)}@${hostname()}`;
}

function userName(env: Environment): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] ?? env['USERNAME'] ?? String(process.getuid?.() ?? 'unknown');
  }
}
