import { pairOf } from './pair.ts';
import type { CredentialSource } from './source.ts';

/** `--secret-id`, `--secret-key` and, for temporary credentials, `--secret-token`. */
export const flagSource: CredentialSource = {
  name: () => 'flags',
  async find({ flags }) {
    return pairOf(
      { name: '--secret-id', value: flags.secretId },
      { name: '--secret-key', value: flags.secretKey },
      flags.token,
    );
  },
  renewal: () =>
    'run the command again with a valid --secret-id, --secret-key and, for a temporary key, --secret-token',
};
