/** The surroundings: TKE's service-controller and its switches, clocks, programs of a confusing name. */

import { CONTROLLER_CONFIG } from '../safety/required-access.ts';
import { advice, kubectl } from '../values/command.ts';
import { MAX_SKEW_MS, skewText } from '../zero/clock-skew.ts';
import type { CheckFacts, PlatformFacts } from './check-facts.ts';
import { type Finding, ok, some, warn } from './findings.ts';
import { graceFinding, graceForRollout } from './grace-deletion.ts';

/** The Ingress twin of the weight annotation came with 1.6.0; for Services no version is documented (TKE Ingress annotation reference). */
const OLDEST: readonly number[] = [1, 6, 0];
/** Requests with an older signature are refused (Cloud API 3.0 signature, AuthFailure.SignatureExpire). */
const CLOUD_SKEW = '5 minutes';

/** The part of the facts that needs no StatefulSet. */
type Controlled = Pick<CheckFacts, 'controller' | 'services'>;

/** `rolling`: a controller replaces the pods by itself, which changes what grace deletion is worth. */
export function platformFindings(facts: Controlled, platform: PlatformFacts, { rolling = false } = {}): Finding[] {
  const grace = rolling ? graceForRollout(facts) : graceFinding(facts);
  return [versionFinding(facts), grace, clockFinding(platform), ...cloudClock(platform), stray(platform)];
}

function versionFinding({ controller }: Controlled): Finding {
  const version = controller.known ? controller.value['VERSION'] : undefined;
  if (version === undefined) {
    const because = controller.known ? `configmap/${CONTROLLER_CONFIG} has no VERSION` : controller.because;
    const message = `the version of the service-controller is unknown (${because}); that it applies weights is seen at the first drain`;
    return warn('platform', 'controller-version', message);
  }
  const parts = /(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined) {
    const message = `the version of the service-controller cannot be read from "${version}"; that it applies weights is seen at the first drain`;
    return warn('platform', 'controller-version', message);
  }
  if (isBefore(parts, OLDEST)) {
    const message = `the service-controller is ${version}, older than any that is known to apply weights per pod (${OLDEST.join('.')})`;
    return warn(
      'platform',
      'controller-version',
      message,
      advice`upgrade service-controller on the component page of the cluster`,
    );
  }
  return ok('platform', 'controller-version', `the service-controller is ${version}`);
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const index = b.findIndex((part, place) => part !== (a[place] ?? 0));
  return index !== -1 && (a[index] ?? 0) < (b[index] ?? 0);
}

function clockFinding({ clockAheadMs }: PlatformFacts): Finding {
  if (clockAheadMs === undefined)
    return warn('platform', 'clock', "whether this machine's clock agrees with the cluster's is unknown");
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  if (Math.abs(clockAheadMs) <= MAX_SKEW_MS)
    return ok('platform', 'clock', `this machine's clock and the API server's agree (to ${Math.max(1, seconds)}s)`);
  const message = `${skewText(clockAheadMs)}: Cloud Monitor cannot be relied on from here (source clb)`;
  return warn('platform', 'clock', message, advice`set the clock (timedatectl set-ntp true)`);
}

/** Every granted call was signed with this clock, so an answer is the proof. */
function cloudClock({ actions }: PlatformFacts): Finding[] {
  if (!actions.known) return [];
  if (actions.value.some(({ allowed }) => allowed === true))
    return [ok('platform', 'cloud-clock', `the cloud accepts this machine's clock (it allows ${CLOUD_SKEW})`)];
  if (!actions.value.some(({ refused }) => refused === 'clock')) return [];
  const message = `this machine's clock is more than ${CLOUD_SKEW} off the cloud's`;
  return [
    { ...warn('platform', 'cloud-clock', message, advice`set the clock (timedatectl set-ntp true)`), level: 'FAIL' },
  ];
}

/** kubectl runs the longest matching name: kubectl-zeroloss-drain would be run for `kubectl zeroloss drain` (kubectl plugins). */
function stray({ strays }: PlatformFacts): Finding {
  if (strays === undefined) return warn('platform', 'path', 'the PATH was not searched');
  if (strays.length === 0) return ok('platform', 'path', 'no other program answers to kubectl zeroloss');
  const message = `${some(strays)} on the PATH: kubectl runs it instead of this program`;
  return warn('platform', 'path', message, kubectl('plugin', 'list').note('then remove or rename it'));
}
