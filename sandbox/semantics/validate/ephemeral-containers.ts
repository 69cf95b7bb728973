/** Containers that are added to a running pod to look into it (Kubernetes: validateEphemeralContainers, ValidatePodEphemeralContainersUpdate). */
import { asMaps, asText, type JsonMap, sameJson } from '../json.ts';
import { duplicate, type FieldError, forbidden, notFound } from './field-error.ts';
import { validateContainer } from './validate-container.ts';

const FIELD = 'spec.ephemeralContainers';

/** Nothing that the scheduler, the Service or the kubelet's probes would have to know of. */
const ALLOWED: ReadonlySet<string> = new Set([
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'envFrom',
  'env',
  'volumeMounts',
  'volumeDevices',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
  'securityContext',
  'stdin',
  'stdinOnce',
  'tty',
  'targetContainerName',
]);

/** Each by itself, and against the other containers of the pod. */
export function validateEphemeralContainers(spec: JsonMap): FieldError[] {
  const volumes = new Set(asMaps(spec['volumes']).map(({ name }) => name));
  const regular = [...asMaps(spec['containers']), ...asMaps(spec['initContainers'])].map(({ name }) => name);
  const ephemeral = asMaps(spec['ephemeralContainers']);
  return ephemeral.flatMap((container, index) => {
    const field = `${FIELD}[${index}]`;
    const { name } = container;
    const isTaken = regular.includes(name) || ephemeral.findIndex((each) => each['name'] === name) < index;
    const target = asText(container['targetContainerName']);
    const refused = Object.entries(container).filter(([key, value]) => !ALLOWED.has(key) && !isEmpty(value));
    return [
      ...validateContainer(field, container, volumes),
      ...(isTaken ? [duplicate(`${field}.name`, name)] : []),
      ...(target === '' || regular.includes(target) ? [] : [notFound(`${field}.targetContainerName`, target)]),
      ...refused.map(([key]) => forbidden(`${field}.${key}`, 'cannot be set for an Ephemeral Container')),
    ];
  });
}

/** Those that are there stay as they are until the pod is gone; a patch may bring them in any order. */
export function validateEphemeralUpdate(spec: JsonMap, old: JsonMap): FieldError[] {
  const wanted = new Map(asMaps(spec['ephemeralContainers']).map((container) => [container['name'], container]));
  return asMaps(old['ephemeralContainers']).flatMap((before) => {
    const now = wanted.get(before['name']);
    const name = JSON.stringify(before['name']);
    if (now === undefined) return [forbidden(FIELD, `existing ephemeral containers ${name} may not be removed\n`)];
    if (sameJson(now, before)) return [];
    return [forbidden(FIELD, `existing ephemeral containers ${name} may not be changed\n`)];
  });
}

/** As good as absent in the real server's structs: `resources: {}` is no wish. */
const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' ? Object.keys(value ?? {}).length === 0 : !value;
