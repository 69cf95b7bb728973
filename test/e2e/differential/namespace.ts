import type { Recorder } from './recorder.ts';

const NAME = 'zeroloss-e2e-differential';

/** Makes the namespace that the cases work in, ready for pods; answers how to remove it. */
export async function ownNamespace(api: Recorder): Promise<() => Promise<void>> {
  const made = await api.ask({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME } },
  });
  if (made.status !== 201)
    throw new Error(`namespace ${NAME} cannot be made (${made.status}): ${JSON.stringify(made.body)}`);
  return async () => {
    await api.ask({ method: 'DELETE', path: `/api/v1/namespaces/${NAME}` });
  };
}

export const DIFFERENTIAL_NAMESPACE = NAME;
