import { dirname, resolve, sep } from 'node:path';
import { ConnectionError } from '../../core/errors.ts';
import { Fields } from './kubeconfig-fields.ts';
import type {
  ExecPlugin,
  Kubeconfig,
  KubeconfigCluster,
  KubeconfigContext,
  KubeconfigUser,
} from './kubeconfig-model.ts';
import { readPlainYaml } from './plain-yaml.ts';

/**
 * Reads one kubeconfig file's text. Relative paths become absolute against the file's folder, as in client-go
 * (an exec command only when it has a path separator). Throws ConnectionError naming file and field on a wrong shape.
 */
export async function parseKubeconfig(text: string, file: string): Promise<Kubeconfig> {
  const folder = dirname(resolve(file));
  const absolute = (path: string | undefined): string | undefined => (path ? resolve(folder, path) : undefined);
  const refuse = (problem: string): never => {
    throw new ConnectionError(`error: error loading config file "${file}": ${problem}`);
  };
  const root = new Fields(await parseText(text, refuse), 'kubeconfig', refuse);
  return {
    currentContext: root.text('current-context') ?? '',
    clusters: named(root, 'clusters', 'cluster', (fields) => parseCluster(fields, absolute)),
    users: named(root, 'users', 'user', (fields) => parseUser(fields, absolute, file)),
    contexts: named(root, 'contexts', 'context', parseContext),
  };
}

/** JSON is what JSON.parse takes; anything else is YAML, whose parser is loaded only where it is not plain (it costs some milliseconds). */
async function parseText(text: string, refuse: (problem: string) => never): Promise<unknown> {
  if (text.trim() === '') return {};
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML in flow style also begins with a brace.
    }
  }
  const plain = readPlainYaml(text);
  if (plain !== undefined) return plain;
  const { CORE_SCHEMA, loadAll, mergeTag } = await import('js-yaml');
  try {
    // Of several documents the first counts; a text of comments alone has none. As for kubectl, `<<` merges mappings, and
    // of a key that is there twice (which only `json` allows) the last one counts.
    return loadAll(text, { json: true, schema: CORE_SCHEMA.withTags(mergeTag) })[0] ?? {};
  } catch (error) {
    const [firstLine = 'not YAML'] = String(error instanceof Error ? error.message : error).split('\n');
    return refuse(`yaml: ${firstLine}`);
  }
}

function named<T>(root: Fields, list: string, key: string, parse: (fields: Fields) => T): Map<string, T> {
  const entries = new Map<string, T>();
  for (const item of root.list(list)) {
    const name = item.text('name') ?? '';
    if (entries.has(name)) root.refuse(`duplicate name "${name}" in ${list}`);
    entries.set(name, parse(item.child(key)));
  }
  return entries;
}

function parseCluster(fields: Fields, absolute: (path?: string) => string | undefined): KubeconfigCluster {
  const extension = fields.list('extensions').find((item) => item.text('name') === 'client.authentication.k8s.io/exec');
  return withoutUndefined({
    server: fields.text('server'),
    certificateAuthority: absolute(fields.text('certificate-authority')),
    certificateAuthorityData: fields.base64('certificate-authority-data'),
    tlsServerName: fields.text('tls-server-name'),
    insecureSkipTlsVerify: fields.flag('insecure-skip-tls-verify'),
    proxyUrl: fields.text('proxy-url'),
    disableCompression: fields.flag('disable-compression'),
    execConfig: extension?.raw('extension'),
  });
}

function parseUser(fields: Fields, absolute: (path?: string) => string | undefined, file: string): KubeconfigUser {
  const provider = fields.has('auth-provider') ? fields.child('auth-provider') : undefined;
  return withoutUndefined({
    token: fields.text('token'),
    tokenFile: absolute(fields.text('tokenFile')),
    clientCertificate: absolute(fields.text('client-certificate')),
    clientCertificateData: fields.base64('client-certificate-data'),
    clientKey: absolute(fields.text('client-key')),
    clientKeyData: fields.base64('client-key-data'),
    username: fields.text('username'),
    password: fields.text('password'),
    as: fields.text('as'),
    asUid: fields.text('as-uid'),
    asGroups: fields.has('as-groups') ? fields.texts('as-groups') : undefined,
    asUserExtra: fields.has('as-user-extra') ? fields.child('as-user-extra').textLists() : undefined,
    exec: fields.has('exec') ? parseExec(fields.child('exec'), absolute) : undefined,
    authProvider: provider && { name: provider.text('name') ?? '', config: provider.child('config').textMap(), file },
  });
}

function parseExec(fields: Fields, absolute: (path?: string) => string | undefined): ExecPlugin {
  const command = fields.text('command');
  return withoutUndefined({
    apiVersion: fields.text('apiVersion'),
    command: command?.includes(sep) ? absolute(command) : command,
    args: fields.texts('args'),
    env: fields.list('env').map((item) => ({ name: item.text('name') ?? '', value: item.text('value') ?? '' })),
    installHint: fields.text('installHint'),
    provideClusterInfo: fields.flag('provideClusterInfo') ?? false,
    interactiveMode: fields.text('interactiveMode'),
  });
}

function parseContext(fields: Fields): KubeconfigContext {
  return withoutUndefined({
    cluster: fields.text('cluster'),
    user: fields.text('user'),
    namespace: fields.text('namespace'),
  });
}

type WithoutUndefined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Drops the keys whose value is undefined, so that a spread over another object never erases a value. */
export function withoutUndefined<T extends object>(object: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as WithoutUndefined<T>;
}
