CREATE TABLE "frontdesk"."agent_keys" (
	"tenant_id" text NOT NULL,
	"thumbprint" text NOT NULL,
	"agent_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"public_jwk" jsonb NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "agent_keys_tenant_id_thumbprint_pk" PRIMARY KEY("tenant_id","thumbprint"),
	CONSTRAINT "agent_keys_state" CHECK (state in ('active', 'retired', 'revoked')),
	CONSTRAINT "agent_keys_retired" CHECK (state <> 'retired' or expires_at is not null)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."agent_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."domain_conflicts" (
	"tenant_id" text NOT NULL,
	"conflict_id" text NOT NULL,
	"domain" text NOT NULL,
	"holder_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"proof_id" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"reason" text,
	CONSTRAINT "domain_conflicts_tenant_id_conflict_id_pk" PRIMARY KEY("tenant_id","conflict_id"),
	CONSTRAINT "domain_conflicts_state" CHECK (state in ('open', 'kept', 'moved')),
	CONSTRAINT "domain_conflicts_decided" CHECK ((state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
	CONSTRAINT "domain_conflicts_parties" CHECK (holder_id <> organization_id)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."domain_conflicts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."domain_proofs" (
	"tenant_id" text NOT NULL,
	"proof_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"domain" text NOT NULL,
	"method" text NOT NULL,
	"token" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"failures" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"verified_at" timestamp (3) with time zone,
	"checked_at" timestamp (3) with time zone,
	CONSTRAINT "domain_proofs_tenant_id_proof_id_pk" PRIMARY KEY("tenant_id","proof_id"),
	CONSTRAINT "domain_proofs_method" CHECK (method in ('dns_txt', 'well_known', 'metadata_document', 'signature_directory')),
	CONSTRAINT "domain_proofs_state" CHECK (state in ('pending', 'verified', 'disputed', 'lapsed', 'expired')),
	CONSTRAINT "domain_proofs_dated" CHECK (state <> 'verified' or verified_at is not null)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."domain_proofs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."join_requests" (
	"tenant_id" text NOT NULL,
	"join_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"agent_id" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	CONSTRAINT "join_requests_tenant_id_join_id_pk" PRIMARY KEY("tenant_id","join_id"),
	CONSTRAINT "join_requests_state" CHECK (state in ('open', 'approved', 'refused', 'expired')),
	CONSTRAINT "join_requests_decided" CHECK ((state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."join_requests" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."memberships" (
	"tenant_id" text NOT NULL,
	"person_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"granted_by" text NOT NULL,
	"granted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "memberships_tenant_id_person_id_organization_id_pk" PRIMARY KEY("tenant_id","person_id","organization_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."memberships" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."partner_applications" (
	"tenant_id" text NOT NULL,
	"application_id" text NOT NULL,
	"email" text NOT NULL,
	"organization_name" text NOT NULL,
	"domain" text,
	"note" text,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"reason" text,
	"organization_id" text,
	CONSTRAINT "partner_applications_tenant_id_application_id_pk" PRIMARY KEY("tenant_id","application_id"),
	CONSTRAINT "partner_applications_state" CHECK (state in ('open', 'approved', 'refused', 'expired')),
	CONSTRAINT "partner_applications_decided" CHECK ((state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."partner_applications" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."passkeys" (
	"tenant_id" text NOT NULL,
	"credential_id" text NOT NULL,
	"person_id" text NOT NULL,
	"public_key" text NOT NULL,
	"counter" bigint NOT NULL,
	"transports" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "passkeys_tenant_id_credential_id_pk" PRIMARY KEY("tenant_id","credential_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."passkeys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."people" (
	"tenant_id" text NOT NULL,
	"person_id" text NOT NULL,
	"email" text NOT NULL,
	"name" text,
	"role" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"oidc_issuer" text,
	"oidc_subject" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "people_tenant_id_person_id_pk" PRIMARY KEY("tenant_id","person_id"),
	CONSTRAINT "people_email" UNIQUE("tenant_id","email"),
	CONSTRAINT "people_oidc" UNIQUE("tenant_id","oidc_issuer","oidc_subject"),
	CONSTRAINT "people_email_lower" CHECK (email = lower(email)),
	CONSTRAINT "people_role" CHECK (role in ('operator', 'channel_manager', 'partner', 'auditor')),
	CONSTRAINT "people_state" CHECK (state in ('active', 'removed'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."people" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."registrations" (
	"tenant_id" text NOT NULL,
	"registration_id" text NOT NULL,
	"agent_id" text NOT NULL,
	"claim_hash" "bytea" NOT NULL,
	"claim_expires_at" timestamp (3) with time zone NOT NULL,
	"code_hash" "bytea",
	"code_expires_at" timestamp (3) with time zone,
	"polled_at" timestamp (3) with time zone,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"claimed_by" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "registrations_tenant_id_registration_id_pk" PRIMARY KEY("tenant_id","registration_id"),
	CONSTRAINT "registrations_claim" UNIQUE("tenant_id","claim_hash"),
	CONSTRAINT "registrations_state" CHECK (state in ('open', 'claimed', 'collected')),
	CONSTRAINT "registrations_claimed" CHECK (state not in ('claimed', 'collected') or claimed_by is not null),
	CONSTRAINT "registrations_code_ends" CHECK ((code_hash is null) = (code_expires_at is null))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."registrations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."sessions" (
	"tenant_id" text NOT NULL,
	"session_hash" "bytea" NOT NULL,
	"person_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"stepped_up_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "sessions_tenant_id_session_hash_pk" PRIMARY KEY("tenant_id","session_hash"),
	CONSTRAINT "sessions_end" CHECK (expires_at > created_at)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."sessions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."sign_in_links" (
	"tenant_id" text NOT NULL,
	"link_id" text NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"person_id" text NOT NULL,
	"purpose" text NOT NULL,
	"browser_hash" "bytea",
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "sign_in_links_tenant_id_link_id_pk" PRIMARY KEY("tenant_id","link_id"),
	CONSTRAINT "sign_in_links_token" UNIQUE("tenant_id","token_hash"),
	CONSTRAINT "sign_in_links_purpose" CHECK (purpose in ('sign_in', 'invitation', 'bootstrap')),
	CONSTRAINT "sign_in_links_browser" CHECK (purpose <> 'sign_in' or browser_hash is not null),
	CONSTRAINT "sign_in_links_end" CHECK (expires_at > created_at)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."sign_in_links" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."spent" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"digest" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "spent_tenant_id_kind_digest_pk" PRIMARY KEY("tenant_id","kind","digest")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."spent" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD COLUMN "kind" text DEFAULT 'registered' NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD COLUMN "client_id" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD COLUMN "status" text DEFAULT 'active' NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD COLUMN "revoked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."organizations" ADD COLUMN "frozen_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."agent_keys" ADD CONSTRAINT "agent_keys_agent" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "frontdesk"."agents"("tenant_id","agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."domain_conflicts" ADD CONSTRAINT "domain_conflicts_proof" FOREIGN KEY ("tenant_id","proof_id") REFERENCES "frontdesk"."domain_proofs"("tenant_id","proof_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."domain_proofs" ADD CONSTRAINT "domain_proofs_organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "frontdesk"."organizations"("tenant_id","organization_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."join_requests" ADD CONSTRAINT "join_requests_agent" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "frontdesk"."agents"("tenant_id","agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."join_requests" ADD CONSTRAINT "join_requests_organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "frontdesk"."organizations"("tenant_id","organization_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."memberships" ADD CONSTRAINT "memberships_person" FOREIGN KEY ("tenant_id","person_id") REFERENCES "frontdesk"."people"("tenant_id","person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."memberships" ADD CONSTRAINT "memberships_organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "frontdesk"."organizations"("tenant_id","organization_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."passkeys" ADD CONSTRAINT "passkeys_person" FOREIGN KEY ("tenant_id","person_id") REFERENCES "frontdesk"."people"("tenant_id","person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."registrations" ADD CONSTRAINT "registrations_agent" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "frontdesk"."agents"("tenant_id","agent_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."sessions" ADD CONSTRAINT "sessions_person" FOREIGN KEY ("tenant_id","person_id") REFERENCES "frontdesk"."people"("tenant_id","person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."sign_in_links" ADD CONSTRAINT "sign_in_links_person" FOREIGN KEY ("tenant_id","person_id") REFERENCES "frontdesk"."people"("tenant_id","person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_keys_of_agent" ON "frontdesk"."agent_keys" USING btree ("tenant_id","agent_id");--> statement-breakpoint
CREATE INDEX "domain_conflicts_of_domain" ON "frontdesk"."domain_conflicts" USING btree ("tenant_id","domain","organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "domain_conflicts_open" ON "frontdesk"."domain_conflicts" USING btree ("tenant_id","domain","organization_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "domain_proofs_of_organization" ON "frontdesk"."domain_proofs" USING btree ("tenant_id","organization_id","proof_id");--> statement-breakpoint
CREATE UNIQUE INDEX "domain_proofs_verified" ON "frontdesk"."domain_proofs" USING btree ("tenant_id","domain") WHERE state = 'verified';--> statement-breakpoint
CREATE INDEX "join_requests_of_organization" ON "frontdesk"."join_requests" USING btree ("tenant_id","organization_id","join_id");--> statement-breakpoint
CREATE UNIQUE INDEX "join_requests_open" ON "frontdesk"."join_requests" USING btree ("tenant_id","agent_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "memberships_of_organization" ON "frontdesk"."memberships" USING btree ("tenant_id","organization_id","person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "partner_applications_open" ON "frontdesk"."partner_applications" USING btree ("tenant_id","email") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "passkeys_of_person" ON "frontdesk"."passkeys" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "registrations_code" ON "frontdesk"."registrations" USING btree ("tenant_id","code_hash") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "registrations_of_agent" ON "frontdesk"."registrations" USING btree ("tenant_id","agent_id");--> statement-breakpoint
CREATE INDEX "sessions_of_person" ON "frontdesk"."sessions" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "sign_in_links_of_person" ON "frontdesk"."sign_in_links" USING btree ("tenant_id","person_id","created_at");--> statement-breakpoint
CREATE INDEX "spent_expiry" ON "frontdesk"."spent" USING btree ("tenant_id","expires_at");--> statement-breakpoint
CREATE INDEX "agents_of_organization" ON "frontdesk"."agents" USING btree ("tenant_id","organization_id","agent_id");--> statement-breakpoint
CREATE INDEX "api_keys_of_organization" ON "frontdesk"."api_keys" USING btree ("tenant_id","organization_id","key_id");--> statement-breakpoint
CREATE INDEX "api_keys_of_agent" ON "frontdesk"."api_keys" USING btree ("tenant_id","agent_id");--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD CONSTRAINT "agents_client" UNIQUE("tenant_id","client_id");--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD CONSTRAINT "agents_kind" CHECK (kind in ('registered', 'document', 'anonymous', 'attested'));--> statement-breakpoint
ALTER TABLE "frontdesk"."agents" ADD CONSTRAINT "agents_status" CHECK ((status = 'revoked') = (revoked_at is not null) and status in ('active', 'revoked'));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."agents" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."api_keys" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."agent_keys" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."agent_keys" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."domain_conflicts" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."domain_conflicts" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."domain_proofs" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."domain_proofs" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."join_requests" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."join_requests" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."memberships" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."memberships" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."partner_applications" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."partner_applications" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."passkeys" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."people" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."people" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."registrations" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."sessions" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."sign_in_links" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."spent" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));