-- Which workspaces were made for a referral in a stretch of time; which referrals are held now, whatever their state.
CREATE INDEX "workspaces_of_referrals" ON "frontdesk"."workspaces" USING btree ("tenant_id","workspace_id","organization_id","referral_id","claimed_at") WHERE referral_id is not null;--> statement-breakpoint
CREATE INDEX "referral_states_held" ON "frontdesk"."referral_states" USING btree ("tenant_id","organization_id","referral_id") WHERE risk_holds > 0 or dispute_holds > 0 or other_holds > 0;--> statement-breakpoint
-- How often links were followed, the vendor's own people may know.
CREATE POLICY "reader_of_staff" ON "frontdesk"."link_visits" AS PERMISSIVE FOR SELECT TO "frontdesk_reader" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')) and (select nullif(current_setting('frontdesk.reach', true), '')) = 'tenant');--> statement-breakpoint
GRANT SELECT ON frontdesk.link_visits TO frontdesk_reader;
