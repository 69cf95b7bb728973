/** Typed reads from one mapping of a kubeconfig; every wrong type is refused with the field's path, never guessed around. */
export class Fields {
  readonly #value: Record<string, unknown>;
  readonly #path: string;
  readonly refuse: (problem: string) => never;

  constructor(value: unknown, path: string, refuse: (problem: string) => never) {
    if (value !== null && value !== undefined && (typeof value !== 'object' || Array.isArray(value))) {
      refuse(`${path} must be a mapping, not ${kindOf(value)}`);
    }
    this.#value = { ...(value as Record<string, unknown> | null | undefined) };
    this.#path = path;
    this.refuse = refuse;
  }

  raw(key: string): unknown {
    return this.#value[key];
  }

  has(key: string): boolean {
    return this.#value[key] !== null && this.#value[key] !== undefined;
  }

  /** A string; undefined when absent or empty (Go's zero value, which kubectl treats as absent). */
  text(key: string): string | undefined {
    if (!this.has(key)) return undefined;
    const text = this.#string(this.#value[key], `${this.#path}.${key}`);
    return text === '' ? undefined : text;
  }

  flag(key: string): boolean | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#value[key];
    if (typeof value === 'boolean') return value;
    // The other words of YAML 1.1, which kubectl's parser takes and ours leaves as text.
    if (typeof value === 'string' && /^(y|yes|on)$/i.test(value)) return true;
    if (typeof value === 'string' && /^(n|no|off)$/i.test(value)) return false;
    return this.refuse(`${this.#path}.${key} must be true or false, not ${kindOf(value)}`);
  }

  base64(key: string): string | undefined {
    const text = this.text(key)?.replaceAll(/\s/g, '');
    if (text !== undefined && !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) this.refuse(`${this.#path}.${key} is not base64`);
    return text;
  }

  child(key: string): Fields {
    return new Fields(this.#value[key], `${this.#path}.${key}`, this.refuse);
  }

  list(key: string): Fields[] {
    return this.#items(key).map((item, index) => new Fields(item, `${this.#path}.${key}[${index}]`, this.refuse));
  }

  texts(key: string): string[] {
    return this.#items(key).map((item, index) => this.#string(item, `${this.#path}.${key}[${index}]`));
  }

  textMap(): Record<string, string> {
    return Object.fromEntries(Object.keys(this.#value).map((key) => [key, this.text(key) ?? '']));
  }

  textLists(): Record<string, string[]> {
    return Object.fromEntries(Object.keys(this.#value).map((key) => [key, this.texts(key)]));
  }

  #items(key: string): unknown[] {
    const value = this.#value[key];
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) return this.refuse(`${this.#path}.${key} must be a list, not ${kindOf(value)}`);
    return value;
  }

  #string(value: unknown, path: string): string {
    if (typeof value === 'string') return value;
    return this.refuse(`${path} must be a string, not ${kindOf(value)}; put it in quotes`);
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}
