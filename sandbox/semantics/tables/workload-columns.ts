/** Tables of the objects that make pods, and of those that protect or scale them. */

import { asMap, asMaps, isMap, type JsonMap } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Cell, type Columns, NAME, number, orNone, text, UNKNOWN, wideText } from './columns.ts';
import { renderSelector } from './selector-text.ts';

const OF_TEMPLATE = [
  wideText('Containers', 'Names of the containers in the template.'),
  wideText('Images', 'Images of the containers in the template.'),
];
const SELECTOR = wideText('Selector', 'Which pods belong to it.');

const count = (value: unknown) => (typeof value === 'number' ? value : 0);

function templateCells(spec: JsonMap): readonly [names: string, images: string] {
  const containers = asMaps(asMap(asMap(spec['template'])['spec'])['containers']);
  const all = (part: 'name' | 'image'): string => containers.map((each) => String(each[part] ?? '')).join(',');
  return [all('name'), all('image')];
}

/** The columns of `kubectl get statefulsets`. */
export const STATEFUL_SET: Columns = {
  definitions: [NAME, text('Ready', 'Pods that are ready, of those wanted.'), AGE, ...OF_TEMPLATE],
  cells(object, nowMs) {
    const spec = asMap(object['spec']);
    const ready = `${count(asMap(object['status'])['readyReplicas'])}/${count(spec['replicas'])}`;
    return [object.metadata.name, ready, ageOf(object, nowMs), ...templateCells(spec)];
  },
};

/** The columns of `kubectl get deployments`. */
export const DEPLOYMENT: Columns = {
  definitions: [
    NAME,
    text('Ready', 'Pods that are ready, of those wanted.'),
    number('Up-to-date', 'Pods made from the present template.'),
    number('Available', 'Pods ready for long enough.'),
    AGE,
    ...OF_TEMPLATE,
    SELECTOR,
  ],
  cells(object, nowMs) {
    const spec = asMap(object['spec']);
    const status = asMap(object['status']);
    return [
      object.metadata.name,
      `${count(status['readyReplicas'])}/${count(spec['replicas'])}`,
      count(status['updatedReplicas']),
      count(status['availableReplicas']),
      ageOf(object, nowMs),
      ...templateCells(spec),
      renderSelector(spec['selector']),
    ];
  },
};

/** The columns of `kubectl get replicasets`. */
export const REPLICA_SET: Columns = {
  definitions: [
    NAME,
    number('Desired', 'Pods wanted.'),
    number('Current', 'Pods there are.'),
    number('Ready', 'Pods that are ready.'),
    AGE,
    ...OF_TEMPLATE,
    SELECTOR,
  ],
  cells(object, nowMs) {
    const spec = asMap(object['spec']);
    const status = asMap(object['status']);
    return [
      object.metadata.name,
      count(spec['replicas']),
      count(status['replicas']),
      count(status['readyReplicas']),
      ageOf(object, nowMs),
      ...templateCells(spec),
      renderSelector(spec['selector']),
    ];
  },
};

const orNotApplicable = (value: unknown): string => (value === undefined ? 'N/A' : String(value));

/** The columns of `kubectl get poddisruptionbudgets`. */
export const BUDGET: Columns = {
  definitions: [
    NAME,
    text('Min Available', 'Pods that must stay, if that is how the budget is given.'),
    text('Max Unavailable', 'Pods that may be missing, if that is how the budget is given.'),
    number('Allowed Disruptions', 'Pods that may be evicted now.'),
    AGE,
  ],
  cells(object, nowMs) {
    const spec = asMap(object['spec']);
    return [
      object.metadata.name,
      orNotApplicable(spec['minAvailable']),
      orNotApplicable(spec['maxUnavailable']),
      count(asMap(object['status'])['disruptionsAllowed']),
      ageOf(object, nowMs),
    ];
  },
};

/** The columns of `kubectl get horizontalpodautoscalers`; targets other than CPU and memory utilisation are named only. */
export const HORIZONTAL_POD_AUTOSCALER: Columns = {
  definitions: [
    NAME,
    text('Reference', 'What it scales.'),
    text('Targets', 'The metrics it keeps near a target.'),
    text('MinPods', 'It never scales below this.'),
    number('MaxPods', 'It never scales above this.'),
    number('Replicas', 'Pods that it saw last.'),
    AGE,
  ],
  cells(object, nowMs): readonly Cell[] {
    const spec = asMap(object['spec']);
    const status = asMap(object['status']);
    const reference = asMap(spec['scaleTargetRef']);
    const current = asMaps(status['currentMetrics']);
    const targets = asMaps(spec['metrics']).map((metric, index) => renderMetric(metric, asMap(current[index])));
    return [
      object.metadata.name,
      `${reference['kind']}/${reference['name']}`,
      orNone(targets.join(', ')),
      spec['minReplicas'] === undefined ? '<unset>' : String(spec['minReplicas']),
      count(spec['maxReplicas']),
      count(status['currentReplicas']),
      ageOf(object, nowMs),
    ];
  },
};

function renderMetric(metric: JsonMap, current: JsonMap): string {
  const resource = asMap(metric['resource']);
  const target = asMap(resource['target'])['averageUtilization'];
  if (target === undefined || !isMap(metric['resource'])) {
    return String(metric['type']).toLowerCase();
  }
  const seen = asMap(asMap(current['resource'])['current'])['averageUtilization'];
  return `${resource['name']}: ${seen === undefined ? UNKNOWN : `${seen}%`}/${target}%`;
}
