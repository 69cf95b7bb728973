import { ConnectionError } from '../../core/errors.ts';
import { kubectl, lines } from '../../core/values/command.ts';
import { maskUserInfo } from '../../core/values/mask.ts';
import { PROXY_SCHEMES } from '../../net/proxy.ts';
import type { ConnectionPlan } from './connection-plan.ts';
import type { KubeconfigUser } from './kubeconfig-model.ts';

/** Settings that contradict each other, in kubectl's words (clientcmd, validation.go). */
export function connectionProblems(plan: ConnectionPlan): string[] {
  return [...userProblems(plan.user, plan.userName), ...clusterProblems(plan)];
}

/** Throws ConnectionError with all the problems, worded and sorted as kubectl does; returns when there are none. */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const list = problems.toSorted().map((problem) => `* ${problem}`);
  throw new ConnectionError(
    problems.length === 1 ? `error: ${problems[0]}` : ['Error in configuration: ', ...list].join('\n'),
  );
}

const EXEC_GROUP = 'client.authentication.k8s.io';

/** Throws ConnectionError for an exec plugin of a version that kubectl does not run either: since 1.24 it knows v1 and v1beta1. */
export function refuseExecVersion({ user, userName }: Pick<ConnectionPlan, 'user' | 'userName'>): void {
  const { apiVersion } = user.exec ?? {};
  if (!apiVersion || [`${EXEC_GROUP}/v1`, `${EXEC_GROUP}/v1beta1`].includes(apiVersion)) return;
  throw new ConnectionError(`error: exec plugin: invalid apiVersion "${apiVersion}"`, {
    hint: lines(
      `accepted: ${EXEC_GROUP}/v1 and ${EXEC_GROUP}/v1beta1 (kubectl 1.24 removed v1alpha1), if the plugin prints that version too:`,
      kubectl('config', 'set-credentials', userName, `--exec-api-version=${EXEC_GROUP}/v1beta1`),
    ),
  });
}

function userProblems(user: KubeconfigUser, name: string): string[] {
  const problems: string[] = [];
  const methods = [...(user.token ? ['token'] : []), ...(user.username || user.password ? ['basicAuth'] : [])];
  if (methods.length > 1) {
    problems.push(
      `more than one authentication method found for ${name}; found [${methods.join(' ')}], only one is allowed`,
    );
  }
  const hasCertificate = user.clientCertificate !== undefined || user.clientCertificateData !== undefined;
  if (hasCertificate && user.clientKey === undefined && user.clientKeyData === undefined) {
    problems.push(
      `client-key-data or client-key must be specified for ${name} to use the clientCert authentication method.`,
    );
  }
  if (
    user.as === undefined &&
    (user.asUid || user.asGroups?.length || Object.keys(user.asUserExtra ?? {}).length > 0)
  ) {
    problems.push(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  }
  if (user.exec) problems.push(...execProblems(user, name));
  return problems;
}

function execProblems(user: KubeconfigUser, name: string): string[] {
  const { apiVersion, command, interactiveMode, env = [] } = user.exec ?? {};
  const problems: string[] = [];
  if (user.authProvider)
    problems.push(`authProvider cannot be provided in combination with an exec plugin for ${name}`);
  if (!command) problems.push(`command must be specified for ${name} to use exec authentication plugin`);
  if (!apiVersion) problems.push(`apiVersion must be specified for ${name} to use exec authentication plugin`);
  if (env.some((variable) => variable.name === '')) {
    problems.push(`env variable name must be specified for ${name} to use exec authentication plugin`);
  }
  // v1beta1 defaults to IfAvailable, and so did v1alpha1; v1 wants it given.
  const optional = apiVersion?.endsWith('/v1beta1') || apiVersion?.endsWith('/v1alpha1');
  if (!interactiveMode && !optional) {
    problems.push(`interactiveMode must be specified for ${name} to use exec authentication plugin`);
  } else if (interactiveMode && !['Never', 'IfAvailable', 'Always'].includes(interactiveMode)) {
    problems.push(`invalid interactiveMode for ${name}: "${interactiveMode}"`);
  }
  return problems;
}

function clusterProblems({ cluster, clusterName }: ConnectionPlan): string[] {
  const problems: string[] = [];
  if (cluster.proxyUrl !== undefined) {
    const scheme = URL.canParse(cluster.proxyUrl) ? new URL(cluster.proxyUrl).protocol : '';
    if (!PROXY_SCHEMES.includes(scheme)) {
      problems.push(
        `invalid 'proxy-url' "${maskUserInfo(cluster.proxyUrl)}" for cluster "${clusterName}": unsupported scheme "${scheme.replace(':', '')}", must be http, https, or socks5`,
      );
    }
  }
  return problems;
}
