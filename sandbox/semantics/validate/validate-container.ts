/** One container of a pod spec (Kubernetes: validateContainerCommon). */
import { asMap, asMaps, asText, isMap, type JsonMap } from '../json.ts';
import { dnsLabelError } from '../valid-names.ts';
import {
  atLeast,
  duplicates,
  type FieldError,
  forbidden,
  invalid,
  named,
  notFound,
  oneOf,
  portNumber,
  required,
} from './field-error.ts';

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

export function validateContainer(field: string, container: JsonMap, volumes: ReadonlySet<unknown>): FieldError[] {
  const image = asText(container['image']);
  return [
    ...named(`${field}.name`, container['name'], dnsLabelError),
    ...(image === '' ? [required(`${field}.image`)] : []),
    ...(image === image.trim()
      ? []
      : [invalid(`${field}.image`, image, 'must not have leading or trailing whitespace')]),
    ...oneOf(`${field}.imagePullPolicy`, container['imagePullPolicy'], PULL_POLICIES),
    ...validatePorts(`${field}.ports`, asMaps(container['ports'])),
    ...asMaps(container['env']).flatMap((entry, index) =>
      named(`${field}.env[${index}].name`, entry['name'], environmentNameError),
    ),
    ...validateMounts(`${field}.volumeMounts`, asMaps(container['volumeMounts']), volumes),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((name) =>
      isMap(container[name]) ? validateProbe(`${field}.${name}`, name, container[name]) : [],
    ),
  ];
}

const environmentNameError = (name: string) =>
  // Any printable ASCII but '=' has been good since Kubernetes 1.30.
  /^[ -<>-~]+$/.test(name)
    ? undefined
    : "a valid environment variable name must consist only of printable ASCII characters other than '='";

function validatePorts(field: string, ports: readonly JsonMap[]): FieldError[] {
  const errors = ports.flatMap((port, index) => {
    const at = `${field}[${index}]`;
    const number = port['containerPort'];
    const name = port['name'];
    return [
      ...(number === undefined || number === 0
        ? [required(`${at}.containerPort`)]
        : portNumber(`${at}.containerPort`, number)),
      ...(port['hostPort'] === undefined || port['hostPort'] === 0
        ? []
        : portNumber(`${at}.hostPort`, port['hostPort'])),
      ...oneOf(`${at}.protocol`, port['protocol'], PROTOCOLS),
      ...(name === undefined || name === '' ? [] : named(`${at}.name`, name, portNameError)),
    ];
  });
  return [
    ...errors,
    ...duplicates(
      ports.map((port) => port['name']),
      (index) => `${field}[${index}].name`,
    ),
  ];
}

/** An IANA service name (RFC 6335, 5.1). */
export function portNameError(name: string): string | undefined {
  if (name.length > 15) {
    return 'must be no more than 15 characters';
  }
  if (!/^[-a-z0-9]+$/.test(name)) {
    return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  }
  if (!/[a-z]/.test(name)) {
    return 'must contain at least one letter (a-z)';
  }
  if (name.includes('--')) {
    return 'must not contain consecutive hyphens';
  }
  return name.startsWith('-') || name.endsWith('-') ? 'must not begin or end with a hyphen' : undefined;
}

function validateMounts(field: string, mounts: readonly JsonMap[], volumes: ReadonlySet<unknown>): FieldError[] {
  const seen = new Set<unknown>();
  return mounts.flatMap((mount, index) => {
    const at = `${field}[${index}]`;
    const path = mount['mountPath'];
    const repeated = seen.has(path);
    seen.add(path);
    return [
      ...(asText(mount['name']) === '' ? [required(`${at}.name`)] : []),
      ...(asText(mount['name']) === '' || volumes.has(mount['name']) ? [] : [notFound(`${at}.name`, mount['name'])]),
      ...(asText(path) === '' ? [required(`${at}.mountPath`)] : []),
      ...(repeated ? [invalid(`${at}.mountPath`, path, 'must be unique')] : []),
    ];
  });
}

function validateProbe(field: string, name: string, probe: JsonMap): FieldError[] {
  const handlers = HANDLERS.filter((handler) => probe[handler] !== undefined);
  const success = probe['successThreshold'];
  return [
    ...(handlers.length === 0 ? [required(field, 'must specify a handler type')] : []),
    ...handlers.slice(1).map((handler) => forbidden(`${field}.${handler}`, 'may not specify more than 1 handler type')),
    ...handlers.flatMap((handler) => validateHandlerPort(`${field}.${handler}`, handler, asMap(probe[handler]))),
    ...['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'].flatMap(
      (timing) => atLeast(`${field}.${timing}`, probe[timing]),
    ),
    ...(name !== 'readinessProbe' && success !== undefined && success !== 1
      ? [invalid(`${field}.successThreshold`, success, 'must be 1')]
      : []),
  ];
}

function validateHandlerPort(field: string, handler: string, action: JsonMap): FieldError[] {
  if (handler === 'exec') {
    return !Array.isArray(action['command']) || action['command'].length === 0 ? [required(`${field}.command`)] : [];
  }
  const port = action['port'];
  return typeof port === 'string' ? named(`${field}.port`, port, portNameError) : portNumber(`${field}.port`, port);
}
