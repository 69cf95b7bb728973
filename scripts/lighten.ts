/**
 * Leaves out of the bundle what dependencies bring along and this program never runs. The figures are CPU time of
 * Node 26.10.0 on Linux x64, measured with `scripts/measure-lighten.ts`, which builds with and without each entry.
 */
import type { OnLoadResult, Plugin } from 'esbuild';

interface Replacement {
  /** The module whose code is replaced, and what stands in its place. */
  module: RegExp;
  contents: string;
}

/** A class that nobody makes one of; should somebody, the error says where to look. */
const unused = (name: string) =>
  `class ${name} { constructor() { throw new Error('${name} is left out of this build (scripts/lighten.ts)'); } }`;

export const REPLACEMENTS = {
  /** yargs' command layer: `yargs/helpers` imports it for applyExtends, which is never called; its parser does not need it. */
  yargsPlatform: {
    module: /\/yargs\/lib\/platform-shims\/esm\.mjs$/,
    contents: 'export default {};',
  },
  /** node-fetch (of Tencent's SDK) prefers Node's own URL and would never come to its copy of the standard's tables. */
  whatwgUrl: {
    module: /\/whatwg-url\/lib\/public-api\.js$/,
    contents: 'exports.URL = URL;',
  },
  /** Tencent's SDK makes a form only for uploads, and this program uploads nothing; brings a table of all MIME types. */
  formData: {
    module: /\/form-data\/lib\/form_data\.js$/,
    contents: `module.exports = ${unused('FormData')};`,
  },
  /** Every Kubernetes kind as a class. KubeConfig needs them for makeApiClient, which is never called. */
  kubernetesModels: {
    module: /\/@kubernetes\/client-node\/dist\/gen\/index\.js$/,
    contents: `export const createConfiguration = undefined; export ${unused('ServerConfiguration')}`,
  },
  /** KubeConfig needs it for fetch; here it only makes options for node:https (applyToHTTPSOptions). */
  undici: {
    module: /\/undici\/index\.js$/,
    contents: `export ${unused('Agent')} export ${unused('ProxyAgent')}`,
  },
} as const satisfies Record<string, Replacement>;

export type ReplacementName = keyof typeof REPLACEMENTS;

/** The esbuild plugin; `except` builds as if one entry were not there, to measure what it gains. */
export function lighten(except?: ReplacementName): Plugin {
  return {
    name: 'lighten',
    setup({ onLoad }) {
      for (const [name, { module, contents }] of Object.entries(REPLACEMENTS)) {
        if (name !== except) onLoad({ filter: module }, (): OnLoadResult => ({ contents, loader: 'js' }));
      }
    },
  };
}
