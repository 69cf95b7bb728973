import { asList, asMap, asText } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Columns, NAME, text, wideText } from './columns.ts';

const SHORT_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** The columns of `kubectl get persistentvolumeclaims` (Kubernetes: printPersistentVolumeClaim). */
export const CLAIM: Columns = {
  definitions: [
    NAME,
    text('Status', 'Pending, Bound, Lost, or Terminating.'),
    text('Volume', 'The volume that it is bound to.'),
    text('Capacity', 'How much that volume holds.'),
    text('Access Modes', 'Who may mount it at the same time.'),
    text('StorageClass', 'The kind of storage.'),
    text('VolumeAttributesClass', 'The tuning of the storage.'),
    AGE,
    wideText('VolumeMode', 'A file system, or a raw block device.'),
  ],
  cells(claim, nowMs) {
    const spec = asMap(claim['spec']);
    const status = asMap(claim['status']);
    const volume = asText(spec['volumeName']);
    const modes = asList(status['accessModes']).map((mode) => SHORT_MODES[String(mode)] ?? String(mode));
    return [
      claim.metadata.name,
      claim.metadata.deletionTimestamp === undefined ? asText(status['phase']) : 'Terminating',
      volume,
      volume === '' ? '' : asText(asMap(status['capacity'])['storage']),
      volume === '' ? '' : modes.join(','),
      asText(spec['storageClassName']),
      asText(spec['volumeAttributesClassName']) || '<unset>',
      ageOf(claim, nowMs),
      asText(spec['volumeMode']),
    ];
  },
};
