/** Deeds of the operator past the program. */

import { resourcePath } from '../../../lib/kube/api/paths.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { asMap } from '../../../sandbox/semantics/json.ts';
import { NAMESPACE } from '../world/api-server.ts';
import { OPERATOR_TOKEN } from '../world/secrets.ts';
import { type Stage, TARGET } from '../world/stage.ts';

export interface Admin {
  /** `kubectl set image`. */
  setImage(image: string): void;
  /** `kubectl cordon` of the node that this pod is on; returns its name. */
  cordonNodeOf(ordinal: number): string;
  /** A command of kubectl's own, as a plan has it; resolves to its exit code. Throws on any other. */
  kubectl(...words: readonly string[]): Promise<number>;
}

const TYPES = { merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json' } as const;

export function adminOf({ api, nodes }: Stage): Admin {
  const setImage = (image: string): boolean =>
    api.edit(STATEFUL_SETS, TARGET, (object) => {
      const template = asMap(asMap(asMap(object['spec'])['template'])['spec']);
      template['containers'] = (template['containers'] as object[]).map((each) => ({ ...each, image }));
    }) !== undefined;

  async function patch(type: keyof typeof TYPES, text: string): Promise<number> {
    const { status } = await api.answer({
      method: 'PATCH',
      url: `${resourcePath(STATEFUL_SETS, { namespace: NAMESPACE, name: TARGET })}?fieldManager=kubectl-patch`,
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': TYPES[type] },
      body: Buffer.from(text),
    });
    return status < 300 ? 0 : 1;
  }

  return {
    setImage,
    cordonNodeOf(ordinal) {
      const name = nodes.of(`${TARGET}-${ordinal}`);
      nodes.cordon(name);
      return name;
    },
    async kubectl(...words) {
      const text = words.join(' ');
      const image = new RegExp(`^set image statefulset/${TARGET} ${TARGET}=(\\S+)`).exec(text)?.[1];
      if (image !== undefined) return setImage(image) ? 0 : 1;
      const body = words[words.indexOf('-p') + 1];
      if (words[0] !== 'patch' || words[1] !== `statefulset/${TARGET}` || body === undefined)
        throw new Error(`the script has a command that no one here can run: kubectl ${text}`);
      return patch(words[words.indexOf('--type') + 1] === 'merge' ? 'merge' : 'strategic', body);
    },
  };
}
