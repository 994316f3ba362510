import type { Statement } from './batch.ts';
import { type DueTenant, dueTenants } from './due-work.ts';

/** For how long a tenant with nothing to seal is put off, and after how much of that it is looked at a last time: statements end within 8 seconds. */
const restMs = 120_000;
const settleMs = 10_000;

/** Tenants with something to seal, and those that are looked at a last time. */
export const tenantsToSeal = (now: Date) => dueTenants('seal', new Date(now.getTime() + restMs - settleMs));

/** There was something: it is looked at again at the next round. */
export const goOnSealing = (now: Date): Statement<void> => ({
  name: 'due_work.seal_on',
  text: `update frontdesk.due_work set at = $1 where kind = 'seal' and at < $1 and tenant_id = ${tenant}`,
  values: [now],
  read: () => undefined,
});

/** There was nothing: put off, so that whoever writes from now on has to say so. */
export const rest = (now: Date, due: DueTenant): Statement<void> => ({
  name: 'due_work.seal_rest',
  text: `update frontdesk.due_work set at = $1 where kind = 'seal' and at = $2 and tenant_id = ${tenant}`,
  values: [new Date(now.getTime() + restMs), due.at],
  read: () => undefined,
});

/** There was nothing, and nobody has written since it was put off. */
export const doneSealing = (due: DueTenant): Statement<void> => ({
  name: 'due_work.seal_done',
  text: `delete from frontdesk.due_work where kind = 'seal' and at = $1 and tenant_id = ${tenant}`,
  values: [due.at],
  read: () => undefined,
});

/** The table of work has no policy: its tenant is the context's. */
const tenant = "(select nullif(current_setting('frontdesk.tenant', true), ''))";
