/**
 * How a rehearsal pod behaves, asked for by annotations on the pod template, so that a rollout
 * carries its behaviour with it and nothing but the API server connects the parts.
 */
export const BEHAVIOUR_PREFIX = 'sandbox.kubectl-zeroloss/';

export const Behaviour = {
  /** Duration until the container answers its readiness probe, for example `800ms`. */
  readyAfter: `${BEHAVIOUR_PREFIX}ready-after`,
  /**
   * Duration until the program opens its ports. Without a readiness probe the container counts as ready at once, as on a real
   * node, whatever `ready-after` says.
   */
  listenAfter: `${BEHAVIOUR_PREFIX}listen-after`,
  /**
   * On SIGTERM: `graceful` finishes what is open, then exits; `ungraceful` (default) exits at once and cuts what is open;
   * `ignore` serves on until the grace period is over, and is then cut.
   */
  onTerminate: `${BEHAVIOUR_PREFIX}on-terminate`,
  /** `crash-loop`, `never-ready`, `image-pull-error`, or `error-answers` (500, which no probe sees); absent = healthy. An image tag with the same word does likewise. */
  fault: `${BEHAVIOUR_PREFIX}fault`,
} as const;

/** `lost` in this annotation of a Node: its kubelet falls silent at once, and everything on it is cut, until it is taken away. */
export const NODE_FAULT_ANNOTATION = `${BEHAVIOUR_PREFIX}fault`;

/** The values of `on-terminate`. */
export const ON_TERMINATE = ['graceful', 'ungraceful', 'ignore'] as const;
export type OnTerminate = (typeof ON_TERMINATE)[number];

/**
 * Set by the kubelet on a pod whose container port could not be bound on the pod's own address
 * (privileged port, or a system with 127.0.0.1 only): JSON, container port to the real address,
 * for example `{"80":"127.0.0.1:40123"}`. The data plane dials that instead.
 */
export const HOST_PORTS_ANNOTATION = `${BEHAVIOUR_PREFIX}host-ports`;
