/** Variables by which a pod learns, from its own labels, of which Job it is: the manifest sets them, the program reads them. */

export const JOB_VARIABLES = {
  job: 'ZEROLOSS_JOB',
  jobUid: 'ZEROLOSS_JOB_UID',
  pod: 'ZEROLOSS_POD',
  podUid: 'ZEROLOSS_POD_UID',
} as const;
