/** Secrets, which no line of the program may show. */

export const OPERATOR_TOKEN = 'operator-secret-5e1f';
export const CLOUD_KEYS = { secretId: 'AKIDhistories5e1f7c2b', secretKey: 'cloud-secret-77aa' } as const;
/** In the environment of the pods. */
export const POD_SECRET = 'pod-secret-c0de';

export const SECRETS: readonly string[] = [OPERATOR_TOKEN, CLOUD_KEYS.secretKey, POD_SECRET];
