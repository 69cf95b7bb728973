import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { readText } from '../../read-file.ts';
import { parseKubeconfig } from '../config/kubeconfig-parse.ts';
import type { OidcTokens } from './oidc-refresh.ts';

export interface RenewedTokens {
  /** The kubeconfig that the user came from. */
  file: string;
  userName: string;
  before: OidcTokens;
  now: OidcTokens;
  warn: (line: string) => void;
}

/**
 * Writes a refresh token that the provider has replaced to the kubeconfig, and the id token with it: the old one may be
 * good for nothing now, and kubectl would be locked out. Only the two texts change; a refresh token that stayed the
 * same leaves the file alone, where kubectl would write the id token. A failed write is a warning.
 */
export async function keepTokens({ file, userName, before, now, warn }: RenewedTokens): Promise<void> {
  if (now.refreshToken === before.refreshToken) return;
  try {
    await underLock(file, async () => {
      const text = await readText(file);
      const replaced = replacedOnce(text, before.refreshToken, now.refreshToken);
      if (replaced === undefined) throw new Error('the former one is not in it, or in more than one place');
      const renewed = replacedOnce(replaced, before.idToken, now.idToken) ?? replaced;
      // The problem of a text that cannot be read would quote the token.
      const config = await parseKubeconfig(renewed, file).catch(() => undefined);
      if (config?.users.get(userName)?.authProvider?.config['refresh-token'] !== now.refreshToken)
        throw new Error('the file can no longer be read');
      writeFileSync(file, renewed);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    warn(
      `the identity provider has replaced the refresh token of user "${userName}", and the new one could not be written to ${file} (${code ?? message}): log in again when a command asks for it`,
    );
  }
}

/** kubectl's own lock on a kubeconfig (client-go, clientcmd, lockFile). Throws EEXIST while another process holds it. */
async function underLock(file: string, work: () => Promise<void>): Promise<void> {
  const lock = `${file}.lock`;
  closeSync(openSync(lock, 'wx'));
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Undefined unless `former` is there, and once. */
function replacedOnce(text: string, former: string, now: string): string | undefined {
  const parts = former === '' ? [] : text.split(former);
  return parts.length === 2 ? parts.join(now) : undefined;
}
