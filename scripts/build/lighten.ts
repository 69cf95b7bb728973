/**
 * Leaves out of the bundle what dependencies bring along and this program never runs, and one package that has no licence
 * to pass on. At the start it gains nothing (`BENCH_ONLY=build-steps make bench`); each
 * entry says which commands would load it.
 */
import type { Plugin } from 'rolldown';

interface Replacement {
  /** The module whose code is replaced, and what stands in its place. */
  module: RegExp;
  contents: string;
}

/** A class without instances here; the error for one names the place to look. */
const unused = (name: string) =>
  `class ${name} { constructor() { throw new Error('${name} is left out of this build (scripts/build/lighten.ts)'); } }`;

const REPLACEMENTS = {
  /** yargs' command layer: `yargs/helpers` imports it for applyExtends, which is never called; its parser does not need it. Every verb. */
  yargsPlatform: {
    module: /\/yargs\/lib\/platform-shims\/esm\.mjs$/,
    contents: 'export default {};',
  },
  /** node-fetch (of Tencent's SDK) prefers Node's own URL and would never come to its copy of the standard's tables. Every call to the cloud. */
  whatwgUrl: {
    module: /\/whatwg-url\/lib\/public-api\.js$/,
    contents: 'exports.URL = URL;',
  },
  /** Tencent's SDK makes a form only for uploads, and this program uploads nothing; brings a table of all MIME types. Every call to the cloud. */
  formData: {
    module: /\/form-data\/lib\/form_data\.js$/,
    contents: `module.exports = ${unused('FormData')};`,
  },
  /** Kerberos for proxies, which https-proxy-agent offers only to those who ask for it; has no licence to pass on. Proxies. */
  negotiate: {
    module: /\/proxy-agent-negotiate\/dist\/index\.js$/,
    contents:
      "export const createNegotiateAuth = () => { throw new Error('left out of this build (scripts/build/lighten.ts)'); };",
  },
} as const satisfies Record<string, Replacement>;

/** The parts that could stay in, by name. yargsPlatform could not: it takes import.meta.url for a URL, and in CommonJS there is none; nor negotiate, for want of a licence. */
export const LIGHTENED = Object.keys(REPLACEMENTS).filter((name) => name !== 'yargsPlatform' && name !== 'negotiate');

/** Whether the module's code is ours, and nothing of it is in the bundle. */
export const isReplaced = (module: string): boolean =>
  Object.values(REPLACEMENTS).some((replacement) => replacement.module.test(module));

/** The plugin of rolldown. `keep`: names of what stays in, to measure what leaving it out gains. */
export function lighten(keep: readonly string[] = []): Plugin {
  const replacements = Object.entries(REPLACEMENTS).filter(([name]) => !keep.includes(name));
  return {
    name: 'lighten',
    load: (id) => replacements.find(([, { module }]) => module.test(id))?.[1].contents,
  };
}
