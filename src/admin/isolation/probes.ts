import { DatabaseError, type Db, type Statement } from '../../db/batch.ts';
import { invariant } from '../../domain/result.ts';
import type { Finding } from './catalogue-check.ts';
import { tableShapes } from './tenant-tables.ts';

export interface Probed {
  /** How much was tried. */
  readonly probes: number;
  readonly findings: readonly Finding[];
}

/**
 * Tries, for every table that has a tenant, to see, add, change and delete what belongs to `tenant`: without a context, as a tenant that
 * does not exist, as `other`, and inside as an organization or a workspace that does not exist. Safe beside live traffic: it looks at one
 * row a table, waits for nothing longer than eight seconds, and ends by raising, so that there is nothing that could be committed.
 * Rejects with `DatabaseError` when it could not be finished, and with `ConnectionLost`.
 */
export async function probeTenant(db: Db, tenant: string, other: string): Promise<Probed> {
  const outcome = await db.batch({ role: 'writer' }, [plan(tenant, other), probe]).catch((error: unknown) => error);
  if (!(outcome instanceof DatabaseError) || outcome.sqlState !== atItsEnd) {
    invariant(outcome instanceof Error, 'a probe raises at its end');
    throw outcome;
  }
  const { tried, found }: { tried: number; found: readonly { rule: string; table: string; who: string }[] } = JSON.parse(outcome.message);
  return { probes: tried, findings: found.map(({ rule, table, who }) => ({ rule: `probe.${rule}`, where: `${table} ${who}` })) };
}

const atItsEnd = 'FD005';

const plan = (tenant: string, other: string): Statement<void> => ({
  name: 'audit.plan',
  text: "select set_config('frontdesk.probe', $1, true)",
  values: [{ tenant, other, tables: Object.fromEntries(tableShapes().map(({ table, ...shape }) => [table, attempts(shape)])) }],
  read: () => undefined,
});

/** What the grants let the writer try; the rest they refuse, which is the catalogue check's to see. */
function attempts({ reader, update, delete: erases }: Omit<ReturnType<typeof tableShapes>[number], 'table'>) {
  return { published: reader === 'tenant', column: update === 'all' ? 'tenant_id' : (update[0] ?? null), erases };
}

const probe: Statement<void> = {
  name: 'audit.probe',
  text: `do $$
declare
  plan jsonb := current_setting('frontdesk.probe')::jsonb;
  own text := plan ->> 'tenant';
  name text;
  can jsonb;
  who record;
  target tid;
  seen boolean;
  n int;
  tried int := 0;
  found jsonb := '[]';
begin
  for name in
    select c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace s on s.oid = c.relnamespace
    where s.nspname = 'frontdesk' and c.relkind in ('r', 'p') and c.relname not in ('tenant_hosts', 'due_work') order by 1
  loop
    can := coalesce(plan -> 'tables' -> name, '{"published": false, "column": "tenant_id", "erases": true}');
    perform set_config('role', 'frontdesk_writer', true), set_config('frontdesk.tenant', own, true);
    execute format('select ctid from frontdesk.%I where tenant_id = $1 limit 1', name) into target using own;
    for who in
      select * from (values
        ('reader', 'without a context', '', 'none', '', ''),
        ('writer', 'without a context', '', 'none', '', ''),
        ('reader', 'as no tenant', 'ten_none', 'tenant', '', ''),
        ('writer', 'as no tenant', 'ten_none', 'tenant', '', ''),
        ('reader', 'as another tenant', plan ->> 'other', 'tenant', '', ''),
        ('writer', 'as another tenant', plan ->> 'other', 'tenant', '', ''),
        ('reader', 'as nobody of the tenant', own, 'none', '', ''),
        ('reader', 'as another organization', own, 'organizations', 'org_none', ''),
        ('reader', 'as another workspace', own, 'workspace', '', 'ws_none')
      ) v (role, what, tenant, reach, organizations, workspace)
      where v.tenant <> own or not (can ->> 'published')::boolean
    loop
      perform set_config('role', 'frontdesk_' || who.role, true), set_config('frontdesk.tenant', who.tenant, true),
        set_config('frontdesk.reach', who.reach, true), set_config('frontdesk.organizations', who.organizations, true),
        set_config('frontdesk.workspace', who.workspace, true);
      tried := tried + 1;
      begin
        if who.tenant = own then
          execute format('select exists (select from frontdesk.%I where ctid = $1)', name) into seen using target;
        else
          execute format('select exists (select from frontdesk.%I where tenant_id = $1)', name) into seen using own;
        end if;
        if seen then
          found := found || jsonb_build_object('rule', 'seen', 'table', name, 'who', who.role || ' ' || who.what);
        end if;
      exception when insufficient_privilege then null;
      end;
      if who.role = 'reader' then
        continue;
      end if;
      tried := tried + 1;
      begin
        execute format('insert into frontdesk.%I (tenant_id) values ($1)', name) using own;
        raise exception using errcode = '${atItsEnd}';
      exception
        when insufficient_privilege or sqlstate 'FD001' then null;
        -- A policy refuses before a column does.
        when others then found := found || jsonb_build_object('rule', 'added', 'table', name, 'who', who.what);
      end;
      if can ->> 'column' is not null then
        tried := tried + 1;
        begin
          execute format('update frontdesk.%I set %2$I = %2$I where ctid = $1', name, can ->> 'column') using target;
          get diagnostics n = row_count;
          if n > 0 then
            raise exception using errcode = '${atItsEnd}';
          end if;
        exception
          when insufficient_privilege or sqlstate 'FD002' then null;
          when sqlstate '${atItsEnd}' then found := found || jsonb_build_object('rule', 'changed', 'table', name, 'who', who.what);
        end;
      end if;
      if (can ->> 'erases')::boolean then
        tried := tried + 1;
        begin
          execute format('delete from frontdesk.%I where ctid = $1', name) using target;
          get diagnostics n = row_count;
          if n > 0 then
            raise exception using errcode = '${atItsEnd}';
          end if;
        exception
          when insufficient_privilege or sqlstate 'FD002' then null;
          when sqlstate '${atItsEnd}' or foreign_key_violation then
            found := found || jsonb_build_object('rule', 'deleted', 'table', name, 'who', who.what);
        end;
      end if;
    end loop;
  end loop;
  raise exception using errcode = '${atItsEnd}', message = jsonb_build_object('tried', tried, 'found', found)::text;
end $$`,
  values: [],
  read: () => undefined,
};
