/** The caller's permissions, in the cluster and in the cloud. */

import type { TriedAction } from '../facts/balancer-state.ts';
import { REQUIRED_ACTIONS, resourceText } from '../safety/required-access.ts';
import { type Advice, advice, kubectl } from '../values/command.ts';
import { type Known, unknown } from '../values/known.ts';
import type { AskedAccess } from './check-facts.ts';
import { type Finding, fail, ok, some, warn } from './findings.ts';

export function accessFindings(asked: readonly AskedAccess[], namespace: string): Finding[] {
  const granted = asked.filter(({ allowed }) => allowed === true);
  const allowed = ok('cluster permissions', 'access', `${granted.length} of ${asked.length} permissions granted`);
  const rest = asked.flatMap((each) => accessFinding(each, namespace));
  const isEnough = granted.length > 0 && !rest.some(({ level }) => level === 'FAIL');
  return [...(isEnough ? [allowed] : []), ...rest];
}

/** A user who lacks a permission cannot grant it. */
function accessCure(where: string | undefined, namespace: string): Advice {
  const role = where === undefined ? 'Role kubectl-zeroloss-operate' : 'ClusterRole kubectl-zeroloss-surroundings';
  const apply = kubectl('apply', '-n', namespace, '-f', 'deploy/rbac.yaml').byAdministrator();
  return advice`ask an administrator: ${apply.note(`then bind ${role} to your user: see the end of that file`)}`;
}

function accessFinding({ access, allowed, because }: AskedAccess, namespace: string): Finding[] {
  if (allowed === true) return [];
  const what = `${because} ${resourceText(access)}`;
  if (allowed === undefined) {
    const message = `whether you may use ${resourceText(access)} is unknown: ${because}`;
    return [warn('cluster permissions', 'access', message)];
  }
  const cure = accessCure(access.where, namespace);
  const where = access.where === 'cluster' ? '' : ` in ${access.where ?? namespace}`;
  const message = `you may not ${what}${where} (${access.usedFor})`;
  return access.without === undefined
    ? [fail('cluster permissions', 'access', message, cure)]
    : [warn('cluster permissions', 'access', `${message}: ${access.without}`, cure)];
}

const KEY_CURE = advice`check TENCENTCLOUD_SECRET_ID and _SECRET_KEY, or name another profile: --profile`;

const NO_KEY_CURE = advice`export TENCENTCLOUD_SECRET_ID=… TENCENTCLOUD_SECRET_KEY=…, or log in with: tccli auth login`;

const isKeyAbsent = (actions: Known<readonly TriedAction[]>): boolean =>
  actions.known && actions.value.length > 0 && actions.value.every(({ refused }) => refused === 'absent');

/** The same answer of the cloud; without any key the reason is that alone, for the places that it was looked for in are shown once. */
export const withKey = <T>(shown: Known<T>, actions: Known<readonly TriedAction[]>): Known<T> =>
  !shown.known && isKeyAbsent(actions) ? unknown('there is no cloud key (see cloud permissions)') : shown;

export function actionFindings(actions: Known<readonly TriedAction[]>): Finding[] {
  if (!actions.known) {
    const message = `what the cloud key may do is unknown: ${actions.because}`;
    return [warn('cloud permissions', 'cloud-access', message)];
  }
  const [first] = actions.value;
  if (first !== undefined && isKeyAbsent(actions))
    return [fail('cloud permissions', 'cloud-access', `there is no cloud key: ${first.because}`, NO_KEY_CURE)];
  // Said once where it is the key itself that is refused, and not one action of it.
  if (first !== undefined && actions.value.every(({ refused }) => refused !== undefined))
    return [fail('cloud permissions', 'cloud-access', `the cloud key is refused: ${first.because}`, KEY_CURE)];
  const granted = actions.value.filter(({ allowed }) => allowed === true);
  const cure = advice`allow the cloud key the actions of deploy/cam-policy.json`;
  const rest = REQUIRED_ACTIONS.flatMap(({ action, without }): Finding[] => {
    const tried = actions.value.find((each) => each.action === action);
    if (tried?.allowed !== false) return [];
    return without === undefined
      ? [fail('cloud permissions', 'cloud-access', `${action} is denied: ${tried.because}`, cure)]
      : [warn('cloud permissions', 'cloud-access', `${action} is denied, so ${without}: ${tried.because}`, cure)];
  });
  const message = `${granted.length} of ${REQUIRED_ACTIONS.length} read-only actions granted`;
  return [
    ...(granted.length > 0 ? [ok('cloud permissions', 'cloud-access', message)] : []),
    ...rest,
    ...unknownActions(actions.value),
  ];
}

/** One line for each reason, however many actions it keeps in the dark. */
function unknownActions(tried: readonly TriedAction[]): Finding[] {
  const unknown = REQUIRED_ACTIONS.flatMap(({ action }) => {
    const answer = tried.find((each) => each.action === action);
    if (answer?.allowed !== undefined) return [];
    return [{ action, because: answer?.because ?? 'it was not tried' }];
  });
  return [...Map.groupBy(unknown, ({ because }) => because)].map(([because, same]) => {
    const actions = some(same.map(({ action }) => action));
    return warn('cloud permissions', 'cloud-access', `whether ${actions} may be called is unknown: ${because}`);
  });
}
