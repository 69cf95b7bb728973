/** A secret id and its key belong together: half a pair is an error that names the missing half. */
import { ConnectionError } from '../../core/errors.ts';
import type { CloudKeys, NotHere } from './source.ts';

interface Named {
  name: string;
  value: string | undefined;
}

/** The credential of two or three named values; NotHere when neither id nor key is set. Throws ConnectionError on half a pair. */
export function pairOf(id: Named, key: Named, token: string | undefined): CloudKeys | NotHere {
  const secretId = id.value?.trim() ?? '';
  const secretKey = key.value?.trim() ?? '';
  const session = token?.trim() ?? '';
  if (secretId === '' && secretKey === '') return { absent: `${id.name} and ${key.name} are not set` };
  if (secretId === '' || secretKey === '') {
    const [set, missing] = secretId === '' ? [key.name, id.name] : [id.name, key.name];
    throw new ConnectionError(`${set} is set, but ${missing} is not`, {
      hint: `set ${missing} too, or unset ${set} to look for credentials elsewhere`,
    });
  }
  return { secretId, secretKey, ...(session === '' ? {} : { token: session }) };
}
