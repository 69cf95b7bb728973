/** The source `pod` as verbs choose it, and its flag: the socket tables of the pod, read by exec. */

import { textFlag } from '../../cli/flag.ts';
import { defineSource } from '../define-source.ts';

export const podSocketsSource = defineSource({
  name: 'pod',
  forGlances: false,
  countsInside: true,
  flags: {
    debugImage: textFlag({
      help: 'For source pod: the image of an ephemeral container (busybox, say) to add to pods that have no cat. It stays until the pod is deleted. By default none is added.',
    }),
  },
  // The image only leads to the same table.
  countsBy: () => '',
  // Whether the image helps is only known once it was added.
  asked: ({ debugImage }, { mayWrite }) => debugImage !== undefined && mayWrite,
  create: async ({ kube, clock, warn, mayWrite }, { debugImage }) =>
    (await import('./pod-sockets.ts')).createPodSockets({
      kube,
      clock,
      warn,
      debugImage,
      mayWrite,
    }),
});
