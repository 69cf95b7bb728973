/** One place in one answer where two servers differ. */
export interface Difference {
  ask: string;
  path: string;
  sandbox: unknown;
  real: unknown;
}

/** A difference that is right for a rehearsal, or is none in meaning. Everything else that differs is a fault of the sandbox. */
export interface Tolerated {
  because: string;
  /** The first minor version that answers otherwise than the sandbox, which follows 1.34: on an older one it is not tolerated. */
  since?: number;
  covers(difference: Difference): boolean;
}

const at = (because: string, path: RegExp): Tolerated => ({
  because,
  covers: (difference) => path.test(difference.path),
});

/** Messages in which a Go program quotes its own types, parsers or the whole object; code and reason are still compared. */
const GO_WORDS =
  /cannot unmarshal|json parse error|unexpected end of JSON|strconv\.Parse|unknown conversion|invalid continue token|415: Unsupported|406: Not Acceptable|map\[|Invalid value: "\{\\"|\{"Type":/;

/** An object that does not decode: the API machinery names neither the object nor the field. */
const DECODING = / "" is invalid: patch: Invalid value/;

export const TOLERATED: readonly Tolerated[] = [
  {
    because:
      'how far the controllers have come with a status is a race on either server; the upgrade is compared when settled',
    covers: ({ ask, path }) =>
      /^(GET|POST|PUT|PATCH) .*(statefulsets|deployments|replicasets)/.test(ask) &&
      /^\.body(\.rows\.\d+\.object)?\.status\./.test(path),
  },
  at('a time', /\.managedFields\.\d+\.time$/),
  at('descriptions of columns are for people, and are our own words', /\.columnDefinitions\.\d+\.description$/),
  at('the sandbox has no service accounts, and its pods no token', /\.spec\.(volumes|containers\.0\.volumeMounts)$/),
  at(
    'the kubelet says where a pod really listens',
    /\.metadata\.annotations(\.sandbox\.kubectl-zeroloss\/host-ports)?$/,
  ),
  at('the empty fields of an event are left out', /^\.body\.(eventTime|reportingComponent|reportingInstance)$/),
  {
    because: 'messages of the JSON decoder and of the Go types behind it are not imitated; code and reason are',
    covers: ({ path, real }) =>
      /\.message$/.test(path) && typeof real === 'string' && (GO_WORDS.test(real) || DECODING.test(real)),
  },
  {
    because: 'for a patch that makes an object undecodable the sandbox names the object and the field as well',
    covers: ({ path, real }) =>
      (/\.details\.causes\.0\.field$/.test(path) && real === 'patch') ||
      (/\.details\.(group|kind|name)$/.test(path) && real === undefined),
  },
  {
    because: 'an OnDelete upgrade ends with currentRevision caught up and currentReplicas back (kubernetes PR 136833)',
    since: 37,
    covers: ({ path }) => /^\.body\.status\.(currentRevision|currentReplicas)$/.test(path),
  },
  {
    because: 'pods get the region label of their node',
    since: 37,
    covers: ({ path }) => path.endsWith('.labels.topology.kubernetes.io/region'),
  },
  {
    because: 'a Deployment and a ReplicaSet count terminatingReplicas in their status',
    since: 37,
    covers: ({ path }) => path.endsWith('.status.terminatingReplicas'),
  },
  {
    because: 'an immutable field of a StatefulSet is named by itself, where 1.34 names the whole spec',
    since: 37,
    covers: ({ ask, path }) =>
      /^PATCH .*statefulsets/.test(ask) &&
      /^\.body\.(message|details\.causes\.\d(\.(field|message|reason))?)$/.test(path),
  },
  {
    because: 'the selector of a ReplicaSet is immutable, where 1.34 lets it be changed in company of its template',
    since: 37,
    covers: ({ ask, path }) => /^PATCH .*replicasets\//.test(ask) && /^\.(status|body\.)/.test(path),
  },
  {
    because: 'an access review without attributes is invalid in its spec, where 1.34 names one of the two fields',
    since: 37,
    covers: ({ ask, path }) =>
      /selfsubjectaccessreviews$/.test(ask) && /^\.body\.(message|details\.causes\.0\.field)$/.test(path),
  },
];
