import type { ReaderPolicy } from './tenant-tables.ts';

/** The policies of a table as the catalogue prints them: the writer's, and the reader's if it may ask. `*`: none. */
export function policyTexts(reader: ReaderPolicy): readonly string[] {
  if (reader === '*') return [];
  const ofWriter = `writer_of_tenant * permissive {frontdesk_writer} using ${ofTenant} check ${ofTenant}`;
  if (reader === '-') return [ofWriter];
  return [ofWriter, `reader_of_${reader} r permissive {frontdesk_reader} using ${seenBy[reader]} check -`];
}

const setting = (name: string) => `( SELECT NULLIF(current_setting('frontdesk.${name}'::text, true), ''::text) AS "nullif")`;
const reach = (kind: string) => `(${setting('reach')} = '${kind}'::text)`;
const ofTenant = `(tenant_id = ${setting('tenant')})`;
const ofOrganization = `(${reach('organizations')} AND (organization_id = ANY (string_to_array(${setting('organizations')}, ','::text))))`;
const ofWorkspace = `(${reach('workspace')} AND (workspace_id = ${setting('workspace')}))`;

const seenBy: Readonly<Record<Exclude<ReaderPolicy, '-' | '*'>, string>> = {
  tenant: ofTenant,
  staff: `(${ofTenant} AND ${reach('tenant')})`,
  organization: `(${ofTenant} AND (${reach('tenant')} OR ${ofOrganization}))`,
  workspace: `(${ofTenant} AND (${reach('tenant')} OR ${ofOrganization} OR ${ofWorkspace}))`,
};
