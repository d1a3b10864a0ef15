// Where the resume token and the like are kept between visits. A browser that forbids storage, and Node, remember for as
// long as the page or the process lives.

export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

export function memoryStore(): Store {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  };
}

/** Wraps localStorage or sessionStorage; every access may be refused by the browser. */
export function webStore(area: () => Storage | undefined): Store {
  const fallback = memoryStore();
  const attempt = <T>(use: (storage: Storage) => T, otherwise: () => T): T => {
    try {
      const storage = area();
      return storage ? use(storage) : otherwise();
    } catch {
      return otherwise();
    }
  };
  return {
    get: (key) => attempt((storage) => storage.getItem(key), () => null) ?? fallback.get(key),
    set: (key, value) => {
      fallback.set(key, value);
      attempt((storage) => storage.setItem(key, value), () => undefined);
    },
    remove: (key) => {
      fallback.remove(key);
      attempt((storage) => storage.removeItem(key), () => undefined);
    },
  };
}
