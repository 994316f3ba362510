-- What people filter a list of referrals by stands with what changes of a referral, so that one index answers each filter, in order of time.
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "created_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "agent_id" text;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ADD COLUMN "campaign" text;--> statement-breakpoint
-- What is there already is filled in. Forced policies hold for the owner too, and nothing takes a step, so both rest meanwhile.
ALTER TABLE "frontdesk"."referrals" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" DISABLE TRIGGER "in_order";--> statement-breakpoint
UPDATE "frontdesk"."referral_states" s SET "created_at" = r."created_at", "agent_id" = r."agent_id", "campaign" = r."campaign"
  FROM "frontdesk"."referrals" r WHERE r."tenant_id" = s."tenant_id" AND r."referral_id" = s."referral_id";--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ENABLE TRIGGER "in_order";--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referrals" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "frontdesk"."referral_states" ALTER COLUMN "created_at" SET NOT NULL;--> statement-breakpoint
-- A state says of its referral what the referral says, whatever the statement that makes it.
CREATE FUNCTION frontdesk.copy_identity() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  SELECT r.created_at, r.agent_id, r.campaign INTO NEW.created_at, NEW.agent_id, NEW.campaign
    FROM frontdesk.referrals r WHERE r.tenant_id = NEW.tenant_id AND r.referral_id = NEW.referral_id;
  -- Without one the reference refuses it.
  NEW.created_at := coalesce(NEW.created_at, NEW.changed_at);
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER copy_identity BEFORE INSERT ON frontdesk.referral_states FOR EACH ROW EXECUTE FUNCTION frontdesk.copy_identity();
--> statement-breakpoint
-- Whose they are and when they last changed is in it, too: by it, sums of a stretch of time are counted without the rows.
CREATE INDEX "referral_states_by_state" ON "frontdesk"."referral_states" USING btree ("tenant_id","shown","created_at","referral_id","organization_id","agent_id","changed_at");--> statement-breakpoint
CREATE INDEX "referral_states_by_organization" ON "frontdesk"."referral_states" USING btree ("tenant_id","organization_id","shown","created_at","referral_id");--> statement-breakpoint
CREATE INDEX "referral_states_by_agent" ON "frontdesk"."referral_states" USING btree ("tenant_id","agent_id","shown","created_at","referral_id") WHERE agent_id is not null;--> statement-breakpoint
CREATE INDEX "referral_states_by_campaign" ON "frontdesk"."referral_states" USING btree ("tenant_id","campaign","shown","created_at","referral_id") WHERE campaign is not null;--> statement-breakpoint
CREATE INDEX "referral_states_by_own_campaign" ON "frontdesk"."referral_states" USING btree ("tenant_id","organization_id","campaign","created_at","referral_id") WHERE campaign is not null;--> statement-breakpoint
CREATE INDEX "referral_states_of_prospect" ON "frontdesk"."referral_states" USING btree ("tenant_id","prospect_id");--> statement-breakpoint
CREATE INDEX "reward_states_by_status" ON "frontdesk"."reward_states" USING btree ("tenant_id","status","reward_id");--> statement-breakpoint
CREATE INDEX "reward_states_by_organization" ON "frontdesk"."reward_states" USING btree ("tenant_id","organization_id","status","reward_id");--> statement-breakpoint
-- What waits for a decision, oldest first.
CREATE INDEX "holds_waiting" ON "frontdesk"."holds" USING btree ("tenant_id","hold_id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "holds_of_organization" ON "frontdesk"."holds" USING btree ("tenant_id","organization_id","hold_id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "disputes_waiting" ON "frontdesk"."disputes" USING btree ("tenant_id","dispute_id") WHERE status = 'open';--> statement-breakpoint
-- Which prospect has this fingerprint, for whoever may see a referral of it: nobody learns that others know the company.
CREATE FUNCTION frontdesk.prospect_with(asked bytea) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  found text;
BEGIN
  SELECT p.prospect_id INTO found FROM frontdesk.prospects p
    WHERE p.tenant_id = nullif(current_setting('frontdesk.tenant', true), '') AND p.fingerprint = asked;
  IF current_setting('frontdesk.reach', true) = 'tenant' OR EXISTS (
    SELECT FROM frontdesk.referral_states s WHERE s.prospect_id = found AND current_setting('frontdesk.reach', true) = 'organizations'
      AND s.organization_id = ANY (string_to_array(current_setting('frontdesk.organizations', true), ',')))
  THEN
    RETURN found;
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.copy_identity(), frontdesk.prospect_with(bytea) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.prospect_with(bytea) TO frontdesk_reader;
--> statement-breakpoint
GRANT CREATE ON SCHEMA frontdesk TO frontdesk_writer;
--> statement-breakpoint
ALTER FUNCTION frontdesk.prospect_with(bytea) OWNER TO frontdesk_writer;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA frontdesk FROM frontdesk_writer;
