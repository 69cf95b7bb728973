/** The source `clb` as verbs choose it: Cloud Monitor, which remembers by itself and needs no call per pod. */

import { defineSource } from '../define-source.ts';

export const clbMonitorSource = defineSource({
  name: 'clb',
  forGlances: true,
  countsInside: false,
  flags: {},
  create: async ({ cloud, clock, kube }) =>
    (await import('./clb-monitor.ts')).createClbMonitor(await cloud(), clock, () => kube.clockAheadMs?.()),
});
