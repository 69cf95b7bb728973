/** Which objects a list, a watch or a deletecollection is about. */
import type { KubeObject } from '../../../../lib/ports.ts';
import { parseLabelSelector } from '../../../semantics/select/selectors.ts';
import type { ServedResource } from '../../catalogue.ts';
import { type FieldTerm, matchesFields, parseFieldSelector, soleName } from './field-selector.ts';

export interface ListSelection {
  /** undefined: every namespace; cluster-scoped resources have the namespace ''. */
  namespace: string | undefined;
  /** The one name selected, if there is just one. */
  name: string | undefined;
  matches(object: KubeObject): boolean;
  /** Nothing was selected away; a list of everything can say how much remains. */
  everything: boolean;
}

/** Reads labelSelector and fieldSelector. Throws 400 on either when it is malformed. */
export function parseSelection(
  resource: ServedResource,
  place: { namespace: string | undefined; name?: string | undefined },
  query: URLSearchParams,
): ListSelection {
  const labelText = query.get('labelSelector') ?? '';
  const labels = labelText === '' ? undefined : parseLabelSelector(labelText);
  const terms: FieldTerm[] = [...parseFieldSelector(query.get('fieldSelector') ?? '', resource)];
  if (place.name !== undefined) terms.push({ path: 'metadata.name', equal: true, value: place.name });
  return {
    namespace: resource.namespaced ? place.namespace : '',
    name: soleName(terms),
    everything: labels === undefined && terms.length === 0,
    matches: (object) => (labels === undefined || labels(object.metadata.labels ?? {})) && matchesFields(terms, object),
  };
}
