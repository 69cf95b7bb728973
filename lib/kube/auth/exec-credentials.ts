import { ConnectionError } from '../../core/errors.ts';
import type { ExecPlugin } from '../config/kubeconfig-model.ts';
import type { Credentials, CredentialsContext, Identity } from './credentials.ts';
import { parseExecCredential } from './exec-credential-format.ts';
import { runExecPlugin } from './exec-plugin.ts';
import { refuseForbiddenPlugin } from './plugin-policy.ts';
import { SharedRun } from './shared-run.ts';

interface Credential {
  identity: Identity;
  expiresAtMs: number;
}

/** Credentials from an exec plugin (client.authentication.k8s.io), run on first use, when they expire and after a 401. */
export function execCredentials(plugin: ExecPlugin, context: CredentialsContext): Credentials {
  // Concurrent requests share one run: a plugin may open a browser or ask for a code.
  let running: SharedRun<Credential> | undefined;
  let newest: Credential | undefined;
  const run = async (abandoned: AbortSignal): Promise<Credential> => {
    await refuseForbiddenPlugin(plugin.command ?? '', context.env, context.homeDir);
    context.note(`running exec credential plugin ${plugin.command}`);
    const stdout = await runExecPlugin(plugin, context, abandoned);
    newest = parseExecCredential(stdout, plugin.apiVersion ?? '');
    return newest;
  };
  const forget = () => {
    running = undefined;
    newest = undefined;
  };
  return {
    async current(signal) {
      if (newest !== undefined && context.now() >= newest.expiresAtMs) forget();
      if (running === undefined || running.abandoned) running = new SharedRun(run);
      const joined = running;
      try {
        return (await joined.wait(signal)).identity;
      } catch (error) {
        signal?.throwIfAborted();
        if (running === joined) forget();
        if (error instanceof ConnectionError) throw error;
        const why = error instanceof Error ? error.message : String(error);
        throw new ConnectionError(`Unable to connect to the server: getting credentials: ${why}`, { cause: error });
      }
    },
    renew(refused) {
      // Other requests with the same identity may have been refused before, and it is renewed already.
      if (newest?.identity === refused) forget();
      return true;
    },
  };
}
