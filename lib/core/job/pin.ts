/**
 * A Job or a Workflow is made for one StatefulSet, by its UID, and for one template. It is applied later, perhaps by another
 * person or to another cluster, and runs only where both are still so.
 */

import { type Refusal, UsageError } from '../errors.ts';
import { wayBack } from '../outcome/way-back.ts';
import { RESTARTED_AT } from '../target/restart.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { own } from '../values/command.ts';
import { digest } from '../values/digest.ts';

export interface Pin {
  uid: string;
  /** Of the template that the upgrade leads to, 16 hexadecimal digits. */
  template: string;
  /** Of the template as it was when the pin was made; absent: the upgrade names no image, or the pin does not say. */
  before?: string;
}

/** The part of an upgrade's wish that it writes into the template itself. */
export interface TemplateWish {
  images: Readonly<Record<string, string>>;
  restart?: boolean;
}

/**
 * The template with the wished images in it, and the one that stands there, both without the time of a restart that is asked
 * for. A second run of the same command finds the one or the other, as it has written it or not yet.
 */
export function pinOf(set: Pick<StatefulSetFacts, 'uid' | 'template'>, wish: TemplateWish): Pin {
  const [template, before] = [templateHash(set, wish), templateHash(set, { ...wish, images: {} })];
  return { uid: set.uid, template, ...(Object.keys(wish.images).length === 0 ? {} : { before }) };
}

const templateHash = ({ template }: Pick<StatefulSetFacts, 'template'>, wish: TemplateWish): string =>
  digest(JSON.stringify(canonical(template, wish, [])));

/** `UID/HASH` or `UID/HASH/HASH`, as --pin takes it. */
export const pinText = ({ uid, template, before }: Pin): string =>
  [uid, template, ...(before === undefined ? [] : [before])].join('/');

/** Throws UsageError for anything else. */
export function parsePin(text: string): Pin {
  const [, uid, template, before] = /^([0-9A-Za-z-]+)\/([0-9a-f]{16})(?:\/([0-9a-f]{16}))?$/.exec(text.trim()) ?? [];
  if (uid === undefined || template === undefined)
    throw new UsageError(
      `"${text}" is not a pin`,
      'accepted by --pin: UID/HASH or UID/HASH/HASH of a StatefulSet, as plan -o job writes it into its manifest',
    );
  return { uid, template, ...(before === undefined ? {} : { before }) };
}

/**
 * Refuses another StatefulSet of that name, and another template: with `before`, an image too that somebody else has set in place
 * of this upgrade's, or of the one that it was made for.
 */
export function pinRule(set: StatefulSetFacts, pin: Pin | undefined, wish: TemplateWish): Refusal[] {
  if (pin === undefined) return [];
  const now = pinOf(set, wish);
  // Its image, key and format are not known here: the command that printed the manifest has them.
  const cure = own('plan', set.name).note(
    'what it would do now; then print the manifest again by the command that printed this one',
  );
  if (now.uid !== pin.uid)
    return [
      {
        rule: 'pinned',
        message: `this upgrade was made for statefulset/${set.name} with UID ${pin.uid}, and the one that exists has UID ${now.uid}`,
        cure,
      },
    ];
  const present = now.before ?? now.template;
  const isImage = now.template === pin.template;
  if (isImage && (pin.before === undefined || present === pin.template || present === pin.before)) return [];
  return [
    {
      rule: 'pinned',
      message: `the template of statefulset/${set.name} has changed since this upgrade was made for it (${isImage ? `its images are ${imagesText(set, wish)}, set by another writer` : `hash ${now.template}, not ${pin.template}`})`,
      cure,
    },
  ];
}

/** `nginx=nginx:1.28`: of the containers that the upgrade gives an image. */
const imagesText = ({ images }: StatefulSetFacts, wish: TemplateWish): string =>
  Object.keys(wish.images)
    .map((container) => `${container}=${images[container]}`)
    .join(', ');

/** Refuses another StatefulSet than the pinned one, whatever its template. */
export const otherSetRule = (set: StatefulSetFacts, pin: Pin | undefined): Refusal[] =>
  pin === undefined || pin.uid === set.uid
    ? []
    : [
        {
          rule: 'pinned',
          message: `the pin names a statefulset/${set.name} with UID ${pin.uid}, and the one that exists has UID ${set.uid}`,
          cure: backFromHere(set),
        },
      ];

const backFromHere = (set: StatefulSetFacts) =>
  wayBack(set, [])?.command.note('goes back from the template as it is') ??
  own('status', set.name).note('shows where it stands');

/**
 * Refuses to take back a template that the pinned upgrade did not set. The pin of a restart leaves
 * its time out, and `rollback` does not know whether the upgrade was one.
 */
export function takenBackRule(set: StatefulSetFacts, pin: Pin | undefined): Refusal[] {
  if (pin === undefined) return [];
  const wishes = [{ images: {} }, { images: {}, restart: true }];
  if (wishes.some((wish) => pinOf(set, wish).template === pin.template)) return [];
  return [
    {
      rule: 'pinned',
      message: `statefulset/${set.name} does not have the template that the upgrade with this pin sets, so there is nothing of it to take back`,
      cure: backFromHere(set),
    },
  ];
}

/** With sorted keys and without nulls, which servers show or leave out. */
function canonical(value: unknown, wish: TemplateWish, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((each) => canonical(each, wish, path));
  if (typeof value !== 'object' || value === null) return value;
  const isContainer = /^spec\/(?:init)?containers$/i.test(path.join('/'));
  const isAnnotations = path.join('/') === 'metadata/annotations';
  const fields = Object.entries(value)
    .filter(([key, field]) => field !== null && !(isAnnotations && wish.restart === true && key === RESTARTED_AT))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]): [string, unknown] => [key, canonical(field, wish, [...path, key])])
    // Kubernetes leaves a map out that has become empty.
    .filter(([, field]) => !isEmptyMap(field));
  const name = String((value as { name?: unknown }).name);
  const image = isContainer ? wish.images[name] : undefined;
  return Object.fromEntries(
    image === undefined ? fields : fields.map(([key, field]) => [key, key === 'image' ? image : field]),
  );
}

const isEmptyMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
