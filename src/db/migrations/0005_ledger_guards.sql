-- Row-level security holds for the owner too.
DO $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'frontdesk'::regnamespace AND c.relkind = 'r' AND c.relrowsecurity AND NOT c.relforcerowsecurity
  LOOP
    EXECUTE format('ALTER TABLE frontdesk.%I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
END
$$;
--> statement-breakpoint
GRANT SELECT ON frontdesk.outbox, frontdesk.webhook_endpoints, frontdesk.events, frontdesk.audits, frontdesk.referral_transitions,
  frontdesk.holds, frontdesk.evidence, frontdesk.attributions, frontdesk.disputes, frontdesk.dispute_evidence, frontdesk.rewards,
  frontdesk.reward_transitions, frontdesk.reward_states, frontdesk.fulfilments, frontdesk.entries, frontdesk.postings, frontdesk.balances,
  frontdesk.blocks, frontdesk.leaves, frontdesk.tree_nodes TO frontdesk_reader;
--> statement-breakpoint
GRANT SELECT, INSERT ON frontdesk.webhook_endpoints, frontdesk.breakers, frontdesk.events, frontdesk.reports, frontdesk.customers,
  frontdesk.audits, frontdesk.referral_transitions, frontdesk.holds, frontdesk.evidence, frontdesk.attributions, frontdesk.disputes,
  frontdesk.dispute_evidence, frontdesk.rewards, frontdesk.reward_transitions, frontdesk.reward_states, frontdesk.fulfilments,
  frontdesk.entries, frontdesk.postings, frontdesk.balances, frontdesk.blocks, frontdesk.leaves, frontdesk.tree_nodes TO frontdesk_writer;
--> statement-breakpoint
-- Projections, column by column: who and how much is never rewritten.
GRANT UPDATE ON frontdesk.breakers TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (url, types, state, disabled_because, secret_version, previous_until, deleted_at) ON frontdesk.webhook_endpoints TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (sequence) ON frontdesk.events TO frontdesk_writer;
--> statement-breakpoint
-- Erasure empties what was reported and what was written; that it was reported stays.
GRANT UPDATE (data) ON frontdesk.reports TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (content) ON frontdesk.dispute_evidence TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (fingerprint) ON frontdesk.prospects TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (closed_at, closed_by, closed_because) ON frontdesk.holds TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (status, decided_at, decided_by, because, trace) ON frontdesk.disputes TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (status, seq, reversed_minor, netted_minor, available_at, changed_at) ON frontdesk.reward_states TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (status, reference, settled_at) ON frontdesk.fulfilments TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (balance_minor) ON frontdesk.balances TO frontdesk_writer;
--> statement-breakpoint
GRANT DELETE ON frontdesk.events, frontdesk.breakers TO frontdesk_writer;
--> statement-breakpoint
-- What records that something happened is only ever added to.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['referral_transitions', 'evidence', 'attributions', 'rewards', 'reward_transitions', 'entries', 'postings',
    'blocks', 'leaves', 'tree_nodes']
  LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.%I FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation()', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- An entry and its postings carry the transaction that wrote them, whatever the statement says: the foreign key between them then refuses
-- every posting that comes later.
CREATE FUNCTION frontdesk.stamp_transaction() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.xid := pg_current_xact_id();
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER stamp_transaction BEFORE INSERT ON frontdesk.entries FOR EACH ROW EXECUTE FUNCTION frontdesk.stamp_transaction();
--> statement-breakpoint
CREATE TRIGGER stamp_transaction BEFORE INSERT ON frontdesk.postings FOR EACH ROW EXECUTE FUNCTION frontdesk.stamp_transaction();
--> statement-breakpoint
-- Once per entry, when its transaction commits: postings sum to zero in each currency.
CREATE FUNCTION frontdesk.check_balanced() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF EXISTS (
    SELECT FROM frontdesk.postings p WHERE p.tenant_id = NEW.tenant_id AND p.entry_id = NEW.entry_id
    GROUP BY p.currency HAVING sum(p.amount_minor) <> 0
  ) THEN
    RAISE EXCEPTION 'entry % does not balance', NEW.entry_id USING ERRCODE = 'FD003', CONSTRAINT = 'entries_balanced';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON frontdesk.entries DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_balanced();
--> statement-breakpoint
-- State and money of a reward say the same: what stands on which account by its entries is what its state demands.
CREATE FUNCTION frontdesk.reward_in_order(t text, reward text) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  WITH posted AS (
    SELECT p.account, sum(p.amount_minor) AS amount
    FROM frontdesk.entries e JOIN frontdesk.postings p ON p.tenant_id = e.tenant_id AND p.entry_id = e.entry_id
    WHERE e.tenant_id = t AND e.reward_id = reward GROUP BY p.account
  ), position AS (
    SELECT coalesce(sum(amount) FILTER (WHERE account = 'expense'), 0) AS expense,
      coalesce(sum(amount) FILTER (WHERE account = 'escrow'), 0) AS escrow,
      coalesce(sum(amount) FILTER (WHERE account = 'payable'), 0) AS payable,
      coalesce(sum(amount) FILTER (WHERE account = 'clearing'), 0) AS clearing,
      coalesce(sum(amount) FILTER (WHERE account IN ('credit_settled', 'payout_settled')), 0) AS settled,
      coalesce(sum(amount) FILTER (WHERE account = 'breakage'), 0) AS breakage
    FROM posted
  )
  SELECT s.accrued_minor = r.amount_minor
    AND s.status = coalesce(l.to_state, 'accrued') AND s.seq = coalesce(l.seq, 1)
    AND p.expense = s.reversed_minor - s.accrued_minor AND (s.status = 'expired' OR p.breakage = 0)
    AND CASE s.status
      WHEN 'accrued' THEN p.escrow = s.accrued_minor - s.reversed_minor AND p.payable = 0 AND p.clearing = 0 AND p.settled = 0
      WHEN 'available' THEN p.escrow = 0 AND p.payable >= 0 AND p.clearing = 0 AND p.settled = 0
      WHEN 'fulfilling' THEN p.escrow = 0 AND p.payable = 0 AND p.clearing > 0 AND p.settled = 0
      WHEN 'reversed' THEN p.escrow = 0 AND p.payable = 0 AND p.clearing = 0 AND s.reversed_minor = s.accrued_minor
      ELSE p.escrow = 0 AND p.payable = 0 AND p.clearing = 0
    END
  FROM frontdesk.reward_states s
  JOIN frontdesk.rewards r ON r.tenant_id = s.tenant_id AND r.reward_id = s.reward_id
  LEFT JOIN LATERAL (
    SELECT x.seq, x.to_state FROM frontdesk.reward_transitions x
    WHERE x.tenant_id = s.tenant_id AND x.reward_id = s.reward_id ORDER BY x.seq DESC LIMIT 1) l ON true
  CROSS JOIN position p
  WHERE s.tenant_id = t AND s.reward_id = reward
$$;
--> statement-breakpoint
CREATE FUNCTION frontdesk.check_reward() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NEW.reward_id IS NOT NULL AND NOT coalesce(frontdesk.reward_in_order(NEW.tenant_id, NEW.reward_id), false) THEN
    RAISE EXCEPTION 'the state of reward % and its postings say different things', NEW.reward_id
      USING ERRCODE = 'FD003', CONSTRAINT = 'rewards_in_order';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER INSERT ON frontdesk.rewards DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_reward();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER INSERT ON frontdesk.reward_transitions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_reward();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER UPDATE ON frontdesk.reward_states DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_reward();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER INSERT ON frontdesk.entries DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_reward();
--> statement-breakpoint
-- The state of a referral is where its last step ended, and it counts the holds that are open.
CREATE FUNCTION frontdesk.referral_in_order(t text, referral text) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT s.status = coalesce(l.to_state, 'pending') AND s.seq = coalesce(l.seq, 1)
    AND s.risk_holds = h.risk AND s.dispute_holds = h.dispute AND s.other_holds = h.other
  FROM frontdesk.referral_states s
  LEFT JOIN LATERAL (
    SELECT x.seq, x.to_state FROM frontdesk.referral_transitions x
    WHERE x.tenant_id = s.tenant_id AND x.referral_id = s.referral_id ORDER BY x.seq DESC LIMIT 1) l ON true
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.kind = 'risk') AS risk, count(*) FILTER (WHERE o.kind = 'dispute') AS dispute,
      count(*) FILTER (WHERE o.kind NOT IN ('risk', 'dispute')) AS other
    FROM frontdesk.holds o WHERE o.tenant_id = s.tenant_id AND o.referral_id = s.referral_id AND o.closed_at IS NULL) h
  WHERE s.tenant_id = t AND s.referral_id = referral
$$;
--> statement-breakpoint
CREATE FUNCTION frontdesk.check_referral() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT coalesce(frontdesk.referral_in_order(NEW.tenant_id, NEW.referral_id), false) THEN
    RAISE EXCEPTION 'the state of referral % is not where its steps and holds lead', NEW.referral_id
      USING ERRCODE = 'FD003', CONSTRAINT = 'referrals_in_order';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER INSERT ON frontdesk.referral_transitions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_referral();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER UPDATE ON frontdesk.referral_states DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_referral();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER in_order AFTER INSERT OR UPDATE ON frontdesk.holds DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION frontdesk.check_referral();
--> statement-breakpoint
-- While a hold is open nothing is released or sent. The lock on the state makes this and the opening of a hold take turns.
CREATE FUNCTION frontdesk.refuse_held() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM FROM frontdesk.referral_states s
  WHERE s.tenant_id = NEW.tenant_id AND s.referral_id = NEW.referral_id AND s.risk_holds + s.dispute_holds + s.other_holds = 0 FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'referral % is held', NEW.referral_id USING ERRCODE = 'FD001', CONSTRAINT = 'referrals_not_held';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER not_held BEFORE INSERT ON frontdesk.reward_transitions FOR EACH ROW
  WHEN (NEW.to_state = 'fulfilling' OR (NEW.from_state = 'accrued' AND NEW.to_state IN ('available', 'fulfilled')))
  EXECUTE FUNCTION frontdesk.refuse_held();
--> statement-breakpoint
CREATE TRIGGER not_held BEFORE INSERT ON frontdesk.fulfilments FOR EACH ROW EXECUTE FUNCTION frontdesk.refuse_held();
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.stamp_transaction(), frontdesk.check_balanced(), frontdesk.reward_in_order(text, text),
  frontdesk.check_reward(), frontdesk.referral_in_order(text, text), frontdesk.check_referral(), frontdesk.refuse_held() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.reward_in_order(text, text), frontdesk.referral_in_order(text, text) TO frontdesk_writer;
