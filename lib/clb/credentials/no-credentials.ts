/** No key for the cloud stands anywhere: known as surely as a refusal, unlike a network that fails. */
import { ConnectionError } from '../../core/errors.ts';

export class NoCredentialsError extends ConnectionError {
  /** `places`: where it was looked for. */
  constructor(places: readonly string[], hint: string) {
    super(`no credentials for the cloud were found; looked in: ${places.join('; ')}`, { hint });
  }
}
