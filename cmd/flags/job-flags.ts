/** Flags of plan for an upgrade that runs in the cluster: the program's image, the cloud key, and flags of upgrade that plan itself has no use for. */

import type { Arguments, Flags, Foreign } from '../../lib/cli/arguments.ts';
import { flagName } from '../../lib/cli/arguments.ts';
import { scalarFlag, textFlag } from '../../lib/cli/flag.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { JobWish } from '../../lib/core/job/job-manifest.ts';
import { writtenSecret } from '../../lib/core/job/written-secret.ts';
import { gateFlags, prometheusUrl } from './gate-flags.ts';
import { given } from './given.ts';
import { noticeFlags } from './notice-flags.ts';
import { zeroSourceFlags } from './source-flags.ts';
import { RECORD_TO_STDOUT } from './two-results.ts';
import { busyAfterFlag, evictFlag, pauseAtFlag, upgradeFlags } from './upgrade-flags.ts';

/** A name as Kubernetes takes it for a Secret (RFC 1123 subdomain). */
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

export const jobFlags = {
  jobImage: textFlag({
    help: 'With -o job or argo: the image that holds this program, as your registry names it. deploy/Dockerfile builds it.',
  }),
  jobSecret: scalarFlag<string | undefined>({
    shown: "''",
    help: 'With -o job or argo: the name of a Secret whose keys become variables: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, and TENCENTCLOUD_TOKEN for a temporary key.',
    absent: undefined,
    parse(text, name) {
      if (OBJECT_NAME.test(text)) return text;
      throw new UsageError(`--${name} "${text}" is not the name of a Secret`, `--${name} zeroloss-cloud-key`);
    },
  }),
  jobRole: scalarFlag<string | undefined>({
    shown: "''",
    help: 'With -o job or argo: the ARN of a CAM role for TKE workload identity, in place of a Secret.',
    absent: undefined,
    parse(text, name) {
      if (/^qcs::cam::\S+$/.test(text)) return text;
      throw new UsageError(
        `--${name} "${text}" is not the ARN of a role`,
        `--${name} qcs::cam::uin/100000000001:roleName/zeroloss`,
      );
    },
  }),
} satisfies Flags;

const handedOn = <F extends { help: string }>(flag: F, to = 'job or argo'): F => ({
  ...flag,
  help: `${flag.help} Only with -o ${to}.`,
});

/** Flags of upgrade that plan takes only to hand them on. */
export const jobUpgradeFlags = {
  pauseAt: handedOn(pauseAtFlag, 'job'),
  busyAfter: handedOn(busyAfterFlag),
  evict: handedOn(evictFlag),
  gateCommand: handedOn(gateFlags.gateCommand),
  gateQuery: handedOn(gateFlags.gateQuery),
  prometheus: handedOn(gateFlags.prometheus),
  notifyCommand: handedOn(noticeFlags.notifyCommand),
} satisfies Flags;

type Values = Arguments<
  Record<never, never>,
  typeof jobFlags & typeof jobUpgradeFlags & typeof zeroSourceFlags
>['flags'] & {
  output: string | undefined;
};

/** Throws UsageError for a Job without image or cloud key, for both keys, for a password of Prometheus, and for its flags without a Job. */
export function refuseUnclearJob(flags: Values): void {
  const { output } = flags;
  if (output !== 'job' && output !== 'argo') {
    const given = [...Object.keys(jobFlags), ...Object.keys(jobUpgradeFlags)].filter((key) =>
      Boolean(flags[key as keyof Values]),
    );
    if (given.length === 0) return;
    throw new UsageError(
      `${given.map((key) => `--${flagName(key)}`).join(', ')}: plan takes this only with -o job or -o argo`,
      'add -o job, or give it to "upgrade"',
    );
  }
  if (flags.jobImage === undefined)
    throw new UsageError(
      `-o ${output} needs --job-image: the image that holds this program`,
      '--job-image zeroloss:v1',
    );
  if ((flags.jobSecret === undefined) === (flags.jobRole === undefined))
    throw new UsageError(
      `-o ${output} needs one key for the cloud: --job-secret or --job-role`,
      '--job-secret zeroloss-cloud-key, or --job-role qcs::cam::uin/100000000001:roleName/zeroloss',
    );
  const server = prometheusUrl(flags.prometheus ?? '');
  if (server !== undefined && server.username + server.password !== '')
    throw new UsageError(
      '--prometheus has a password, which would stand in the manifest',
      'name the server without it; a proxy in the cluster can add it',
    );
}

/** Metrics and queries: the names in their braces are labels. */
const SELECTORS: ReadonlySet<string> = new Set(['metric', 'gate-query']);
const COMMANDS: ReadonlySet<string> = new Set(['gate-command', 'notify-command']);

/** Of every flag that stands in the manifest, which others read. Throws UsageError. */
function refuseWrittenSecrets({ jobSecret }: Values, typed: ReadonlyMap<string, readonly string[]>): void {
  for (const name of [...HANDED_ON, flagName('jobImage')])
    for (const text of typed.get(name) ?? []) {
      const found = writtenSecret(text, SELECTORS.has(name));
      if (found === undefined) continue;
      const variable =
        jobSecret === undefined
          ? ''
          : `put a variable in its place ("$NAME"; each key of the Secret ${jobSecret} is one), or `;
      throw new UsageError(
        `--${name} has ${found}, which would stand in the manifest`,
        COMMANDS.has(name)
          ? `${variable}put the command into a script of the image, which reads it from a file`
          : name === 'metrics-path'
            ? 'leave it out: the pods have to serve the metric without it, by another path or port (--metrics-port)'
            : 'leave it out',
      );
    }
}

/** Argo puts values in place of {{…}}, and its steps pause by themselves, which counts all pods. Throws UsageError. */
function refuseUnclearWorkflow(flags: Values, typed: ReadonlyMap<string, readonly string[]>): void {
  if (flags.pauseAt !== undefined)
    throw new UsageError(
      '-o argo takes no --pause-at: the Workflow asks before each batch',
      'leave --pause-at out; --batch or --max-unavailable sets how much one step does',
    );
  const braced = [...typed].find(([, texts]) => texts.some((text) => text.includes('{{')));
  if (braced !== undefined)
    throw new UsageError(
      `--${braced[0]} holds "{{", which Argo would replace`,
      'put the command into a script of the image, or use -o job',
    );
}

/** Given for the upgrade, and so repeated in its Job. A key of the cloud or of the cluster is none of them. */
const HANDED_ON = [
  ...Object.keys(upgradeFlags),
  ...Object.keys(zeroSourceFlags),
  ...Object.keys(jobUpgradeFlags),
  'ignoreIngress',
  'allowAlone',
  'minServing',
  'node',
  'timeout',
  'service',
  'region',
  'cloudSite',
  'requestTimeout',
  'disableCompression',
].map(flagName);

/** Flags of upgrade that plan does not take, and that no Job can have. */
export const NOT_IN_A_PLAN: Foreign = {
  yes: 'plan writes nothing, and so asks nothing; the Job of -o job has --yes',
  'dry-run': 'plan writes nothing, whatever its flags',
  pin: 'plan -o job works it out, and writes it into its manifest',
  'restarted-at': 'plan -o job works it out, and writes it into its manifest',
  'take-over':
    'a Job takes over no lease but its own; look who holds it before you give --take-over to "upgrade" at a terminal',
  'ask-every':
    'a plan asks nothing, and a Job has no terminal to ask on; -o argo asks before each full window, --pause-at ends at a number of pods',
  'metrics-textfile':
    'a Job has no folder that node_exporter reads; --notify-command passes each step on, and "status -o json" shows the state',
};

/** Throws UsageError for a file of plan's own run: in a pod it would go with the pod, and the Job's log is its record. */
export function refuseRecordOfJob({
  output,
  record,
}: {
  output: string | undefined;
  record: string | undefined;
}): void {
  if ((output !== 'job' && output !== 'argo') || record === undefined || record === RECORD_TO_STDOUT) return;
  throw new UsageError(
    `-o ${output} takes no --record: the pod's files go with the pod`,
    'leave it out; the log of the Job and the Events of the StatefulSet are the record',
  );
}

/** `typed`: the flags as they were given, by their long names. Undefined unless a Job or a Workflow was asked for. Throws UsageError. */
export function jobWish(flags: Values, typed: ReadonlyMap<string, readonly string[]>): JobWish | undefined {
  const { output, jobImage, jobSecret, jobRole } = flags;
  if ((output !== 'job' && output !== 'argo') || jobImage === undefined) return undefined;
  refuseWrittenSecrets(flags, typed);
  if (output === 'argo') refuseUnclearWorkflow(flags, typed);
  return {
    engine: output,
    image: jobImage,
    credentials: jobRole === undefined ? { kind: 'secret', name: jobSecret ?? '' } : { kind: 'role', arn: jobRole },
    ...given({
      metrics: flags.metric === undefined ? undefined : given({ port: flags.metricsPort }),
      evict: flags.evict || undefined,
      debugContainers: flags.debugImage === undefined ? undefined : true,
    }),
    words: HANDED_ON.flatMap((name) => (typed.get(name) ?? []).map((text) => `--${name}=${text}`)),
  };
}
