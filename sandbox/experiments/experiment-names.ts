/** The names of the experiments, apart from what they do, so that completion and help load nothing else. */
export const EXPERIMENT_NAMES = [
  'ingress-retry',
  'rollout-arithmetic',
  'pre-stop',
  'endpoint-lag',
  'client-retry',
  'long-connections',
  'cut-off',
] as const;

export type ExperimentName = (typeof EXPERIMENT_NAMES)[number];
