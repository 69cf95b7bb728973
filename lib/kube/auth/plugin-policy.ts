/** kubectl can forbid credential plugins in its own settings; a program beside it must not run them all the same. */

import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve, sep } from 'node:path';
import { readText } from '../../read-file.ts';
import { Fields } from '../config/kubeconfig-fields.ts';

type Env = Record<string, string | undefined>;

/**
 * Honours kubectl's own rule on which exec credential plugins may run: `credentialPluginPolicy` and `credentialPluginAllowlist`
 * in $KUBERC or ~/.kube/kuberc (kubectl.config.k8s.io/v1beta1, Kubernetes 1.35). Throws Error in kubectl's words when it says no,
 * or cannot be understood.
 */
export async function refuseForbiddenPlugin(command: string, env: Env, homeDir: string): Promise<void> {
  const { KUBERC: named, KUBECTL_KUBERC: enabled } = env;
  if (named === 'off' || enabled === 'false') return;
  const file = named || join(homeDir, '.kube', 'kuberc');
  const text = await readText(file).catch(() => undefined);
  if (text === undefined || !text.includes('credentialPlugin')) return;
  const refuse = (problem: string): never => {
    throw new Error(`kuberc ${file}: ${problem}`);
  };
  const { loadAll } = await import('js-yaml');
  const preferences = new Fields(loadAll(text)[0], 'preferences', refuse);
  const policy = preferences.text('credentialPluginPolicy') ?? 'AllowAll';
  const allowed = preferences.list('credentialPluginAllowlist');
  if (policy === 'DenyAll') throw new Error(`plugin "${command}" not allowed: policy set to "DenyAll"`);
  if (policy === 'AllowAll' && allowed.length === 0) return;
  if (policy !== 'Allowlist') {
    refuse(
      `credentialPluginPolicy "${policy}" with ${allowed.length} allowed plugins; it is AllowAll, DenyAll, or Allowlist with a list`,
    );
  }
  const path = await lookPath(command, env);
  for (const entry of allowed) {
    // The key was renamed from name to command in Kubernetes 1.36.
    const accepted = await lookPath(entry.text('command') ?? entry.text('name') ?? '', env);
    if (path !== undefined && accepted === path) return;
  }
  throw new Error(`plugin "${command}" not allowed: it is not in the credentialPluginAllowlist of ${file}`);
}

/** The absolute path that a command name stands for, as the system would find it. */
async function lookPath(command: string, env: Env): Promise<string | undefined> {
  if (isAbsolute(command) || command.includes(sep)) return resolve(command);
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const candidate = resolve(folder, command);
    if (command !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
