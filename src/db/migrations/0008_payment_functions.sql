-- The kind of a reward joins its projection. Nobody's context is needed for that, and no reward changes.
ALTER TABLE frontdesk.reward_states NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE frontdesk.rewards NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE frontdesk.reward_states DISABLE TRIGGER in_order;
--> statement-breakpoint
UPDATE frontdesk.reward_states s SET kind = r.kind FROM frontdesk.rewards r WHERE r.tenant_id = s.tenant_id AND r.reward_id = s.reward_id;
--> statement-breakpoint
ALTER TABLE frontdesk.reward_states ALTER COLUMN kind SET NOT NULL;
--> statement-breakpoint
ALTER TABLE frontdesk.reward_states ENABLE TRIGGER in_order;
--> statement-breakpoint
-- Tiers count qualified referrals: those of before count as well.
ALTER TABLE frontdesk.referral_states NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE frontdesk.counters NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
INSERT INTO frontdesk.counters (tenant_id, name, subject, value, "limit")
SELECT s.tenant_id, 'referrals.qualified', s.organization_id, count(*), 9007199254740991 FROM frontdesk.referral_states s
WHERE s.status IN ('qualified', 'rewarded') GROUP BY s.tenant_id, s.organization_id ON CONFLICT DO NOTHING;
--> statement-breakpoint
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
GRANT SELECT ON frontdesk.stripe_events, frontdesk.payments, frontdesk.payment_reversals, frontdesk.reward_bases, frontdesk.payees,
  frontdesk.credit_uses, frontdesk.reconciliations, frontdesk.organizations TO frontdesk_reader;
--> statement-breakpoint
GRANT SELECT, INSERT ON frontdesk.stripe_accounts, frontdesk.stripe_events, frontdesk.payments, frontdesk.payment_reversals,
  frontdesk.reward_bases, frontdesk.payees, frontdesk.credit_uses, frontdesk.reconciliations TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (account_id, livemode, sealed, events_seen_at, connected_at) ON frontdesk.stripe_accounts TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (collected_minor, paid_minor, status, out_of_band, subscription, paid_at, seen_at) ON frontdesk.payments TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (amount_minor, state, seen_at) ON frontdesk.payment_reversals TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (stripe_id, source, linked_by, linked_at, frozen_until, obstacle) ON frontdesk.payees TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (obstacle) ON frontdesk.reward_states TO frontdesk_writer;
--> statement-breakpoint
-- What Stripe told is kept a quarter: it lists its own events for a month.
GRANT DELETE ON frontdesk.stripe_events TO frontdesk_writer;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.reward_bases
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON frontdesk.credit_uses
  FOR EACH STATEMENT EXECUTE FUNCTION frontdesk.refuse_mutation();
--> statement-breakpoint
-- A promise that is no money is sent without any standing on `clearing`; what it comes to later is an expense that was realised.
CREATE OR REPLACE FUNCTION frontdesk.reward_in_order(t text, reward text) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  WITH posted AS (
    SELECT p.account, sum(p.amount_minor) AS amount
    FROM frontdesk.entries e JOIN frontdesk.postings p ON p.tenant_id = e.tenant_id AND p.entry_id = e.entry_id
    WHERE e.tenant_id = t AND e.reward_id = reward GROUP BY p.account
  ), position AS (
    SELECT coalesce(sum(amount) FILTER (WHERE account IN ('expense', 'discount_settled')), 0) AS expense,
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
      WHEN 'fulfilling' THEN p.escrow = 0 AND p.payable = 0 AND p.settled = 0 AND (p.clearing > 0 OR s.accrued_minor = 0)
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
CREATE OR REPLACE FUNCTION frontdesk.commit_money(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'rewards';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.rewards (tenant_id, reward_id, referral_id, organization_id, side, rule, occasion, kind, currency, amount_minor,
      details, program_id, program_version, terms_sha256, entry_id, created_at)
    SELECT t, x.reward_id, x.referral_id, x.organization_id, x.side, x.rule, x.occasion, x.kind, x.currency, x.amount_minor,
      coalesce(x.details, '{}'), x.program_id, x.program_version, x.terms_sha256, x.entry_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(reward_id text, referral_id text, organization_id text, side text, rule text, occasion text, kind text,
      currency text, amount_minor bigint, details jsonb, program_id text, program_version int, terms_sha256 text, entry_id text,
      created_at timestamptz);
    INSERT INTO frontdesk.reward_bases (tenant_id, reward_id, invoice_id, base_minor, organization_id)
    SELECT t, x.reward_id, b.invoice_id, b.base_minor, x.organization_id
    FROM jsonb_to_recordset(part) AS x(reward_id text, organization_id text, bases jsonb)
    CROSS JOIN LATERAL jsonb_to_recordset(coalesce(x.bases, '[]')) AS b(invoice_id text, base_minor bigint);
    INSERT INTO frontdesk.reward_states (tenant_id, reward_id, referral_id, organization_id, kind, status, seq, currency, accrued_minor,
      reversed_minor, netted_minor, available_at, changed_at)
    SELECT t, x.reward_id, x.referral_id, x.organization_id, x.kind, 'accrued', 1, x.currency, x.amount_minor, 0, 0, x.available_at, x.created_at
    FROM jsonb_to_recordset(part) AS x(reward_id text, referral_id text, organization_id text, kind text, currency text, amount_minor bigint,
      available_at timestamptz, created_at timestamptz);
    PERFORM frontdesk.make_due(t, 'qualify', (SELECT min(x.available_at) FROM jsonb_to_recordset(part) AS x(available_at timestamptz)));
  END IF;
  -- Before the steps: what is taken back depends on where the reward stood, and a step on what was taken back.
  part := decision -> 'reductions';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.reward_states s SET reversed_minor = x.reversed_minor, changed_at = x.at
    FROM jsonb_to_recordset(part) AS x(reward_id text, seq int, reversed_before_minor bigint, reversed_minor bigint, at timestamptz)
    WHERE s.tenant_id = t AND s.reward_id = x.reward_id AND s.reversed_minor = x.reversed_before_minor AND s.seq = coalesce(x.seq, s.seq);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'reward changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'reward_moves';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.reward_transitions (tenant_id, reward_id, seq, from_state, to_state, referral_id, organization_id, because, actor,
      entry_id, at)
    SELECT t, x.reward_id, x.seq, x.from_state, x.to_state, x.referral_id, x.organization_id, x.because, x.actor, x.entry_id, x.at
    FROM jsonb_to_recordset(part) AS x(reward_id text, seq int, from_state text, to_state text, referral_id text, organization_id text,
      because text, actor text, entry_id text, at timestamptz) ORDER BY x.reward_id, x.seq;
    WITH last AS (
      SELECT DISTINCT ON (x.reward_id) x.reward_id, x.seq, x.to_state, x.at, x.reversed_minor,
        sum(coalesce(x.netted_minor, 0)) OVER w AS netted, count(*) OVER w::int AS steps
      FROM jsonb_to_recordset(part) AS x(reward_id text, seq int, to_state text, at timestamptz, netted_minor bigint, reversed_minor bigint)
      WINDOW w AS (PARTITION BY x.reward_id) ORDER BY x.reward_id, x.seq DESC
    ), moved AS (
      UPDATE frontdesk.reward_states s SET status = l.to_state, seq = l.seq, changed_at = l.at, netted_minor = s.netted_minor + l.netted
      FROM last l
      WHERE s.tenant_id = t AND s.reward_id = l.reward_id AND s.seq = l.seq - l.steps
        AND s.reversed_minor = coalesce(l.reversed_minor, s.reversed_minor)
      RETURNING s.reward_id
    )
    SELECT count(*) - (SELECT count(*) FROM last) INTO n FROM moved;
    IF n <> 0 THEN RAISE EXCEPTION 'reward changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'fulfilments';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.fulfilments (tenant_id, fulfilment_id, reward_id, referral_id, organization_id, attempt, kind, currency, amount_minor,
      target, status, sent_at)
    SELECT t, x.fulfilment_id, x.reward_id, x.referral_id, x.organization_id, x.attempt, x.kind, x.currency, x.amount_minor, x.target, 'sent',
      x.sent_at
    FROM jsonb_to_recordset(part) AS x(fulfilment_id text, reward_id text, referral_id text, organization_id text, attempt int, kind text,
      currency text, amount_minor bigint, target text, sent_at timestamptz);
  END IF;
  part := decision -> 'settled_fulfilments';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.fulfilments f SET status = x.status, reference = x.reference, settled_at = x.settled_at
    FROM jsonb_to_recordset(part) AS x(fulfilment_id text, status text, reference text, settled_at timestamptz)
    WHERE f.tenant_id = t AND f.fulfilment_id = x.fulfilment_id AND f.status = 'sent';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'fulfilment changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'obstacles';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.reward_states s SET obstacle = x.obstacle FROM jsonb_to_recordset(part) AS x(reward_id text, obstacle text)
    WHERE s.tenant_id = t AND s.reward_id = x.reward_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'reward changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'entries';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.entries (tenant_id, entry_id, kind, organization_id, referral_id, reward_id, source, cumulative_minor, recorded_at)
    SELECT t, x.entry_id, x.kind, x.organization_id, x.referral_id, x.reward_id, x.source, x.cumulative_minor, x.recorded_at
    FROM jsonb_to_recordset(part) AS x(entry_id text, kind text, organization_id text, referral_id text, reward_id text, source text,
      cumulative_minor bigint, recorded_at timestamptz);
    WITH legs AS (
      SELECT x.entry_id, p.ordinality::int AS leg, p.leg ->> 'account' AS account, p.leg ->> 'organization' AS organization_id,
        p.leg ->> 'currency' AS currency, (p.leg ->> 'amount_minor')::bigint AS amount_minor
      FROM jsonb_to_recordset(part) AS x(entry_id text, postings jsonb)
      CROSS JOIN LATERAL jsonb_array_elements(x.postings) WITH ORDINALITY AS p(leg, ordinality)
    ), opened AS (
      INSERT INTO frontdesk.balances (tenant_id, organization_id, currency, account, balance_minor)
      SELECT DISTINCT t, l.organization_id, l.currency, l.account, 0 FROM legs l WHERE l.organization_id IS NOT NULL ORDER BY 2, 3, 4
      ON CONFLICT DO NOTHING
    )
    INSERT INTO frontdesk.postings (tenant_id, entry_id, leg, account, organization_id, currency, amount_minor)
    SELECT t, l.entry_id, l.leg, l.account, l.organization_id, l.currency, l.amount_minor FROM legs l;
    -- Locked in one order, so that two commits about the same organizations wait for one another instead of deadlocking.
    PERFORM FROM frontdesk.balances b
    WHERE b.tenant_id = t AND b.organization_id IN (SELECT x.organization_id FROM jsonb_to_recordset(part) AS x(organization_id text))
    ORDER BY b.organization_id, b.currency, b.account FOR UPDATE;
    UPDATE frontdesk.balances b SET balance_minor = b.balance_minor + d.amount
    FROM (
      SELECT p.leg ->> 'organization' AS organization_id, p.leg ->> 'currency' AS currency, p.leg ->> 'account' AS account,
        sum((p.leg ->> 'amount_minor')::bigint) AS amount
      FROM jsonb_to_recordset(part) AS x(postings jsonb) CROSS JOIN LATERAL jsonb_array_elements(x.postings) AS p(leg)
      WHERE p.leg ->> 'organization' IS NOT NULL GROUP BY 1, 2, 3
    ) d
    WHERE b.tenant_id = t AND b.organization_id = d.organization_id AND b.currency = d.currency AND b.account = d.account;
  END IF;
END
$$;
--> statement-breakpoint
-- The part of a decision that is about the payment provider: what it showed, and who is who there.
CREATE FUNCTION frontdesk.commit_payments(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'stripe_account';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.stripe_accounts AS s (tenant_id, account_id, livemode, sealed, events_seen_at, connected_at)
    VALUES (t, part ->> 'account_id', (part ->> 'livemode')::boolean, part ->> 'sealed', (part ->> 'at')::timestamptz,
      (part ->> 'at')::timestamptz)
    ON CONFLICT (tenant_id) DO UPDATE SET account_id = excluded.account_id, livemode = excluded.livemode, sealed = excluded.sealed,
      connected_at = excluded.connected_at;
    PERFORM frontdesk.make_due(t, 'reconcile', (part ->> 'at')::timestamptz);
  END IF;
  part := decision -> 'events_seen';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.stripe_accounts s SET events_seen_at = (part ->> 'at')::timestamptz
    WHERE s.tenant_id = t AND s.events_seen_at = (part ->> 'before')::timestamptz;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'somebody else has compared the events meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'payments';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.payments AS p (tenant_id, invoice_id, stripe_customer, currency, collected_minor, paid_minor, status, out_of_band,
      subscription, paid_at, seen_at)
    SELECT t, x.invoice_id, x.stripe_customer, x.currency, x.collected_minor, x.paid_minor, x.status, x.out_of_band, x.subscription, x.paid_at,
      x.seen_at
    FROM jsonb_to_recordset(part) AS x(invoice_id text, stripe_customer text, currency text, collected_minor bigint, paid_minor bigint,
      status text, out_of_band boolean, subscription text, paid_at timestamptz, seen_at timestamptz)
    ON CONFLICT (tenant_id, invoice_id) DO UPDATE SET collected_minor = excluded.collected_minor, paid_minor = excluded.paid_minor,
      status = excluded.status, out_of_band = excluded.out_of_band, subscription = excluded.subscription, paid_at = excluded.paid_at,
      seen_at = excluded.seen_at
    WHERE p.seen_at <= excluded.seen_at;
  END IF;
  part := decision -> 'payment_reversals';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.payment_reversals AS p (tenant_id, source_id, invoice_id, kind, currency, amount_minor, state, at, seen_at)
    SELECT t, x.source_id, x.invoice_id, x.kind, x.currency, x.amount_minor, x.state, x.at, x.seen_at
    FROM jsonb_to_recordset(part) AS x(source_id text, invoice_id text, kind text, currency text, amount_minor bigint, state text,
      at timestamptz, seen_at timestamptz)
    ON CONFLICT (tenant_id, source_id, invoice_id) DO UPDATE SET amount_minor = excluded.amount_minor, state = excluded.state,
      seen_at = excluded.seen_at
    WHERE p.seen_at <= excluded.seen_at;
  END IF;
  part := decision -> 'payees';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.payees AS p (tenant_id, organization_id, kind, stripe_id, source, linked_by, linked_at, frozen_until, obstacle)
    SELECT t, x.organization_id, x.kind, x.stripe_id, x.source, x.linked_by, x.linked_at, x.frozen_until, x.obstacle
    FROM jsonb_to_recordset(part) AS x(organization_id text, kind text, stripe_id text, source text, linked_by text, linked_at timestamptz,
      frozen_until timestamptz, obstacle text)
    ON CONFLICT (tenant_id, organization_id, kind) DO UPDATE SET stripe_id = excluded.stripe_id, source = excluded.source,
      linked_by = excluded.linked_by, linked_at = excluded.linked_at, frozen_until = excluded.frozen_until, obstacle = excluded.obstacle
    -- `from_id`: what the decision saw; none where it saw nothing.
    WHERE p.stripe_id = (SELECT y.from_id FROM jsonb_to_recordset(part) AS y(organization_id text, kind text, from_id text)
      WHERE y.organization_id = p.organization_id AND y.kind = p.kind);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'payee changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    PERFORM frontdesk.make_due(t, 'qualify', x.at)
    FROM (SELECT greatest(y.linked_at, y.frozen_until) AS at FROM jsonb_to_recordset(part) AS y(linked_at timestamptz, frozen_until timestamptz)) x;
  END IF;
  part := decision -> 'organization_tiers';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.organizations o SET tier = x.tier FROM jsonb_to_recordset(part) AS x(organization_id text, from_tier text, tier text)
    WHERE o.tenant_id = t AND o.organization_id = x.organization_id AND o.tier = x.from_tier;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'organization changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'credit_uses';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.credit_uses (tenant_id, transaction_id, organization_id, invoice_id, currency, amount_minor, at)
    SELECT t, x.transaction_id, x.organization_id, x.invoice_id, x.currency, x.amount_minor, x.at
    FROM jsonb_to_recordset(part) AS x(transaction_id text, organization_id text, invoice_id text, currency text, amount_minor bigint,
      at timestamptz)
    ON CONFLICT (tenant_id, transaction_id) DO NOTHING;
  END IF;
  part := decision -> 'reconciliations';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.reconciliations (tenant_id, reconciliation_id, ran_at, ok, checks, findings)
    SELECT t, x.reconciliation_id, x.ran_at, x.ok, x.checks, x.findings
    FROM jsonb_to_recordset(part) AS x(reconciliation_id text, ran_at timestamptz, ok boolean, checks bigint, findings jsonb);
  END IF;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.commit(decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  part jsonb;
  n int;
BEGIN
  -- What a provider tells twice is heard once: nothing else of the decision is written either.
  part := decision -> 'heard';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.stripe_events (tenant_id, event_id, type, object_id, account, created_at, received_at)
    SELECT t, x.event_id, x.type, x.object_id, x.account, x.created_at, x.received_at
    FROM jsonb_to_record(part) AS x(event_id text, type text, object_id text, account text, created_at timestamptz, received_at timestamptz)
    ON CONFLICT (tenant_id, event_id) DO NOTHING;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  part := decision -> 'idempotency';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.idempotency (tenant_id, principal, operation, key, fingerprint, result, subject_id, committed_at)
    VALUES (t, part ->> 'principal', part ->> 'operation', part ->> 'key', part ->> 'fingerprint', part ->> 'result', part ->> 'subject_id',
      (part ->> 'committed_at')::timestamptz);
  END IF;

  part := decision -> 'tenant';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.tenants AS s (tenant_id, name, origin, revision, limits, created_at)
    VALUES (t, part ->> 'name', part ->> 'origin', (part ->> 'revision')::int, part -> 'limits', (part ->> 'created_at')::timestamptz)
    ON CONFLICT (tenant_id) DO UPDATE SET name = excluded.name, origin = excluded.origin, revision = excluded.revision, limits = excluded.limits
      WHERE s.revision = excluded.revision - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'tenant changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    DELETE FROM frontdesk.tenant_hosts h WHERE h.tenant_id = t;
    INSERT INTO frontdesk.tenant_hosts (host, tenant_id) SELECT jsonb_array_elements_text(part -> 'hosts'), t;
  END IF;
  part := decision -> 'vendor_versions';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.vendor_versions (tenant_id, version, config, created_at)
    SELECT t, x.version, x.config, x.created_at FROM jsonb_to_recordset(part) AS x(version int, config jsonb, created_at timestamptz);
  END IF;
  part := decision -> 'program_versions';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.program_versions (tenant_id, program_id, version, sha256, terms, created_at)
    SELECT t, x.program_id, x.version, x.sha256, x.terms, x.created_at
    FROM jsonb_to_recordset(part) AS x(program_id text, version int, sha256 text, terms text, created_at timestamptz);
  END IF;
  part := decision -> 'documents';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.documents (tenant_id, kind, body, etag, issued_at, valid_until)
    SELECT t, x.kind, x.body, x.etag, x.issued_at, x.valid_until
    FROM jsonb_to_recordset(part) AS x(kind text, body text, etag text, issued_at timestamptz, valid_until timestamptz)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET body = excluded.body, etag = excluded.etag, issued_at = excluded.issued_at,
      valid_until = excluded.valid_until;
  END IF;
  part := decision -> 'signing_keys';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.signing_keys (tenant_id, kid, purpose, algorithm, public_jwk, sealed, state, created_at)
    SELECT t, x.kid, x.purpose, x.algorithm, x.public_jwk, x.sealed, x.state, x.created_at
    FROM jsonb_to_recordset(part) AS x(kid text, purpose text, algorithm text, public_jwk jsonb, sealed text, state text, created_at timestamptz);
  END IF;
  part := decision -> 'organizations';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.organizations (tenant_id, organization_id, name, domain, tier, prospect_id, created_at)
    SELECT t, x.organization_id, x.name, x.domain, x.tier, x.prospect_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(organization_id text, name text, domain text, tier text, prospect_id text, created_at timestamptz);
  END IF;
  part := decision -> 'agents';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.agents (tenant_id, agent_id, organization_id, name, created_at)
    SELECT t, x.agent_id, x.organization_id, x.name, x.created_at
    FROM jsonb_to_recordset(part) AS x(agent_id text, organization_id text, name text, created_at timestamptz);
  END IF;
  part := decision -> 'api_keys';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.api_keys (tenant_id, key_id, secret_hash, last4, organization_id, agent_id, scopes, created_at, expires_at)
    SELECT t, x.key_id, decode(x.secret_hash, 'hex'), x.last4, x.organization_id, x.agent_id,
      ARRAY(SELECT jsonb_array_elements_text(x.scopes)), x.created_at, x.expires_at
    FROM jsonb_to_recordset(part) AS x(key_id text, secret_hash text, last4 text, organization_id text, agent_id text, scopes jsonb,
      created_at timestamptz, expires_at timestamptz);
  END IF;

  part := decision -> 'prospects';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.prospects (tenant_id, prospect_id, fingerprint, created_at)
    SELECT t, x.prospect_id, decode(x.fingerprint, 'hex'), x.created_at
    FROM jsonb_to_recordset(part) AS x(prospect_id text, fingerprint text, created_at timestamptz);
  END IF;
  part := decision -> 'referrals';
  IF part IS NOT NULL THEN
    WITH made AS (
      INSERT INTO frontdesk.referrals AS r (tenant_id, referral_id, organization_id, agent_id, prospect_id, program_id, program_version,
        terms_sha256, campaign, token_id, entry_id, receipt, created_at, expires_at)
      SELECT t, x.referral_id, x.organization_id, x.agent_id, x.prospect_id, x.program_id, x.program_version, x.terms_sha256, x.campaign,
        x.token_id, x.entry_id, x.receipt, x.created_at, x.expires_at
      FROM jsonb_to_recordset(part) AS x(referral_id text, organization_id text, agent_id text, prospect_id text, program_id text,
        program_version int, terms_sha256 text, campaign text, token_id text, entry_id text, receipt text, created_at timestamptz,
        expires_at timestamptz)
      RETURNING r.referral_id, r.organization_id, r.program_id, r.prospect_id, r.created_at, r.expires_at
    )
    INSERT INTO frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at, expires_at)
    SELECT t, m.referral_id, m.organization_id, m.program_id, m.prospect_id, 'pending', 1, m.created_at, m.expires_at FROM made m;
  END IF;
  part := decision -> 'touches';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.touches (tenant_id, touch_id, organization_id, prospect_id, referral_id, workspace_id, kind, via, token_id, entry_id,
      created_at)
    SELECT t, x.touch_id, x.organization_id, x.prospect_id, x.referral_id, x.workspace_id, x.kind, x.via, x.token_id, x.entry_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(touch_id text, organization_id text, prospect_id text, referral_id text, workspace_id text, kind text,
      via text, token_id text, entry_id text, created_at timestamptz);
  END IF;
  part := decision -> 'ledger_events';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, referral_id, body, leaf, recorded_at)
    SELECT t, x.event_id, x.kind, x.subject_id, x.organization_id, x.referral_id, x.body, decode(x.leaf, 'hex'), x.recorded_at
    FROM jsonb_to_recordset(part) AS x(event_id text, kind text, subject_id text, organization_id text, referral_id text, body text,
      leaf text, recorded_at timestamptz);
    PERFORM frontdesk.make_due(t, 'seal', (part #>> '{0,recorded_at}')::timestamptz);
  END IF;
  part := decision -> 'particulars';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.particulars (tenant_id, subject_id, organization_id, salt, content)
    SELECT t, x.subject_id, x.organization_id, decode(x.salt, 'hex'), x.content
    FROM jsonb_to_recordset(part) AS x(subject_id text, organization_id text, salt text, content jsonb);
  END IF;
  part := decision -> 'referral_tokens';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.referral_tokens (tenant_id, token_id, organization_id, agent_id, campaign, parent_id, depth, kid, claims, token_hash,
      code_hash, created_at, expires_at)
    SELECT t, x.token_id, x.organization_id, x.agent_id, x.campaign, x.parent_id, coalesce(x.depth, 0), x.kid, x.claims,
      decode(x.token_hash, 'hex'), decode(x.code_hash, 'hex'), x.created_at, x.expires_at
    FROM jsonb_to_recordset(part) AS x(token_id text, organization_id text, agent_id text, campaign text, parent_id text, depth int, kid text,
      claims jsonb, token_hash text, code_hash text, created_at timestamptz, expires_at timestamptz);
  END IF;
  part := decision -> 'link_visits';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.link_visits (tenant_id, visit_id, token_id, created_at)
    SELECT t, x.visit_id, x.token_id, x.created_at FROM jsonb_to_recordset(part) AS x(visit_id text, token_id text, created_at timestamptz);
  END IF;

  part := decision -> 'workspaces';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.workspaces (tenant_id, workspace_id, organization_id, owner, agent_id, prospect_id, referral_id, status, host, model,
      mapping, untrusted, row_count, row_limit, key_version, key_hash, claim_version, claim_hash, created_at, expires_at)
    SELECT t, x.workspace_id, x.organization_id, x.owner, x.agent_id, x.prospect_id, x.referral_id, x.status, x.host, x.model, x.mapping,
      x.untrusted, 0, x.row_limit, x.key_version, decode(x.key_hash, 'hex'), x.claim_version, decode(x.claim_hash, 'hex'), x.created_at,
      x.expires_at
    FROM jsonb_to_recordset(part) AS x(workspace_id text, organization_id text, owner text, agent_id text, prospect_id text, referral_id text,
      status text, host text, model jsonb, mapping jsonb, untrusted jsonb, row_limit int, key_version int, key_hash text, claim_version int,
      claim_hash text, created_at timestamptz, expires_at timestamptz);
  END IF;
  part := decision -> 'rekeyed_workspace';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET key_version = (part ->> 'key_version')::int, key_hash = decode(part ->> 'key_hash', 'hex')
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.key_version = (part ->> 'key_version')::int - 1
      AND w.status IN ('active', 'claimed');
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'ended_workspace';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET status = part ->> 'status', ended_at = (part ->> 'ended_at')::timestamptz, row_count = 0
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status = 'active';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    DELETE FROM frontdesk.workspace_rows r WHERE r.tenant_id = t AND r.workspace_id = part ->> 'workspace_id';
  END IF;
  part := decision -> 'created_rows';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET row_count = w.row_count + jsonb_array_length(part -> 'rows'),
      writes = w.writes + CASE WHEN (part ->> 'synthetic')::boolean THEN 0 ELSE jsonb_array_length(part -> 'rows') END
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status IN ('active', 'claimed');
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    INSERT INTO frontdesk.workspace_rows (tenant_id, workspace_id, entity, row_id, organization_id, values, created_at, updated_at)
    SELECT t, part ->> 'workspace_id', x.entity, x.row_id, part ->> 'organization_id', x.values, (part ->> 'at')::timestamptz,
      (part ->> 'at')::timestamptz
    FROM jsonb_to_recordset(part -> 'rows') AS x(entity text, row_id text, values jsonb);
  END IF;
  part := decision -> 'relinked_workspace';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET claim_version = (part ->> 'claim_version')::int, claim_hash = decode(part ->> 'claim_hash', 'hex')
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status = 'active'
      AND w.claim_version = (part ->> 'claim_version')::int - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'claimed_workspaces';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET status = 'claimed', claimed_at = x.at, key_version = w.key_version + 1,
      key_hash = decode(x.key_hash, 'hex'), claim_version = w.claim_version + 1, claim_hash = decode(x.claim_hash, 'hex')
    FROM jsonb_to_recordset(part) AS x(workspace_id text, key_version int, key_hash text, claim_hash text, at timestamptz)
    WHERE w.tenant_id = t AND w.workspace_id = x.workspace_id AND w.status = 'active' AND w.key_version = x.key_version;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'updated_row';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspace_rows r SET values = part -> 'values', updated_at = (part ->> 'at')::timestamptz
    WHERE r.tenant_id = t AND r.workspace_id = part ->> 'workspace_id' AND r.entity = part ->> 'entity' AND r.row_id = part ->> 'row_id'
      AND r.values = part -> 'from';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'row changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'deleted_row';
  IF part IS NOT NULL THEN
    -- The workspace first, as wherever else it and its rows are changed: the other order deadlocks with its end.
    UPDATE frontdesk.workspaces w SET row_count = w.row_count - 1
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status IN ('active', 'claimed');
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    DELETE FROM frontdesk.workspace_rows r
    WHERE r.tenant_id = t AND r.workspace_id = part ->> 'workspace_id' AND r.entity = part ->> 'entity' AND r.row_id = part ->> 'row_id';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'row changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;

  IF decision ?| ARRAY['referral_moves', 'evidenced', 'evidence', 'attributions', 'holds', 'closed_holds', 'disputes', 'decided_disputes',
    'dispute_evidence'] THEN
    PERFORM frontdesk.commit_judgement(t, decision);
  END IF;
  IF decision ?| ARRAY['rewards', 'reward_moves', 'reductions', 'fulfilments', 'settled_fulfilments', 'obstacles',
    'entries'] THEN
    PERFORM frontdesk.commit_money(t, decision);
  END IF;
  IF decision ?| ARRAY['effects', 'settled', 'revived_effects', 'endpoints', 'changed_endpoints', 'events', 'reports', 'customers', 'audits',
    'due', 'key_states', 'revoked_token'] THEN
    PERFORM frontdesk.commit_work(t, decision);
  END IF;
  IF decision ?| ARRAY['stripe_account', 'events_seen', 'payments', 'payment_reversals', 'payees', 'organization_tiers', 'credit_uses',
    'reconciliations'] THEN
    PERFORM frontdesk.commit_payments(t, decision);
  END IF;
  IF decision ? 'block' OR decision ? 'sequenced' THEN
    PERFORM frontdesk.commit_seal(t, decision);
  END IF;

  part := decision -> 'counters';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.counters AS c (tenant_id, name, subject, value, "limit")
    SELECT t, x.name, x.subject, sum(x.by), max(x."limit")
    FROM jsonb_to_recordset(part) AS x(name text, subject text, by bigint, "limit" bigint)
    GROUP BY x.name, x.subject HAVING sum(x.by) > 0 ORDER BY x.name, x.subject
    ON CONFLICT (tenant_id, name, subject) DO UPDATE SET value = c.value + excluded.value, "limit" = excluded."limit";
    UPDATE frontdesk.counters c SET value = greatest(0, c.value + x.by)
    FROM (
      SELECT y.name, y.subject, sum(y.by) AS by FROM jsonb_to_recordset(part) AS y(name text, subject text, by bigint)
      GROUP BY y.name, y.subject HAVING sum(y.by) < 0) x
    WHERE c.tenant_id = t AND c.name = x.name AND c.subject = x.subject;
  END IF;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.expire(at timestamptz, batch int) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  ended text[];
  swept int;
  forgotten int;
  next timestamptz;
BEGIN
  WITH over AS (
    SELECT w.workspace_id FROM frontdesk.workspaces w
    WHERE w.tenant_id = t AND w.status = 'active' AND w.expires_at <= at ORDER BY w.expires_at LIMIT batch FOR UPDATE SKIP LOCKED
  ), done AS (
    UPDATE frontdesk.workspaces w SET status = 'expired', ended_at = at, row_count = 0
    FROM over WHERE w.tenant_id = t AND w.workspace_id = over.workspace_id RETURNING w.workspace_id, w.owner, w.organization_id, w.referral_id
  ), told AS (
    -- Made from the workspace's own id: it expires once.
    INSERT INTO frontdesk.events (tenant_id, event_id, type, organization_id, subject_id, data, occurred_at)
    SELECT t, 'evt_' || substr(d.workspace_id, 4), 'workspace.expired', d.organization_id, d.workspace_id,
      jsonb_build_object('workspace', d.workspace_id, 'organization', d.organization_id, 'referral', d.referral_id), at
    FROM done d
  ), freed AS (
    UPDATE frontdesk.counters c SET value = greatest(0, c.value - o.n)
    FROM (SELECT owner, count(*) AS n FROM done GROUP BY owner ORDER BY owner) o
    WHERE c.tenant_id = t AND c.name = 'workspaces.active' AND c.subject = o.owner
  )
  SELECT coalesce(array_agg(workspace_id), '{}') INTO ended FROM done;
  IF cardinality(ended) > 0 THEN PERFORM frontdesk.make_due(t, 'seal', at); END IF;
  DELETE FROM frontdesk.workspace_rows r WHERE r.tenant_id = t AND r.workspace_id = ANY (ended);
  -- An anonymous workspace leaves nothing behind after a week.
  DELETE FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.workspace_id IN (
    SELECT o.workspace_id FROM frontdesk.workspaces o
    WHERE o.tenant_id = t AND o.status IN ('expired', 'revoked') AND o.referral_id IS NULL AND o.ended_at < at - interval '7 days' LIMIT batch);
  GET DIAGNOSTICS swept = ROW_COUNT;
  DELETE FROM frontdesk.idempotency i WHERE i.tenant_id = t AND i.committed_at < at - interval '30 days';
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  DELETE FROM frontdesk.link_visits v WHERE v.tenant_id = t AND v.created_at < at - interval '90 days';
  -- The stream is kept a quarter, settled work a month: what they tell of stays in the ledger. The last event stays: sequences go on from it.
  DELETE FROM frontdesk.events v WHERE v.tenant_id = t AND v.event_id IN (
    SELECT o.event_id FROM frontdesk.events o WHERE o.tenant_id = t AND o.sequence IS NOT NULL AND o.occurred_at < at - interval '90 days'
      AND o.sequence < (SELECT max(x.sequence) FROM frontdesk.events x WHERE x.tenant_id = t)
    ORDER BY o.sequence LIMIT batch);
  DELETE FROM frontdesk.outbox v WHERE v.tenant_id = t AND v.state IN ('done', 'discarded') AND v.settled_at < at - interval '30 days';
  DELETE FROM frontdesk.stripe_events s WHERE s.tenant_id = t AND s.received_at < at - interval '90 days';
  DELETE FROM frontdesk.limits l WHERE l.tenant_id = t AND l.tat < at - interval '1 day';
  -- A workspace that is committed at this very moment is not seen here, and found the old date early enough: it waits an hour at most.
  SELECT least(coalesce(min(w.expires_at), at + interval '1 hour'), at + interval '1 hour') INTO next
    FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.status = 'active';
  UPDATE frontdesk.due_work d SET at = next WHERE d.tenant_id = t AND d.kind = 'expire';
  RETURN jsonb_build_object('expired', cardinality(ended), 'swept', swept, 'forgotten', forgotten, 'more', next <= at OR swept = batch);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.commit_payments(text, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.commit_payments(text, jsonb) TO frontdesk_writer;
--> statement-breakpoint
GRANT CREATE ON SCHEMA frontdesk TO frontdesk_writer;
--> statement-breakpoint
SET LOCAL ROLE frontdesk_writer;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.open_desk(host_name text) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text;
BEGIN
  SELECT h.tenant_id INTO t FROM frontdesk.tenant_hosts h WHERE h.host = host_name;
  IF t IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('frontdesk.tenant', t, true);
  RETURN (
    SELECT jsonb_build_object(
      'tenant_id', s.tenant_id, 'name', s.name, 'origin', s.origin, 'revision', s.revision,
      'config', (SELECT v.config FROM frontdesk.vendor_versions v WHERE v.tenant_id = t ORDER BY v.version DESC LIMIT 1),
      'program', (
        SELECT jsonb_build_object('program_id', p.program_id, 'version', p.version, 'sha256', p.sha256, 'terms', p.terms)
        FROM frontdesk.program_versions p WHERE p.tenant_id = t ORDER BY p.created_at DESC, p.version DESC LIMIT 1),
      'stripe', (
        SELECT jsonb_build_object('account_id', a.account_id, 'livemode', a.livemode, 'sealed', a.sealed)
        FROM frontdesk.stripe_accounts a WHERE a.tenant_id = t),
      'documents', (
        SELECT jsonb_object_agg(d.kind, jsonb_build_object('body', d.body, 'etag', d.etag, 'issued_at', d.issued_at, 'valid_until', d.valid_until))
        FROM frontdesk.documents d WHERE d.tenant_id = t),
      'keys', (
        SELECT jsonb_agg(jsonb_build_object('kid', k.kid, 'purpose', k.purpose, 'algorithm', k.algorithm, 'public_jwk', k.public_jwk,
          'sealed', k.sealed, 'state', k.state) ORDER BY k.created_at, k.kid)
        FROM frontdesk.signing_keys k WHERE k.tenant_id = t))
    FROM frontdesk.tenants s WHERE s.tenant_id = t);
END
$$;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA frontdesk FROM frontdesk_writer;
