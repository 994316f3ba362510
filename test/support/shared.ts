/** What a test file asks of `global-setup.ts`. */
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    sharedUrl: string;
  }
}

export type SharedResource = 'postgres' | 'template' | 'pglite';

/** URL of the superuser on the one Postgres of this run; the first call starts it. */
export function sharedPostgres(): Promise<string> {
  return ask('postgres');
}

/** URL of the superuser on a migrated database of that Postgres, to be copied; nobody may stay connected to it. */
export function sharedTemplate(): Promise<string> {
  return ask('template');
}

/** Path of the dump of a migrated embedded database; the first call makes it. */
export function sharedImage(): Promise<string> {
  return ask('pglite');
}

async function ask(resource: SharedResource): Promise<string> {
  const response = await fetch(`${inject('sharedUrl')}/${resource}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
