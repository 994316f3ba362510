import type { Stage } from './examples.ts';

/** The organization for which a stage's key acts. */
export async function organizationOf({ t, host, key }: Stage): Promise<string> {
  const { body } = await t.send('GET', '/v1/me', { key, host });
  return body.organization.id;
}
