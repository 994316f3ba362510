CREATE TABLE "frontdesk"."attributions" (
	"tenant_id" text NOT NULL,
	"program_id" text NOT NULL,
	"prospect_id" text NOT NULL,
	"seq" integer NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"rule" text NOT NULL,
	"trace" jsonb NOT NULL,
	"dispute_id" text,
	"entry_id" text NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "attributions_tenant_id_program_id_prospect_id_seq_pk" PRIMARY KEY("tenant_id","program_id","prospect_id","seq"),
	CONSTRAINT "attributions_seq" CHECK (seq >= 1 and (seq = 1 or dispute_id is not null))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."attributions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."dispute_evidence" (
	"tenant_id" text NOT NULL,
	"evidence_id" text NOT NULL,
	"dispute_id" text NOT NULL,
	"organization_id" text,
	"added_by" text NOT NULL,
	"content" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "dispute_evidence_tenant_id_dispute_id_evidence_id_pk" PRIMARY KEY("tenant_id","dispute_id","evidence_id")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."dispute_evidence" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."disputes" (
	"tenant_id" text NOT NULL,
	"dispute_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"agent_id" text,
	"program_id" text NOT NULL,
	"prospect_id" text NOT NULL,
	"claim_referral_id" text,
	"contested_referral_id" text,
	"status" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"decide_by" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"decided_by" text,
	"because" text,
	"trace" jsonb,
	CONSTRAINT "disputes_tenant_id_dispute_id_pk" PRIMARY KEY("tenant_id","dispute_id"),
	CONSTRAINT "disputes_status" CHECK (status in ('open', 'upheld', 'denied', 'withdrawn')),
	CONSTRAINT "disputes_decided" CHECK ((status = 'open') = (decided_at is null))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."disputes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."evidence" (
	"tenant_id" text NOT NULL,
	"evidence_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"prospect_id" text NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"entry_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "evidence_tenant_id_evidence_id_pk" PRIMARY KEY("tenant_id","evidence_id"),
	CONSTRAINT "evidence_once" UNIQUE("tenant_id","referral_id","kind","source"),
	CONSTRAINT "evidence_kind" CHECK (kind in ('workspace_claimed', 'report', 'prospect_redeemed', 'checkout', 'stripe_metadata'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."evidence" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."holds" (
	"tenant_id" text NOT NULL,
	"hold_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"kind" text NOT NULL,
	"cause" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"opened_by" text NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"closed_by" text,
	"closed_because" text,
	CONSTRAINT "holds_tenant_id_hold_id_pk" PRIMARY KEY("tenant_id","hold_id"),
	CONSTRAINT "holds_kind" CHECK (kind in ('risk', 'dispute', 'payment_dispute', 'review')),
	CONSTRAINT "holds_closed" CHECK ((closed_at is null) = (closed_by is null) and (closed_at is null) = (closed_because is null))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."holds" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."referral_transitions" (
	"tenant_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"seq" integer NOT NULL,
	"previous_seq" integer GENERATED ALWAYS AS (nullif(seq - 1, 1)) STORED,
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	"organization_id" text NOT NULL,
	"because" text NOT NULL,
	"actor" text NOT NULL,
	"dispute_id" text,
	"entry_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "referral_transitions_tenant_id_referral_id_seq_pk" PRIMARY KEY("tenant_id","referral_id","seq"),
	CONSTRAINT "referral_transitions_end" UNIQUE("tenant_id","referral_id","seq","to_state"),
	CONSTRAINT "referral_transitions_first" CHECK (seq > 2 or (seq = 2 and from_state = 'pending')),
	CONSTRAINT "referral_transitions_allowed" CHECK ((from_state, to_state) in (('pending', 'qualified'), ('pending', 'rejected'), ('pending', 'expired'), ('qualified', 'rewarded'),
        ('qualified', 'rejected'), ('qualified', 'reversed'), ('rewarded', 'reversed'))
        or (from_state = 'rejected' and to_state = 'qualified' and dispute_id is not null)
        or (from_state = 'reversed' and to_state in ('qualified', 'rewarded') and because = 'refund_failed'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_transitions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."balances" (
	"tenant_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"currency" text NOT NULL,
	"account" text NOT NULL,
	"balance_minor" bigint NOT NULL,
	CONSTRAINT "balances_tenant_id_organization_id_currency_account_pk" PRIMARY KEY("tenant_id","organization_id","currency","account"),
	CONSTRAINT "balances_sign" CHECK (case account when 'receivable' then balance_minor <= 0 else balance_minor >= 0 end)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."balances" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."blocks" (
	"tenant_id" text NOT NULL,
	"number" integer NOT NULL,
	"previous_number" integer GENERATED ALWAYS AS (nullif(number, 0) - 1) STORED,
	"previous" "bytea",
	"hash" "bytea" NOT NULL,
	"root" "bytea" NOT NULL,
	"leaf_count" integer NOT NULL,
	"leaves_total" bigint NOT NULL,
	"header" text NOT NULL,
	"tree_root" "bytea" NOT NULL,
	"frontier" "bytea" NOT NULL,
	"signed_note" text NOT NULL,
	"sealed_at" timestamp (3) with time zone NOT NULL,
	"sealed_below" "xid8" NOT NULL,
	"restored_from" "xid8",
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "blocks_tenant_id_number_pk" PRIMARY KEY("tenant_id","number"),
	CONSTRAINT "blocks_hash" UNIQUE("tenant_id","number","hash"),
	CONSTRAINT "blocks_first" CHECK (number >= 0 and (number = 0) = (previous is null)),
	CONSTRAINT "blocks_not_empty" CHECK (leaf_count > 0),
	CONSTRAINT "blocks_header" CHECK (hash = sha256('\x00'::bytea || convert_to(header, 'UTF8')))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."blocks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."entries" (
	"tenant_id" text NOT NULL,
	"entry_id" text NOT NULL,
	"kind" text NOT NULL,
	"organization_id" text NOT NULL,
	"referral_id" text,
	"reward_id" text,
	"source" text,
	"cumulative_minor" bigint,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "entries_tenant_id_entry_id_pk" PRIMARY KEY("tenant_id","entry_id"),
	CONSTRAINT "entries_transaction" UNIQUE("tenant_id","entry_id","xid")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."leaves" (
	"tenant_id" text NOT NULL,
	"block" integer NOT NULL,
	"index" integer NOT NULL,
	"leaf" "bytea" NOT NULL,
	"event_id" text NOT NULL,
	CONSTRAINT "leaves_tenant_id_block_index_pk" PRIMARY KEY("tenant_id","block","index"),
	CONSTRAINT "leaves_leaf" UNIQUE("tenant_id","leaf"),
	CONSTRAINT "leaves_index" CHECK ("index" >= 0)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."leaves" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."postings" (
	"tenant_id" text NOT NULL,
	"entry_id" text NOT NULL,
	"leg" integer NOT NULL,
	"account" text NOT NULL,
	"organization_id" text,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "postings_tenant_id_entry_id_leg_pk" PRIMARY KEY("tenant_id","entry_id","leg"),
	CONSTRAINT "postings_account" CHECK (account in ('escrow', 'payable', 'clearing', 'credit_settled', 'payout_settled', 'receivable') and organization_id is not null
        or account in ('expense', 'breakage', 'write_off', 'discount_settled') and organization_id is null),
	CONSTRAINT "postings_amount" CHECK (amount_minor <> 0 and currency ~ '^[a-z]{3}$')
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."postings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."tree_nodes" (
	"tenant_id" text NOT NULL,
	"level" integer NOT NULL,
	"index" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "tree_nodes_tenant_id_level_index_pk" PRIMARY KEY("tenant_id","level","index")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."tree_nodes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."audits" (
	"tenant_id" text NOT NULL,
	"audit_id" text NOT NULL,
	"ran_at" timestamp (3) with time zone NOT NULL,
	"ok" boolean NOT NULL,
	"checks" integer NOT NULL,
	"findings" jsonb NOT NULL,
	CONSTRAINT "audits_tenant_id_audit_id_pk" PRIMARY KEY("tenant_id","audit_id"),
	CONSTRAINT "audits_ok" CHECK (ok = (jsonb_array_length(findings) = 0))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."audits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."breakers" (
	"tenant_id" text NOT NULL,
	"destination" text NOT NULL,
	"failures" integer NOT NULL,
	"open_until" timestamp (3) with time zone,
	CONSTRAINT "breakers_tenant_id_destination_pk" PRIMARY KEY("tenant_id","destination")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."breakers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."customers" (
	"tenant_id" text NOT NULL,
	"stripe_customer" text NOT NULL,
	"prospect_id" text NOT NULL,
	"linked_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "customers_tenant_id_stripe_customer_pk" PRIMARY KEY("tenant_id","stripe_customer")
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."customers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."events" (
	"tenant_id" text NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"organization_id" text,
	"subject_id" text NOT NULL,
	"data" jsonb NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"sequence" bigint,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "events_tenant_id_event_id_pk" PRIMARY KEY("tenant_id","event_id"),
	CONSTRAINT "events_sequence" UNIQUE("tenant_id","sequence"),
	CONSTRAINT "events_sequence_positive" CHECK (sequence > 0)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."reports" (
	"tenant_id" text NOT NULL,
	"source" text NOT NULL,
	"report_id" text NOT NULL,
	"type" text NOT NULL,
	"fingerprint" text NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"prospect_id" text,
	"referral_id" text,
	"workspace_id" text,
	"token_id" text,
	"visited_at" timestamp (3) with time zone,
	"organization_id" text,
	"stripe_customer" text,
	"data" jsonb NOT NULL,
	CONSTRAINT "reports_tenant_id_source_report_id_pk" PRIMARY KEY("tenant_id","source","report_id"),
	CONSTRAINT "reports_source" CHECK (source in ('vendor', 'stripe'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."reports" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."webhook_endpoints" (
	"tenant_id" text NOT NULL,
	"endpoint_id" text NOT NULL,
	"organization_id" text,
	"url" text NOT NULL,
	"types" text[] NOT NULL,
	"state" text NOT NULL,
	"disabled_because" text,
	"secret_version" integer NOT NULL,
	"previous_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_endpoints_tenant_id_endpoint_id_pk" PRIMARY KEY("tenant_id","endpoint_id"),
	CONSTRAINT "webhook_endpoints_state" CHECK (state in ('active', 'disabled', 'deleted'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."webhook_endpoints" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."fulfilments" (
	"tenant_id" text NOT NULL,
	"fulfilment_id" text NOT NULL,
	"reward_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"kind" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"status" text NOT NULL,
	"reference" text,
	"sent_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "fulfilments_tenant_id_fulfilment_id_pk" PRIMARY KEY("tenant_id","fulfilment_id"),
	CONSTRAINT "fulfilments_attempt" UNIQUE("tenant_id","reward_id","attempt"),
	CONSTRAINT "fulfilments_status" CHECK (status in ('sent', 'confirmed', 'failed')),
	CONSTRAINT "fulfilments_settled" CHECK ((status = 'sent') = (settled_at is null)),
	CONSTRAINT "fulfilments_amount" CHECK (amount_minor > 0)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."fulfilments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."reward_states" (
	"tenant_id" text NOT NULL,
	"reward_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"status" text NOT NULL,
	"seq" integer NOT NULL,
	"currency" text NOT NULL,
	"accrued_minor" bigint NOT NULL,
	"reversed_minor" bigint NOT NULL,
	"netted_minor" bigint NOT NULL,
	"available_at" timestamp (3) with time zone NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reward_states_tenant_id_reward_id_pk" PRIMARY KEY("tenant_id","reward_id"),
	CONSTRAINT "reward_states_reversed" CHECK (reversed_minor between 0 and accrued_minor),
	CONSTRAINT "reward_states_netted" CHECK (netted_minor between 0 and accrued_minor)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_states" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."reward_transitions" (
	"tenant_id" text NOT NULL,
	"reward_id" text NOT NULL,
	"seq" integer NOT NULL,
	"previous_seq" integer GENERATED ALWAYS AS (nullif(seq - 1, 1)) STORED,
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"because" text NOT NULL,
	"actor" text NOT NULL,
	"entry_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reward_transitions_tenant_id_reward_id_seq_pk" PRIMARY KEY("tenant_id","reward_id","seq"),
	CONSTRAINT "reward_transitions_end" UNIQUE("tenant_id","reward_id","seq","to_state"),
	CONSTRAINT "reward_transitions_first" CHECK (seq > 2 or (seq = 2 and from_state = 'accrued')),
	CONSTRAINT "reward_transitions_allowed" CHECK ((from_state, to_state) in (('accrued', 'available'), ('accrued', 'fulfilled'), ('available', 'fulfilling'), ('available', 'fulfilled'), ('fulfilling', 'fulfilled'),
        ('fulfilling', 'available'), ('accrued', 'expired'), ('available', 'expired'), ('accrued', 'reversed'), ('available', 'reversed'),
        ('fulfilled', 'reversed'))
        or (from_state = 'reversed' and to_state in ('accrued', 'available', 'fulfilled') and because = 'refund_failed'))
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_transitions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "frontdesk"."rewards" (
	"tenant_id" text NOT NULL,
	"reward_id" text NOT NULL,
	"referral_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"side" text NOT NULL,
	"rule" text NOT NULL,
	"occasion" text NOT NULL,
	"kind" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"program_id" text NOT NULL,
	"program_version" integer NOT NULL,
	"terms_sha256" text NOT NULL,
	"entry_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "rewards_tenant_id_reward_id_pk" PRIMARY KEY("tenant_id","reward_id"),
	CONSTRAINT "rewards_once" UNIQUE("tenant_id","referral_id","side","rule","occasion"),
	CONSTRAINT "rewards_side" CHECK (side in ('referrer', 'referee')),
	CONSTRAINT "rewards_amount" CHECK (amount_minor > 0 and currency ~ '^[a-z]{3}$')
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."rewards" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "frontdesk"."ledger_events_of_subject";--> statement-breakpoint
DROP INDEX "frontdesk"."referrals_of_organization";--> statement-breakpoint
DROP INDEX "frontdesk"."touches_of_referral";--> statement-breakpoint
DROP INDEX "frontdesk"."idempotency_age";--> statement-breakpoint
DROP INDEX "frontdesk"."outbox_due";--> statement-breakpoint
DROP INDEX "frontdesk"."referral_states_one_open";--> statement-breakpoint
ALTER TABLE "frontdesk"."touches" DROP CONSTRAINT "touches_tenant_id_touch_id_pk";--> statement-breakpoint
ALTER TABLE "frontdesk"."touches" ADD CONSTRAINT "touches_tenant_id_referral_id_touch_id_pk" PRIMARY KEY("tenant_id","referral_id","touch_id");--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "position" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "destination" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "organization_id" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "state" text DEFAULT 'waiting' NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "lease" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "leased_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "settled_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "last_error" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD COLUMN "last_status" integer;--> statement-breakpoint
ALTER TABLE "frontdesk"."ledger_events" ADD COLUMN "referral_id" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "expires_at" timestamp (3) with time zone;--> statement-breakpoint
-- What is there already is filled in. Forced policies and the append-only guard hold for the owner too, so they rest meanwhile.
ALTER TABLE "frontdesk"."referrals" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."touches" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."ledger_events" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."ledger_events" DISABLE TRIGGER "append_only";--> statement-breakpoint
UPDATE "frontdesk"."referral_states" s SET "expires_at" = r."expires_at" FROM "frontdesk"."referrals" r
  WHERE r."tenant_id" = s."tenant_id" AND r."referral_id" = s."referral_id";--> statement-breakpoint
UPDATE "frontdesk"."ledger_events" e SET "referral_id" = e."subject_id" WHERE e."kind" LIKE 'referral.%';--> statement-breakpoint
UPDATE "frontdesk"."ledger_events" e SET "referral_id" = t."referral_id" FROM "frontdesk"."touches" t
  WHERE t."tenant_id" = e."tenant_id" AND t."entry_id" = e."event_id";--> statement-breakpoint
ALTER TABLE "frontdesk"."ledger_events" ENABLE TRIGGER "append_only";--> statement-breakpoint
ALTER TABLE "frontdesk"."referrals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."touches" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."ledger_events" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ALTER COLUMN "expires_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "evidenced_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "risk_holds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "dispute_holds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "other_holds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "shown" text GENERATED ALWAYS AS (case when risk_holds > 0 then 'quarantined' when dispute_holds > 0 then 'disputed' else status end) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_tokens" ADD COLUMN "parent_id" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_tokens" ADD COLUMN "depth" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."workspaces" ADD COLUMN "writes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "frontdesk"."attributions" ADD CONSTRAINT "attributions_referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "frontdesk"."referrals"("tenant_id","referral_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."dispute_evidence" ADD CONSTRAINT "dispute_evidence_dispute" FOREIGN KEY ("tenant_id","dispute_id") REFERENCES "frontdesk"."disputes"("tenant_id","dispute_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."disputes" ADD CONSTRAINT "disputes_prospect" FOREIGN KEY ("tenant_id","prospect_id") REFERENCES "frontdesk"."prospects"("tenant_id","prospect_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."evidence" ADD CONSTRAINT "evidence_referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "frontdesk"."referrals"("tenant_id","referral_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_transitions" ADD CONSTRAINT "referral_transitions_follow" FOREIGN KEY ("tenant_id","referral_id","previous_seq","from_state") REFERENCES "frontdesk"."referral_transitions"("tenant_id","referral_id","seq","to_state") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."blocks" ADD CONSTRAINT "blocks_follow" FOREIGN KEY ("tenant_id","previous_number","previous") REFERENCES "frontdesk"."blocks"("tenant_id","number","hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."entries" ADD CONSTRAINT "entries_event" FOREIGN KEY ("tenant_id","entry_id") REFERENCES "frontdesk"."ledger_events"("tenant_id","event_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."leaves" ADD CONSTRAINT "leaves_block" FOREIGN KEY ("tenant_id","block") REFERENCES "frontdesk"."blocks"("tenant_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."postings" ADD CONSTRAINT "postings_entry" FOREIGN KEY ("tenant_id","entry_id","xid") REFERENCES "frontdesk"."entries"("tenant_id","entry_id","xid") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."fulfilments" ADD CONSTRAINT "fulfilments_reward" FOREIGN KEY ("tenant_id","reward_id") REFERENCES "frontdesk"."rewards"("tenant_id","reward_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_states" ADD CONSTRAINT "reward_states_reward" FOREIGN KEY ("tenant_id","reward_id") REFERENCES "frontdesk"."rewards"("tenant_id","reward_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."reward_transitions" ADD CONSTRAINT "reward_transitions_follow" FOREIGN KEY ("tenant_id","reward_id","previous_seq","from_state") REFERENCES "frontdesk"."reward_transitions"("tenant_id","reward_id","seq","to_state") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "frontdesk"."rewards" ADD CONSTRAINT "rewards_referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "frontdesk"."referrals"("tenant_id","referral_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "disputes_one_open" ON "frontdesk"."disputes" USING btree ("tenant_id","prospect_id","organization_id") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "disputes_to_decide" ON "frontdesk"."disputes" USING btree ("tenant_id","decide_by") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "disputes_of_organization" ON "frontdesk"."disputes" USING btree ("tenant_id","organization_id","dispute_id");--> statement-breakpoint
CREATE UNIQUE INDEX "holds_open" ON "frontdesk"."holds" USING btree ("tenant_id","referral_id","kind","cause") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "entries_of_organization" ON "frontdesk"."entries" USING btree ("tenant_id","organization_id","entry_id");--> statement-breakpoint
CREATE INDEX "entries_of_reward" ON "frontdesk"."entries" USING btree ("tenant_id","reward_id","entry_id");--> statement-breakpoint
CREATE UNIQUE INDEX "entries_once_per_source" ON "frontdesk"."entries" USING btree ("tenant_id","reward_id","source","cumulative_minor") WHERE source is not null;--> statement-breakpoint
CREATE INDEX "customers_of_prospect" ON "frontdesk"."customers" USING btree ("tenant_id","prospect_id");--> statement-breakpoint
CREATE INDEX "events_of_organization" ON "frontdesk"."events" USING btree ("tenant_id","organization_id","sequence");--> statement-breakpoint
CREATE INDEX "events_to_sequence" ON "frontdesk"."events" USING btree ("tenant_id","xid") WHERE sequence is null;--> statement-breakpoint
CREATE INDEX "reports_of_prospect" ON "frontdesk"."reports" USING btree ("tenant_id","prospect_id","occurred_at");--> statement-breakpoint
CREATE INDEX "reports_of_customer" ON "frontdesk"."reports" USING btree ("tenant_id","stripe_customer") WHERE prospect_id is null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_of_organization" ON "frontdesk"."webhook_endpoints" USING btree ("tenant_id","organization_id","endpoint_id");--> statement-breakpoint
CREATE UNIQUE INDEX "fulfilments_one" ON "frontdesk"."fulfilments" USING btree ("tenant_id","reward_id") WHERE status <> 'failed';--> statement-breakpoint
CREATE INDEX "reward_states_of_organization" ON "frontdesk"."reward_states" USING btree ("tenant_id","organization_id","reward_id");--> statement-breakpoint
CREATE INDEX "reward_states_of_referral" ON "frontdesk"."reward_states" USING btree ("tenant_id","referral_id","reward_id");--> statement-breakpoint
CREATE INDEX "reward_states_accrued" ON "frontdesk"."reward_states" USING btree ("tenant_id","available_at") WHERE status = 'accrued';--> statement-breakpoint
CREATE INDEX "reward_states_available" ON "frontdesk"."reward_states" USING btree ("tenant_id","organization_id","currency") WHERE status = 'available';--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_tokens" ADD CONSTRAINT "referral_tokens_parent" FOREIGN KEY ("tenant_id","parent_id") REFERENCES "frontdesk"."referral_tokens"("tenant_id","token_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "outbox_order" ON "frontdesk"."outbox" USING btree ("tenant_id","aggregate","position","effect_id") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "outbox_of_destination" ON "frontdesk"."outbox" USING btree ("tenant_id","destination","effect_id");--> statement-breakpoint
CREATE INDEX "outbox_dead" ON "frontdesk"."outbox" USING btree ("tenant_id","effect_id") WHERE state = 'dead';--> statement-breakpoint
CREATE INDEX "ledger_events_of_referral" ON "frontdesk"."ledger_events" USING btree ("tenant_id","referral_id","event_id");--> statement-breakpoint
CREATE INDEX "ledger_events_to_seal" ON "frontdesk"."ledger_events" USING btree ("tenant_id","xid");--> statement-breakpoint
CREATE INDEX "referral_states_of_organization" ON "frontdesk"."referral_states" USING btree ("tenant_id","organization_id","referral_id");--> statement-breakpoint
CREATE INDEX "referral_states_pending" ON "frontdesk"."referral_states" USING btree ("tenant_id","expires_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "referral_tokens_of_key" ON "frontdesk"."referral_tokens" USING btree ("tenant_id","kid");--> statement-breakpoint
CREATE INDEX "idempotency_age" ON "frontdesk"."idempotency" USING brin ("committed_at");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "frontdesk"."outbox" USING btree ("tenant_id","due_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE UNIQUE INDEX "referral_states_one_open" ON "frontdesk"."referral_states" USING btree ("tenant_id","program_id","prospect_id","organization_id") WHERE status in ('pending', 'qualified', 'rewarded');--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD CONSTRAINT "outbox_state" CHECK (state in ('waiting', 'done', 'dead', 'discarded'));--> statement-breakpoint
ALTER TABLE "frontdesk"."outbox" ADD CONSTRAINT "outbox_settled" CHECK ((state in ('done', 'discarded')) = (settled_at is not null));--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD CONSTRAINT "referral_states_holds" CHECK (risk_holds >= 0 and dispute_holds >= 0 and other_holds >= 0);--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_tokens" ADD CONSTRAINT "referral_tokens_depth" CHECK (depth between 0 and 3 and (depth > 0) = (parent_id is not null));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."outbox" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."attributions" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."attributions" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."dispute_evidence" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."dispute_evidence" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."disputes" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."disputes" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."evidence" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."evidence" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."holds" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."holds" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."referral_transitions" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."referral_transitions" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."balances" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."balances" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."blocks" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."blocks" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."entries" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."entries" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."leaves" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."leaves" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."postings" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."postings" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_tenant" ON "frontdesk"."tree_nodes" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."tree_nodes" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_staff" ON "frontdesk"."audits" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."audits" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."breakers" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."customers" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."events" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."events" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."reports" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."webhook_endpoints" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."webhook_endpoints" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."fulfilments" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."fulfilments" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."reward_states" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."reward_states" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."reward_transitions" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."reward_transitions" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));--> statement-breakpoint
CREATE POLICY "reader_of_organization" ON "frontdesk"."rewards" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and ((select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant' or ((select nullif(current_setting('frontdesk.reach', true), '')) = 'organizations' and organization_id = any(string_to_array((select nullif(current_setting('frontdesk.organizations', true), '')), ',')))));--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."rewards" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));