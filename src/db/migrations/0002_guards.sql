-- Row-level security holds for the owner too.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'frontdesk' AND c.relkind = 'r' AND c.relname NOT IN ('tenant_hosts', 'due_work')
  LOOP
    EXECUTE format('ALTER TABLE frontdesk.%I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
END
$$;
--> statement-breakpoint
ALTER TABLE frontdesk.limits SET UNLOGGED;
--> statement-breakpoint
REVOKE ALL ON SCHEMA frontdesk FROM PUBLIC;
--> statement-breakpoint
GRANT USAGE ON SCHEMA frontdesk TO frontdesk_reader, frontdesk_writer;
--> statement-breakpoint
-- Readiness compares what was applied with what a release needs.
GRANT SELECT ON frontdesk_migrations TO frontdesk_reader;
--> statement-breakpoint
-- What a reader may see at all; policies then say which rows.
GRANT SELECT ON frontdesk.tenants, frontdesk.documents, frontdesk.program_versions, frontdesk.vendor_versions, frontdesk.workspaces,
  frontdesk.workspace_rows, frontdesk.particulars, frontdesk.referral_tokens, frontdesk.referrals, frontdesk.referral_states,
  frontdesk.touches, frontdesk.ledger_events, frontdesk.tenant_hosts TO frontdesk_reader;
--> statement-breakpoint
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA frontdesk TO frontdesk_writer;
--> statement-breakpoint
-- Projections, counters and everything else that may change. What records that something happened is not among them.
GRANT UPDATE ON frontdesk.tenants, frontdesk.tenant_hosts, frontdesk.due_work, frontdesk.documents, frontdesk.signing_keys,
  frontdesk.organizations, frontdesk.api_keys, frontdesk.workspaces, frontdesk.workspace_rows, frontdesk.referral_tokens,
  frontdesk.referral_states, frontdesk.counters, frontdesk.limits, frontdesk.outbox TO frontdesk_writer;
--> statement-breakpoint
-- What is swept or erased.
GRANT DELETE ON frontdesk.tenant_hosts, frontdesk.due_work, frontdesk.workspaces, frontdesk.workspace_rows, frontdesk.particulars,
  frontdesk.link_visits, frontdesk.idempotency, frontdesk.limits, frontdesk.outbox TO frontdesk_writer;
--> statement-breakpoint
CREATE FUNCTION frontdesk.refuse_mutation() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% on %.% refused: it is append-only', tg_op, tg_table_schema, tg_table_name USING ERRCODE = 'FD002';
END
$$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.ledger_events
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.referrals
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.touches
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.program_versions
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.vendor_versions
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE TRUNCATE ON frontdesk.referral_tokens
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
-- Readiness compares the list of applied migrations with the release. The migration runner makes the table beside the schema.
DO $$
BEGIN
  IF to_regclass('frontdesk_migrations') IS NOT NULL THEN
    GRANT SELECT ON frontdesk_migrations TO frontdesk_reader;
  END IF;
END
$$;
