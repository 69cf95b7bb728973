/**
 * The Job that this process runs in, as its pod's manifest hands it over from the pod's own labels (downward API): no
 * question to the cluster, and so no permission.
 */

import { JOB_VARIABLES } from '../../lib/core/job/variables.ts';
import type { Environment } from '../../lib/output/streams.ts';
import type { LeaseHolder } from '../../lib/ports.ts';

/** `job/NAME`, and the pod of it. */
export interface JobPlace {
  job: string;
  jobUid: string;
  pod: string;
  podUid: string;
}

/** Undefined unless all four variables are set. */
export function jobPlace(env: Environment): JobPlace | undefined {
  const [job, jobUid, pod, podUid] = [
    JOB_VARIABLES.job,
    JOB_VARIABLES.jobUid,
    JOB_VARIABLES.pod,
    JOB_VARIABLES.podUid,
  ].map((name) => env[name]);
  return job && jobUid && pod && podUid ? { job, jobUid, pod, podUid } : undefined;
}

/** `job/NAME/POD#JOB-UID/POD-UID`: the Job holds the lease, each of its pods by itself. */
export function jobHolder({ job, jobUid, pod, podUid }: JobPlace): LeaseHolder {
  return {
    identity: `job/${job}/${pod}#${jobUid}/${podUid}`,
    // Another pod may run on another node: only its lease shows whether it is gone.
    isGone: () => false,
    follows: (identity) => /^job\/[^#]*#([^/]+)\/[^/]+$/.exec(identity)?.[1] === jobUid,
  };
}
