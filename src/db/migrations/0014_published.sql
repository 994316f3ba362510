-- What was published before, and what was verified when. Workspaces are found by status and by prospect.
CREATE TABLE "frontdesk"."published_documents" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"body" text NOT NULL,
	"etag" text NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "published_documents_tenant_id_kind_version_pk" PRIMARY KEY("tenant_id","kind","version")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."published_documents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."verifications" (
	"tenant_id" text NOT NULL,
	"verification_id" text NOT NULL,
	"ran_at" timestamp (3) with time zone NOT NULL,
	"from_block" integer NOT NULL,
	"to_block" integer NOT NULL,
	"leaves" integer NOT NULL,
	"ok" boolean NOT NULL,
	"finding" jsonb,
	CONSTRAINT "verifications_tenant_id_verification_id_pk" PRIMARY KEY("tenant_id","verification_id"),
	CONSTRAINT "verifications_ok" CHECK (ok = (finding is null)),
	CONSTRAINT "verifications_blocks" CHECK (from_block >= 0 and to_block >= from_block)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."verifications" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE INDEX "workspaces_by_status" ON "frontdesk"."workspaces" USING btree ("tenant_id","status","workspace_id");--> statement-breakpoint
CREATE INDEX "workspaces_of_prospect" ON "frontdesk"."workspaces" USING btree ("tenant_id","prospect_id");--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."published_documents" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."published_documents" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."verifications" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."verifications" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
GRANT SELECT ON frontdesk.published_documents, frontdesk.verifications TO frontdesk_reader;--> statement-breakpoint
GRANT SELECT, INSERT ON frontdesk.published_documents, frontdesk.verifications TO frontdesk_writer;--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.published_documents FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.verifications FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();--> statement-breakpoint
-- What is published now is the first that is kept. Forced policies hold for the owner too, so they are forced only afterwards.
ALTER TABLE "frontdesk"."documents" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
INSERT INTO "frontdesk"."published_documents" ("tenant_id", "kind", "version", "body", "etag", "issued_at")
  SELECT d."tenant_id", d."kind", 1, d."body", d."etag", d."issued_at" FROM "frontdesk"."documents" d WHERE d."kind" = 'capabilities';--> statement-breakpoint
ALTER TABLE "frontdesk"."documents" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."published_documents" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."verifications" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- A capabilities document that says something else than the one before is kept; one that was only signed again is not.
CREATE FUNCTION frontdesk.keep_published() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  marks CONSTANT text[] := '{document_id,issued_at,valid_until,signatures}';
  before record;
BEGIN
  SELECT p.version, p.body INTO before FROM frontdesk.published_documents p
    WHERE p.tenant_id = NEW.tenant_id AND p.kind = NEW.kind ORDER BY p.version DESC LIMIT 1;
  IF before.version IS NULL OR before.body::jsonb - marks <> NEW.body::jsonb - marks THEN
    INSERT INTO frontdesk.published_documents (tenant_id, kind, version, body, etag, issued_at)
      VALUES (NEW.tenant_id, NEW.kind, coalesce(before.version, 0) + 1, NEW.body, NEW.etag, NEW.issued_at);
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.keep_published() FROM PUBLIC;
--> statement-breakpoint
CREATE TRIGGER keep_published AFTER INSERT OR UPDATE ON frontdesk.documents
  FOR EACH ROW WHEN (NEW.kind = 'capabilities') EXECUTE FUNCTION frontdesk.keep_published();
