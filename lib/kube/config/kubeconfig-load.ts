/** Which kubeconfig files count, and how several become one. */

import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ConnectionError } from '../../core/errors.ts';
import { systemErrorText } from '../../core/values/system-error.ts';
import { readText } from '../../read-file.ts';
import type { Kubeconfig } from './kubeconfig-model.ts';
import { parseKubeconfig } from './kubeconfig-parse.ts';

export interface KubeconfigSource {
  /** --kubeconfig: the only file, and it must exist. */
  explicitFile?: string | undefined;
  env: Record<string, string | undefined>;
  homeDir?: string | undefined;
  warn?: ((line: string) => void) | undefined;
}

/** Every kubeconfig file that counts, merged first-wins; also the places looked at, for error messages. */
export interface LoadedKubeconfig {
  config: Kubeconfig;
  /** For people: where a kubeconfig was looked for, and what was not there. */
  lookedAt: string;
}

/**
 * Loads the kubeconfig as kubectl does: --kubeconfig, else the files of $KUBECONFIG (missing ones skipped), else ~/.kube/config.
 * Throws ConnectionError when a file exists and cannot be read or understood, or when --kubeconfig does not exist.
 */
export async function loadKubeconfig(source: KubeconfigSource): Promise<LoadedKubeconfig> {
  if (source.explicitFile) {
    const text = await readIfThere(source.explicitFile);
    if (text === undefined) {
      throw new ConnectionError(`error: stat ${source.explicitFile}: no such file or directory`, {
        hint: '--kubeconfig names a file that must exist',
      });
    }
    return { config: await parseKubeconfig(text, source.explicitFile), lookedAt: source.explicitFile };
  }
  const list = source.env['KUBECONFIG'];
  const files = list ? [...new Set(list.split(delimiter))].filter((file) => file !== '') : [defaultFile(source)];
  const parsed: Kubeconfig[] = [];
  for (const file of files) {
    const text = await readIfThere(file);
    if (text !== undefined) parsed.push(await parseKubeconfig(text, file));
  }
  if (list && files.length > 0 && parsed.length === 0) source.warn?.(`Config not found: ${list}`);
  const missing = parsed.length === 0 ? ' (not there)' : '';
  return { config: mergeKubeconfigs(parsed), lookedAt: `${list ? `KUBECONFIG=${list}` : files.join()}${missing}` };
}

/** First file wins for every name and for current-context (client-go loader; same-named entries are never mixed). */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  return {
    currentContext: configs.find((config) => config.currentContext !== '')?.currentContext ?? '',
    clusters: firstWins(configs.map((config) => config.clusters)),
    users: firstWins(configs.map((config) => config.users)),
    contexts: firstWins(configs.map((config) => config.contexts)),
  };
}

function firstWins<T>(maps: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  return new Map(maps.toReversed().flatMap((map) => [...map]));
}

const defaultFile = (source: KubeconfigSource): string => join(homeFolder(source), '.kube', 'config');

/** The folder that holds `.kube`: the one given, else $HOME, else the system's idea of it. */
export function homeFolder({ homeDir, env }: Pick<KubeconfigSource, 'homeDir' | 'env'>): string {
  return homeDir || env['HOME'] || env['USERPROFILE'] || homedir();
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readText(file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return undefined;
    const why = code === 'EISDIR' ? 'is a directory' : code === 'EACCES' ? 'permission denied' : systemErrorText(error);
    throw new ConnectionError(`error: error loading config file "${file}": read ${file}: ${why}`, { cause: error });
  }
}
