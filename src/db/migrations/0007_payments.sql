CREATE TABLE "frontdesk"."credit_uses" (
	"tenant_id" text NOT NULL,
	"transaction_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "credit_uses_tenant_id_transaction_id_pk" PRIMARY KEY("tenant_id","transaction_id"),
	CONSTRAINT "credit_uses_amount" CHECK (amount_minor > 0 and currency ~ '^[a-z]{3}$')
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."credit_uses" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."payees" (
	"tenant_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"kind" text NOT NULL,
	"stripe_id" text NOT NULL,
	"source" text NOT NULL,
	"linked_by" text NOT NULL,
	"linked_at" timestamp (3) with time zone NOT NULL,
	"frozen_until" timestamp (3) with time zone,
	"obstacle" text,
	CONSTRAINT "payees_tenant_id_organization_id_kind_pk" PRIMARY KEY("tenant_id","organization_id","kind"),
	CONSTRAINT "payees_once" UNIQUE("tenant_id","kind","stripe_id"),
	CONSTRAINT "payees_kind" CHECK (kind in ('customer', 'account')),
	CONSTRAINT "payees_source" CHECK (source in ('operator', 'event', 'metadata', 'onboarding'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."payees" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."payment_reversals" (
	"tenant_id" text NOT NULL,
	"source_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"kind" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"state" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payment_reversals_tenant_id_source_id_invoice_id_pk" PRIMARY KEY("tenant_id","source_id","invoice_id"),
	CONSTRAINT "payment_reversals_kind" CHECK (kind in ('refund', 'credit_note', 'dispute')),
	CONSTRAINT "payment_reversals_state" CHECK (state in ('open', 'effective', 'void')),
	CONSTRAINT "payment_reversals_amount" CHECK (amount_minor >= 0 and currency ~ '^[a-z]{3}$')
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."payment_reversals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."payments" (
	"tenant_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"stripe_customer" text NOT NULL,
	"currency" text NOT NULL,
	"collected_minor" bigint NOT NULL,
	"paid_minor" bigint NOT NULL,
	"status" text NOT NULL,
	"out_of_band" boolean NOT NULL,
	"subscription" text,
	"paid_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "payments_tenant_id_invoice_id_pk" PRIMARY KEY("tenant_id","invoice_id"),
	CONSTRAINT "payments_status" CHECK (status in ('paid', 'void', 'uncollectible')),
	CONSTRAINT "payments_amounts" CHECK (collected_minor between 0 and paid_minor and currency ~ '^[a-z]{3}$')
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."payments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."reconciliations" (
	"tenant_id" text NOT NULL,
	"reconciliation_id" text NOT NULL,
	"ran_at" timestamp (3) with time zone NOT NULL,
	"ok" boolean NOT NULL,
	"checks" bigint NOT NULL,
	"findings" jsonb NOT NULL,
	CONSTRAINT "reconciliations_tenant_id_reconciliation_id_pk" PRIMARY KEY("tenant_id","reconciliation_id"),
	CONSTRAINT "reconciliations_ok" CHECK (ok = (jsonb_array_length(findings) = 0))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."reconciliations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."reward_bases" (
	"tenant_id" text NOT NULL,
	"reward_id" text NOT NULL,
	"invoice_id" text NOT NULL,
	"base_minor" bigint NOT NULL,
	"organization_id" text NOT NULL,
	CONSTRAINT "reward_bases_tenant_id_reward_id_invoice_id_pk" PRIMARY KEY("tenant_id","reward_id","invoice_id"),
	CONSTRAINT "reward_bases_positive" CHECK (base_minor > 0)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_bases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."stripe_accounts" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"livemode" boolean NOT NULL,
	"sealed" text NOT NULL,
	"events_seen_at" timestamp (3) with time zone NOT NULL,
	"connected_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."stripe_accounts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."stripe_events" (
	"tenant_id" text NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"object_id" text,
	"account" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "stripe_events_tenant_id_event_id_pk" PRIMARY KEY("tenant_id","event_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."stripe_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."fulfilments" DROP CONSTRAINT "fulfilments_amount";--> statement-breakpoint
ALTER TABLE "frontdesk"."rewards" DROP CONSTRAINT "rewards_amount";--> statement-breakpoint
ALTER TABLE "frontdesk"."fulfilments" ADD COLUMN "target" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_states" ADD COLUMN "kind" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_states" ADD COLUMN "obstacle" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."rewards" ADD COLUMN "details" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."organizations" ADD COLUMN "prospect_id" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."workspaces" ADD COLUMN "claimed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."payees" ADD CONSTRAINT "payees_organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "frontdesk"."organizations"("tenant_id","organization_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_bases" ADD CONSTRAINT "reward_bases_reward" FOREIGN KEY ("tenant_id","reward_id") REFERENCES "frontdesk"."rewards"("tenant_id","reward_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credit_uses_of_organization" ON "frontdesk"."credit_uses" USING btree ("tenant_id","organization_id","transaction_id");--> statement-breakpoint
CREATE INDEX "payment_reversals_of_invoice" ON "frontdesk"."payment_reversals" USING btree ("tenant_id","invoice_id");--> statement-breakpoint
CREATE INDEX "payments_of_customer" ON "frontdesk"."payments" USING btree ("tenant_id","stripe_customer","paid_at");--> statement-breakpoint
CREATE INDEX "reward_bases_of_invoice" ON "frontdesk"."reward_bases" USING btree ("tenant_id","invoice_id");--> statement-breakpoint
CREATE INDEX "stripe_events_age" ON "frontdesk"."stripe_events" USING btree ("tenant_id","received_at");--> statement-breakpoint
CREATE INDEX "balances_clearing" ON "frontdesk"."balances" USING btree ("tenant_id","organization_id") WHERE account = 'clearing' and balance_minor <> 0;--> statement-breakpoint
CREATE INDEX "fulfilments_sent" ON "frontdesk"."fulfilments" USING btree ("tenant_id","sent_at") WHERE status = 'sent';--> statement-breakpoint
CREATE INDEX "fulfilments_confirmed" ON "frontdesk"."fulfilments" USING btree ("tenant_id","settled_at") WHERE status = 'confirmed';--> statement-breakpoint
CREATE INDEX "reward_states_unsent" ON "frontdesk"."reward_states" USING btree ("tenant_id","kind","reward_id") WHERE status = 'available';--> statement-breakpoint
ALTER TABLE "frontdesk"."organizations" ADD CONSTRAINT "organizations_prospect" UNIQUE("tenant_id","prospect_id");--> statement-breakpoint
ALTER TABLE "frontdesk"."fulfilments" ADD CONSTRAINT "fulfilments_amount" CHECK (amount_minor >= 0);--> statement-breakpoint
ALTER TABLE "frontdesk"."rewards" ADD CONSTRAINT "rewards_amount" CHECK (amount_minor >= 0 and (amount_minor > 0 or kind in ('stripe_subscription_discount', 'stripe_credit_grant', 'entitlement_unlock'))
        and currency ~ '^[a-z]{3}$');--> statement-breakpoint
ALTER TABLE "frontdesk"."workspaces" ADD CONSTRAINT "workspaces_claimed" CHECK (status <> 'claimed' or claimed_at is not null);--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."organizations" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."credit_uses" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."credit_uses" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."payees" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."payees" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."payment_reversals" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."payment_reversals" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."payments" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."payments" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."reconciliations" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."reconciliations" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."reward_bases" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."reward_bases" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."stripe_accounts" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."stripe_events" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."stripe_events" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));