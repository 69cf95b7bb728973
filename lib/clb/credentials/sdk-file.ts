import { join } from 'node:path';
import { ConnectionError } from '../../core/errors.ts';
import { pairOf } from './pair.ts';
import type { CredentialContext, CredentialSource } from './source.ts';

/**
 * The SDKs' own file: section `[default]` of `~/.tencentcloud/credentials`, else of `/etc/tencentcloud/credentials`;
 * TENCENTCLOUD_CREDENTIALS_FILE names another one.
 */
export const sdkFileSource: CredentialSource = {
  name: (context) => pathsOf(context).join(' or '),
  async find(context) {
    const paths = pathsOf(context);
    for (const path of paths) {
      const text = await context.readText(path);
      if (text === undefined) continue;
      const section = parseSection(text, 'default');
      const found = pairOf(
        { name: `secret_id in ${path}`, value: section.get('secret_id') },
        { name: `secret_key in ${path}`, value: section.get('secret_key') },
        section.get('token'),
      );
      if ('absent' in found) {
        throw new ConnectionError(`${path} has no secret_id and secret_key in its section [default]`);
      }
      return found;
    }
    return { absent: `there is no ${paths.join(' and no ')}` };
  },
  renewal: (context) => `write fresh keys to ${pathsOf(context)[0]}`,
};

function pathsOf({ env, homeDir, systemDir }: CredentialContext): readonly string[] {
  const named = env['TENCENTCLOUD_CREDENTIALS_FILE'];
  if (named) return [named];
  return [homeDir, systemDir].map((root, index) =>
    join(root, index === 0 ? '.tencentcloud' : 'tencentcloud', 'credentials'),
  );
}

/** `key = value` lines of one INI section; lines before any section count as `default`. */
function parseSection(text: string, wanted: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = 'default';
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (header !== undefined) section = header.trim();
    const [, key, value] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === wanted && key !== undefined && value !== undefined) {
      values.set(key, value.replace(/^(["'])(.*)\1$/, '$2'));
    }
  }
  return values;
}
