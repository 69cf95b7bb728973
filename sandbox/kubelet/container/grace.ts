/** Why a pod is killed whose grace period has run out; without this reason everything ends at once. */
export const GRACE_OVER = 'grace period over';

/** The seconds left for SIGTERM when a preStop hook has used the grace period up (Kubernetes: minimumGracePeriodInSeconds). */
export const LEAST_GRACE_MS = 2_000;
