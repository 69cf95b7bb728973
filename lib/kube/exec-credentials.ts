import { ConnectionError } from '../errors.ts';
import type { Credentials, CredentialsContext, Proof } from './credentials.ts';
import { parseExecCredential } from './exec-credential-format.ts';
import { runExecPlugin } from './exec-plugin.ts';
import type { ExecPlugin } from './kubeconfig-model.ts';
import { refuseForbiddenPlugin } from './plugin-policy.ts';

/** Credentials from an exec plugin (client.authentication.k8s.io), run on first use, when they expire and after a 401. */
export function execCredentials(plugin: ExecPlugin, context: CredentialsContext): Credentials {
  let running: Promise<{ proof: Proof; expiresAtMs: number }> | undefined;
  let expiresAtMs = Number.POSITIVE_INFINITY;
  const run = async (): Promise<{ proof: Proof; expiresAtMs: number }> => {
    await refuseForbiddenPlugin(plugin.command ?? '', context.env, context.homeDir);
    context.note(`running exec credential plugin ${plugin.command}`);
    const stdout = await runExecPlugin(plugin, context);
    const parsed = parseExecCredential(stdout, plugin.apiVersion ?? '');
    expiresAtMs = parsed.expiresAtMs;
    return parsed;
  };
  return {
    async current() {
      // Concurrent requests share one run: a plugin may open a browser or ask for a code.
      if (running === undefined || context.now() >= expiresAtMs) {
        expiresAtMs = Number.POSITIVE_INFINITY;
        running = run();
      }
      try {
        return (await running).proof;
      } catch (error) {
        running = undefined;
        if (error instanceof ConnectionError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw new ConnectionError(`Unable to connect to the server: getting credentials: ${why}`, { cause: error });
      }
    },
    renew() {
      running = undefined;
      return true;
    },
  };
}
