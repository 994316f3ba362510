import type { configOfShell } from './admin.ts';

/** The host whose tenant is meant when none is named: that of the public origin; embedded, this machine. */
export function hostOfShell(config: ReturnType<typeof configOfShell>): string {
  return config.mode === 'embedded' ? 'localhost' : new URL(config.publicOrigin ?? 'http://localhost').host;
}
