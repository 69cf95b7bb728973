/** TKE's own switch for a deleted pod: it stays until its weight is 0. It does not wait for connections (TKE 457/109977: graceful deletion of pods). */

import type { ServiceFacts } from '../facts/service-facts.ts';
import { kubectl } from '../values/command.ts';
import type { CheckFacts } from './check-facts.ts';
import { type Finding, ok, some, warn } from './findings.ts';

const ANNOTATION = 'service.cloud.tencent.com/enable-grace-deletion';
const GLOBAL_SWITCH = 'EnablePodGracefulDeletion';

type Setting = 'on' | 'off' | 'unknown';

type Controlled = Pick<CheckFacts, 'controller' | 'services'>;

/**
 * Of a rolling update, which no one holds until a weight is 0: off is a WARN there, and the cure a command. Throws nothing.
 */
export function graceForRollout({ controller, services }: Controlled): Finding {
  const everywhere = globalSetting(controller);
  const unset = services.filter((service) => settingOf(service, everywhere) !== 'on');
  if (services.length > 0 && unset.length === 0)
    return ok(
      'platform',
      'grace-deletion',
      "TKE's grace deletion is on: a pod that is deleted stays until its weight is 0, but not until its connections end",
    );
  const [first] = unset;
  const isOff = services.every((service) => settingOf(service, everywhere) === 'off') && everywhere !== 'unknown';
  const state = isOff ? 'off' : 'not on, or unknown,';
  const where = services.length === 0 ? '' : ` for ${some(unset.map(({ name }) => `service/${name}`))}`;
  return warn(
    'platform',
    'grace-deletion',
    `TKE's grace deletion is ${state}${where}: a pod may stop before its weight is 0, and only preStop stands in between`,
    first === undefined
      ? undefined
      : kubectl('annotate', 'service', first.name, `${ANNOTATION}=true`).note(
          'service-controller 2.5.0 or later, direct access; super nodes need a ticket',
        ),
  );
}

/** OK for on and off: no verb needs it. WARN where it is unknown. A pod behind several Services waits for each of them that has it on. */
export function graceFinding({ controller, services }: Controlled): Finding {
  const everywhere = globalSetting(controller);
  const settings = services.map((service) => ({
    name: `service/${service.name}`,
    setting: settingOf(service, everywhere),
  }));
  const among = (setting: Setting): string[] =>
    settings.filter((each) => each.setting === setting).map(({ name }) => name);
  const found = new Set(settings.length === 0 ? [everywhere] : settings.map(({ setting }) => setting));
  if (found.has('unknown')) {
    const where = settings.length === 0 ? '' : ` for ${some(among('unknown'))}`;
    const because = controller.known ? 'the annotation is neither true nor false' : controller.because;
    const message = `whether TKE's grace deletion is on${where} is unknown (${because}); it is not needed here`;
    return warn('platform', 'grace-deletion', message);
  }
  if (!found.has('on')) return ok('platform', 'grace-deletion', "TKE's grace deletion is off; it is not needed here");
  if (found.has('off')) {
    const message = `TKE's grace deletion is on for ${some(among('on'))} and off for ${some(among('off'))}: a deleted pod does not wait for its weight there; it is not needed here`;
    return ok('platform', 'grace-deletion', message);
  }
  return ok(
    'platform',
    'grace-deletion',
    "TKE's grace deletion is on: a deleted pod stays until its weight is 0, but not until its connections end. Where requests take seconds and clients reconnect, that is enough, and a RollingUpdate does without this program",
  );
}

/** Off unless it is set (new clusters have it off). */
function globalSetting(controller: CheckFacts['controller']): Setting {
  if (!controller.known) return 'unknown';
  return controller.value[GLOBAL_SWITCH] === 'true' ? 'on' : 'off';
}

/** The annotation outranks the global switch, in both directions. */
function settingOf({ annotations }: ServiceFacts, everywhere: Setting): Setting {
  const text = annotations[ANNOTATION];
  if (text === undefined) return everywhere;
  return text === 'true' ? 'on' : text === 'false' ? 'off' : 'unknown';
}
