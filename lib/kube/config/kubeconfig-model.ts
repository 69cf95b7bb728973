/** A kubeconfig after parsing: names as we use them, file paths absolute, maps by entry name. */

export interface KubeconfigCluster {
  server?: string;
  certificateAuthority?: string;
  /** Base64, as in the file. */
  certificateAuthorityData?: string;
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  proxyUrl?: string;
  disableCompression?: boolean;
  /** The cluster's extension `client.authentication.k8s.io/exec`: handed to exec plugins that ask for cluster info. */
  execConfig?: unknown;
}

export interface ExecPlugin {
  apiVersion?: string;
  command?: string;
  args: readonly string[];
  env: readonly { name: string; value: string }[];
  installHint?: string;
  provideClusterInfo: boolean;
  /** Never, IfAvailable or Always; how the plugin may use the terminal (client.authentication.k8s.io/v1, ExecInteractiveMode). */
  interactiveMode?: string;
}

export interface AuthProvider {
  name: string;
  config: Readonly<Record<string, string>>;
  /** The kubeconfig that it stands in. */
  file: string;
}

export interface KubeconfigUser {
  token?: string;
  tokenFile?: string;
  clientCertificate?: string;
  /** Base64, as in the file. */
  clientCertificateData?: string;
  clientKey?: string;
  /** Base64, as in the file. */
  clientKeyData?: string;
  username?: string;
  password?: string;
  as?: string;
  asUid?: string;
  asGroups?: readonly string[];
  asUserExtra?: Readonly<Record<string, readonly string[]>>;
  exec?: ExecPlugin;
  authProvider?: AuthProvider;
}

export interface KubeconfigContext {
  cluster?: string;
  user?: string;
  namespace?: string;
}

export interface Kubeconfig {
  currentContext: string;
  clusters: ReadonlyMap<string, KubeconfigCluster>;
  users: ReadonlyMap<string, KubeconfigUser>;
  contexts: ReadonlyMap<string, KubeconfigContext>;
}
