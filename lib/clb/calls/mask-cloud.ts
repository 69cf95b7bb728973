/** Keeps secrets out of every line that people or files see. */
import type { Credential } from '../credentials/source.ts';

/** A secret id that can be recognised but not used: `AKID****wxyz`. */
export function maskId(secretId: string): string {
  return secretId.length < 12 ? '****' : `${secretId.slice(0, 4)}****${secretId.slice(-4)}`;
}

/** `text` without the credential's key, token and full id, wherever they occur in it. */
export function hideSecrets(text: string, credential: Credential | undefined): string {
  if (credential === undefined) return text;
  const { secretId, secretKey, token } = credential;
  const bare = [secretKey, token ?? ''].reduce(
    (shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '****')),
    text,
  );
  return secretId === '' ? bare : bare.replaceAll(secretId, maskId(secretId));
}

/** A URL, or what was meant to be one, without the user and the password before its host; for messages that repeat it. */
export const hideUserInfo = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1****@');
