CREATE SCHEMA "frontdesk";
--> statement-breakpoint
CREATE TABLE "frontdesk"."counters" (
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"subject" text NOT NULL,
	"value" bigint NOT NULL,
	"limit" bigint NOT NULL,
	CONSTRAINT "counters_tenant_id_name_subject_pk" PRIMARY KEY("tenant_id","name","subject"),
	CONSTRAINT "counters_within_limit" CHECK (value >= 0 and value <= "limit")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."counters" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."idempotency" (
	"tenant_id" text NOT NULL,
	"principal" text NOT NULL,
	"operation" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"result" text NOT NULL,
	"subject_id" text,
	"committed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_tenant_id_principal_operation_key_pk" PRIMARY KEY("tenant_id","principal","operation","key")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."idempotency" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."limits" (
	"tenant_id" text NOT NULL,
	"bucket" text NOT NULL,
	"tat" timestamp with time zone NOT NULL,
	CONSTRAINT "limits_tenant_id_bucket_pk" PRIMARY KEY("tenant_id","bucket")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."limits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."outbox" (
	"tenant_id" text NOT NULL,
	"effect_id" text NOT NULL,
	"kind" text NOT NULL,
	"aggregate" text NOT NULL,
	"payload" jsonb NOT NULL,
	"attempts" integer NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "outbox_tenant_id_effect_id_pk" PRIMARY KEY("tenant_id","effect_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."ledger_events" (
	"tenant_id" text NOT NULL,
	"event_id" text NOT NULL,
	"kind" text NOT NULL,
	"subject_id" text NOT NULL,
	"organization_id" text,
	"body" text NOT NULL,
	"leaf" "bytea" NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "ledger_events_tenant_id_event_id_pk" PRIMARY KEY("tenant_id","event_id"),
	CONSTRAINT "ledger_events_leaf" CHECK (leaf = sha256('\x00'::bytea || convert_to(body, 'UTF8')))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."ledger_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."link_visits" (
	"tenant_id" text NOT NULL,
	"visit_id" text NOT NULL,
	"token_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "link_visits_tenant_id_visit_id_pk" PRIMARY KEY("tenant_id","visit_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."link_visits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."particulars" (
	"tenant_id" text NOT NULL,
	"subject_id" text NOT NULL,
	"organization_id" text,
	"salt" "bytea" NOT NULL,
	"content" jsonb NOT NULL,
	CONSTRAINT "particulars_tenant_id_subject_id_pk" PRIMARY KEY("tenant_id","subject_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."particulars" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."prospects" (
	"tenant_id" text NOT NULL,
	"prospect_id" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "prospects_tenant_id_prospect_id_pk" PRIMARY KEY("tenant_id","prospect_id"),
	CONSTRAINT "prospects_fingerprint" UNIQUE("tenant_id","fingerprint")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."prospects" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."referral_states" (
	"tenant_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"program_id" text NOT NULL,
	"prospect_id" text NOT NULL,
	"status" text NOT NULL,
	"seq" integer NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "referral_states_tenant_id_referral_id_pk" PRIMARY KEY("tenant_id","referral_id"),
	CONSTRAINT "referral_states_status" CHECK (status in ('pending', 'qualified', 'rewarded', 'rejected', 'reversed', 'expired'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."referral_tokens" (
	"tenant_id" text NOT NULL,
	"token_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"agent_id" text,
	"campaign" text,
	"kid" text NOT NULL,
	"claims" jsonb NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "referral_tokens_tenant_id_token_id_pk" PRIMARY KEY("tenant_id","token_id"),
	CONSTRAINT "referral_tokens_code" UNIQUE("tenant_id","code_hash"),
	CONSTRAINT "referral_tokens_token" UNIQUE("tenant_id","token_hash")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_tokens" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."referrals" (
	"tenant_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"agent_id" text,
	"prospect_id" text NOT NULL,
	"program_id" text NOT NULL,
	"program_version" integer NOT NULL,
	"terms_sha256" text NOT NULL,
	"campaign" text,
	"token_id" text,
	"entry_id" text NOT NULL,
	"receipt" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "referrals_tenant_id_referral_id_pk" PRIMARY KEY("tenant_id","referral_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."referrals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."touches" (
	"tenant_id" text NOT NULL,
	"touch_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"prospect_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"workspace_id" text,
	"kind" text NOT NULL,
	"via" text NOT NULL,
	"token_id" text,
	"entry_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "touches_tenant_id_touch_id_pk" PRIMARY KEY("tenant_id","touch_id"),
	CONSTRAINT "touches_kind" CHECK (kind in ('declared', 'evidenced'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."touches" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."agents" (
	"tenant_id" text NOT NULL,
	"agent_id" text NOT NULL,
	"organization_id" text,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "agents_tenant_id_agent_id_pk" PRIMARY KEY("tenant_id","agent_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."api_keys" (
	"tenant_id" text NOT NULL,
	"key_id" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"last4" text NOT NULL,
	"organization_id" text,
	"agent_id" text,
	"scopes" text[] NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_tenant_id_key_id_pk" PRIMARY KEY("tenant_id","key_id"),
	CONSTRAINT "api_keys_secret" UNIQUE("tenant_id","secret_hash")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."documents" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"body" text NOT NULL,
	"etag" text NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"valid_until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "documents_tenant_id_kind_pk" PRIMARY KEY("tenant_id","kind")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."documents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."due_work" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "due_work_tenant_id_kind_pk" PRIMARY KEY("tenant_id","kind")
);
--> statement-breakpoint
CREATE TABLE "frontdesk"."organizations" (
	"tenant_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"name" text NOT NULL,
	"domain" text,
	"tier" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "organizations_tenant_id_organization_id_pk" PRIMARY KEY("tenant_id","organization_id"),
	CONSTRAINT "organizations_domain" UNIQUE("tenant_id","domain")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."organizations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."program_versions" (
	"tenant_id" text NOT NULL,
	"program_id" text NOT NULL,
	"version" integer NOT NULL,
	"sha256" text NOT NULL,
	"terms" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "program_versions_tenant_id_program_id_version_pk" PRIMARY KEY("tenant_id","program_id","version")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."program_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."signing_keys" (
	"tenant_id" text NOT NULL,
	"kid" text NOT NULL,
	"purpose" text NOT NULL,
	"algorithm" text NOT NULL,
	"public_jwk" jsonb,
	"sealed" text NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signing_keys_tenant_id_kid_pk" PRIMARY KEY("tenant_id","kid")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."signing_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."tenant_hosts" (
	"host" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "frontdesk"."tenants" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"origin" text NOT NULL,
	"revision" integer NOT NULL,
	"limits" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."tenants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."vendor_versions" (
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"config" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "vendor_versions_tenant_id_version_pk" PRIMARY KEY("tenant_id","version")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."vendor_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."workspace_rows" (
	"tenant_id" text NOT NULL,
	"workspace_id" text NOT NULL,
	"entity" text NOT NULL,
	"row_id" text NOT NULL,
	"organization_id" text,
	"values" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspace_rows_tenant_id_workspace_id_entity_row_id_pk" PRIMARY KEY("tenant_id","workspace_id","entity","row_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."workspace_rows" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."workspaces" (
	"tenant_id" text NOT NULL,
	"workspace_id" text NOT NULL,
	"organization_id" text,
	"owner" text NOT NULL,
	"agent_id" text,
	"prospect_id" text NOT NULL,
	"referral_id" text,
	"status" text NOT NULL,
	"host" text NOT NULL,
	"model" jsonb NOT NULL,
	"mapping" jsonb NOT NULL,
	"untrusted" jsonb NOT NULL,
	"row_count" integer NOT NULL,
	"row_limit" integer NOT NULL,
	"key_version" integer NOT NULL,
	"key_hash" "bytea" NOT NULL,
	"claim_version" integer NOT NULL,
	"claim_hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "workspaces_tenant_id_workspace_id_pk" PRIMARY KEY("tenant_id","workspace_id"),
	CONSTRAINT "workspaces_key" UNIQUE("tenant_id","key_hash"),
	CONSTRAINT "workspaces_claim" UNIQUE("tenant_id","claim_hash"),
	CONSTRAINT "workspaces_status" CHECK (status in ('provisioning', 'active', 'claimed', 'expired', 'revoked', 'suspended', 'failed')),
	CONSTRAINT "workspaces_rows_within_limit" CHECK (row_count >= 0 and row_count <= row_limit)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."workspaces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD CONSTRAINT "referral_states_referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "frontdesk"."referrals"("tenant_id","referral_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."referrals" ADD CONSTRAINT "referrals_prospect" FOREIGN KEY ("tenant_id","prospect_id") REFERENCES "frontdesk"."prospects"("tenant_id","prospect_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."touches" ADD CONSTRAINT "touches_referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "frontdesk"."referrals"("tenant_id","referral_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."api_keys" ADD CONSTRAINT "api_keys_organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "frontdesk"."organizations"("tenant_id","organization_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."workspace_rows" ADD CONSTRAINT "workspace_rows_workspace" FOREIGN KEY ("tenant_id","workspace_id") REFERENCES "frontdesk"."workspaces"("tenant_id","workspace_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."workspaces" ADD CONSTRAINT "workspaces_prospect" FOREIGN KEY ("tenant_id","prospect_id") REFERENCES "frontdesk"."prospects"("tenant_id","prospect_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "frontdesk"."idempotency" USING btree ("committed_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "frontdesk"."outbox" USING btree ("tenant_id","due_at");--> statement-breakpoint
CREATE INDEX "ledger_events_of_subject" ON "frontdesk"."ledger_events" USING btree ("tenant_id","subject_id","event_id");--> statement-breakpoint
CREATE UNIQUE INDEX "referral_states_one_open" ON "frontdesk"."referral_states" USING btree ("tenant_id","program_id","organization_id","prospect_id") WHERE status in ('pending', 'qualified', 'rewarded');--> statement-breakpoint
CREATE INDEX "referrals_of_organization" ON "frontdesk"."referrals" USING btree ("tenant_id","organization_id","referral_id");--> statement-breakpoint
CREATE INDEX "touches_of_referral" ON "frontdesk"."touches" USING btree ("tenant_id","referral_id","touch_id");--> statement-breakpoint
CREATE INDEX "workspaces_of_organization" ON "frontdesk"."workspaces" USING btree ("tenant_id","organization_id","workspace_id");--> statement-breakpoint
CREATE INDEX "workspaces_to_expire" ON "frontdesk"."workspaces" USING btree ("tenant_id","expires_at") WHERE status = 'active';--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."counters" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."idempotency" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."limits" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."outbox" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."ledger_events" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."ledger_events" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."link_visits" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."particulars" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."particulars" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."prospects" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."referral_states" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."referral_states" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."referral_tokens" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."referral_tokens" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."referrals" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."referrals" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."touches" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."touches" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."agents" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."api_keys" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."documents" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."documents" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."organizations" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."program_versions" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."program_versions" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."signing_keys" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."tenants" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."tenants" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."vendor_versions" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."vendor_versions" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_workspace" ON "frontdesk"."workspace_rows" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ','))) or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'workspace' and workspace_id = (select nullif(current_setting('frontdesk.workspace', true), '')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."workspace_rows" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_workspace" ON "frontdesk"."workspaces" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ','))) or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'workspace' and workspace_id = (select nullif(current_setting('frontdesk.workspace', true), '')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."workspaces" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));