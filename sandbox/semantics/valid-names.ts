/**
 * Which names, label keys and label values the API takes (Kubernetes: apimachinery util/validation).
 * Each check answers undefined, or the real server's sentence about what is wrong.
 */

const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const tooLong = (max: number) => `must be no more than ${max} bytes`;

/** RFC 1123 subdomain: object names. */
export function dnsSubdomainError(value: string): string | undefined {
  if (value.length > 253) {
    return tooLong(253);
  }
  return DNS_SUBDOMAIN.test(value)
    ? undefined
    : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

/** RFC 1123 label: container names, namespaces, port names of a Service. */
export function dnsLabelError(value: string): string | undefined {
  if (value.length > 63) {
    return tooLong(63);
  }
  return DNS_LABEL.test(value)
    ? undefined
    : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
}

/** RFC 1035 label: names of Services. */
export function dns1035LabelError(value: string): string | undefined {
  if (value.length > 63) {
    return tooLong(63);
  }
  return DNS_1035_LABEL.test(value)
    ? undefined
    : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
}

/** A qualified name, `prefix/name` or `name`: keys of labels and annotations. */
export function labelKeyError(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return `a qualified name ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    const error = prefix === '' ? 'must be non-empty' : dnsSubdomainError(prefix);
    if (error !== undefined) {
      return `prefix part ${error}`;
    }
  }
  if (name === '') {
    return 'name part must be non-empty';
  }
  if (name.length > 63) {
    return `name part ${tooLong(63)}`;
  }
  return NAME_PART.test(name) ? undefined : `name part ${NAME_RULE}`;
}

const NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** A label's value: empty, or at most 63 characters of a name. */
export function labelValueError(value: string): string | undefined {
  if (value.length > 63) {
    return tooLong(63);
  }
  return value === '' || NAME_PART.test(value)
    ? undefined
    : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}
