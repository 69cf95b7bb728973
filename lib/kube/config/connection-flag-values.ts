/** kubectl's connection flags, already parsed; names follow the flags (`--as-group` => asGroup). */
export interface ConnectionFlags {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  user?: string;
  namespace?: string;
  server?: string;
  token?: string;
  clientCertificate?: string;
  clientKey?: string;
  certificateAuthority?: string;
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  as?: string;
  asUid?: string;
  asGroup?: readonly string[];
  /** `key=value`, repeatable. */
  asUserExtra?: readonly string[];
  /** 0 or undefined = no limit, as in kubectl. */
  requestTimeoutMs?: number;
  disableCompression?: boolean;
}
