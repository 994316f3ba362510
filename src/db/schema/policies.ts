import { type SQL, sql } from 'drizzle-orm';
import { bigint, customType, pgPolicy, pgRole, pgSchema, text, timestamp } from 'drizzle-orm/pg-core';

/** Everything lives in one schema of its own, beside whatever else the database holds. */
export const frontdesk = pgSchema('frontdesk');

/**
 * The two runtime roles. Neither owns a table nor can bypass row-level security. `reader` sees what its context reaches;
 * `writer` sees its tenant, because a load that must notice a conflict has to see more than the caller may be shown.
 */
export const reader = pgRole('frontdesk_reader').existing();
export const writer = pgRole('frontdesk_writer').existing();

/** `nullif`: after a transaction-local setting ends it reads as '', not NULL. No context, no rows. */
const setting = (name: string): SQL => sql.raw(`(select nullif(current_setting('frontdesk.${name}', true), ''))`);
const ofTenant = sql`tenant_id = ${setting('tenant')}`;
const reach = (kind: string): SQL => sql`${setting('reach')} = ${sql.raw(`'${kind}'`)}`;
const ofOrganization = sql`organization_id = any(string_to_array(${setting('organizations')}, ','))`;

/** Writer: every row of the tenant in context, for every verb that grants allow. */
export const writerOfTenant = () =>
  pgPolicy('writer_of_tenant', { as: 'permissive', for: 'all', to: writer, using: ofTenant, withCheck: ofTenant });

/** Reader of what the whole tenant publishes (program versions, the vendor's own facts). */
export const readerOfTenant = () => pgPolicy('reader_of_tenant', { as: 'permissive', for: 'select', to: reader, using: ofTenant });

/** Reader of what only the tenant's own people may see. */
export const readerOfStaff = () =>
  pgPolicy('reader_of_staff', { as: 'permissive', for: 'select', to: reader, using: sql`${ofTenant} and ${reach('tenant')}` });

/** Reader of what belongs to an organization: the tenant's own people, or that organization. */
export const readerOfOrganization = () =>
  pgPolicy('reader_of_organization', {
    as: 'permissive',
    for: 'select',
    to: reader,
    using: sql`${ofTenant} and (${reach('tenant')} or (${reach('organizations')} and ${ofOrganization}))`,
  });

/** Reader of what belongs to a workspace: the tenant, the owning organization, or the workspace's own key. */
export const readerOfWorkspace = (workspaceColumn: string) =>
  pgPolicy('reader_of_workspace', {
    as: 'permissive',
    for: 'select',
    to: reader,
    using: sql`${ofTenant} and (${reach('tenant')} or (${reach('organizations')} and ${ofOrganization}) or (${reach('workspace')} and ${sql.raw(workspaceColumn)} = ${setting('workspace')}))`,
  });

export const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
export const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });

export const int8 = (name: string) => bigint(name, { mode: 'bigint' });
export const tenantId = () => text('tenant_id').notNull();
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
