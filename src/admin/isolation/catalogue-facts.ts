import type { Statement } from '../../db/batch.ts';

/** One line of what the catalogue of a database says. */
export interface CatalogueFact {
  readonly kind: FactKind;
  readonly fact: string;
}

/** The first five are compared with what is expected; of the others there must be none. */
export type FactKind = 'table' | 'policy' | 'trigger' | 'grant' | 'function' | 'key' | 'reference' | 'tenant_column' | 'relation' | 'role';

/** So that names are printed with their schema, whoever asks. Lasts for the batch. */
export const withoutSearchPath: Statement<void> = {
  name: 'audit.search_path',
  text: "select set_config('search_path', 'pg_catalog', true)",
  values: [],
  read: () => undefined,
};

/** Everything that the walls between tenants consist of. The catalogue may be read by every role. */
export const readCatalogue: Statement<readonly CatalogueFact[]> = {
  name: 'audit.catalogue',
  text: `with place as (
      select n.oid, n.nspacl, n.nspowner from pg_namespace n where n.nspname = 'frontdesk'
    ), relation as (
      select c.*, a.attnum as tenant, coalesce(a.attnotnull, false) as tenant_always from pg_class c join place p on p.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    ), runtime as (
      select r.* from pg_roles r where r.rolname in ('frontdesk_reader', 'frontdesk_writer')
    )
    select 'table' as kind, concat_ws(' ', c.relname, c.relkind, case when c.relrowsecurity then 'enabled' end,
        case when c.relforcerowsecurity then 'forced' end) as fact
      from relation c where c.relkind in ('r', 'p', 'f')
    union all select 'policy', concat_ws(' ', c.relname, p.polname, p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end,
        (select array_agg(case o.role when 0 then 'public' else pg_get_userbyid(o.role)::text end) from unnest(p.polroles) o (role)),
        'using', coalesce(pg_get_expr(p.polqual, c.oid), '-'), 'check', coalesce(pg_get_expr(p.polwithcheck, c.oid), '-'))
      from pg_policy p join relation c on c.oid = p.polrelid
    union all select 'trigger', concat_ws(' ', c.relname, t.tgenabled, pg_get_triggerdef(t.oid))
      from pg_trigger t join relation c on c.oid = t.tgrelid where not t.tgisinternal
    -- Foreign keys are triggers too, and can be put to sleep.
    union all select 'trigger', concat_ws(' ', c.relname, t.tgenabled, k.conname)
      from pg_trigger t join relation c on c.oid = t.tgrelid join pg_constraint k on k.oid = t.tgconstraint
      where t.tgisinternal and t.tgenabled <> 'O'
    union all select 'grant', concat_ws(' ', c.relname, case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end, g.privilege_type)
      from relation c, aclexplode(c.relacl) g where c.relkind not in ('i', 'I', 't', 'c') and g.grantee <> c.relowner
    union all select 'grant', concat_ws(' ', c.relname, case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end,
        g.privilege_type, '(' || a.attname || ')')
      from relation c join pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g where g.grantee <> c.relowner
    union all select 'grant', concat_ws(' ', 'schema', case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end, g.privilege_type)
      from place p, aclexplode(p.nspacl) g where g.grantee <> p.nspowner
    union all select 'function', concat_ws(' ', f.proname, 'for', case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee)::text end)
      from pg_proc f join place p on p.oid = f.pronamespace, aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) g
      where g.grantee not in (f.proowner, (select r.oid from runtime r where r.rolname = 'frontdesk_writer'))
    union all select 'function', concat_ws(' ', f.proname, 'as', pg_get_userbyid(f.proowner))
      from pg_proc f join place p on p.oid = f.pronamespace where f.prosecdef
    union all select 'function', f.proname || ' has no fixed search path'
      from pg_proc f join place p on p.oid = f.pronamespace where f.proconfig is distinct from array['search_path=pg_catalog']
    union all select 'tenant_column', c.relname::text from relation c where c.relkind in ('r', 'p', 'f') and (c.tenant is null or not c.tenant_always)
    union all select 'key', i.indexrelid::regclass::text from pg_index i join relation c on c.oid = i.indrelid
      where (i.indisunique or i.indisexclusion) and (i.indkey[0] is distinct from c.tenant or not i.indisvalid) and c.relname <> 'tenant_hosts'
    union all select 'reference', concat_ws(' ', c.relname, k.conname) from pg_constraint k join relation c on c.oid = k.conrelid
      join relation o on o.oid = k.confrelid
      where k.contype = 'f' and (k.conkey[1] is distinct from c.tenant or k.confkey[1] is distinct from o.tenant or not k.convalidated)
    union all select 'relation', concat_ws(' ', c.relname, c.relkind) from relation c where c.relkind = 'S'
    -- A view shows what its owner may see, unless it asks as whoever looks.
    union all select distinct 'relation', concat_ws(' ', v.relname, v.relkind) from pg_rewrite w join pg_class v on v.oid = w.ev_class
      join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
      join relation c on c.oid = d.refobjid
      where v.oid <> c.oid and (v.relkind = 'm' or not coalesce(v.reloptions && array['security_invoker=true', 'security_invoker=on'], false))
    union all select 'role', concat_ws(' ', r.rolname, 'has power') from pg_roles r
      where (r.rolname in ('frontdesk_reader', 'frontdesk_writer') and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb
        or r.rolreplication or r.rolcanlogin)) or (r.rolname = session_user and (r.rolsuper or r.rolbypassrls))
    union all select 'role', concat_ws(' ', pg_get_userbyid(m.member), 'is', pg_get_userbyid(m.roleid)) from pg_auth_members m
      where m.member in (select r.oid from runtime r) or (m.roleid in (select r.oid from runtime r) and m.inherit_option)
    union all select 'role', concat_ws(' ', r.rolname, 'owns', c.relname) from relation c join runtime r on r.oid = c.relowner
    union all select 'role', concat_ws(' ', r.rolname, 'owns the schema') from place p join runtime r on r.oid = p.nspowner`,
  values: [],
  read: (rows) => rows.map(({ kind, fact }) => ({ kind: kind as FactKind, fact: String(fact) })),
};
