-- Something is to be done for the tenant no later than `at`. All writers of a tenant share the row: it is touched only when it says later.
CREATE FUNCTION frontdesk.make_due(t text, what text, due timestamptz) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM frontdesk.due_work o WHERE o.tenant_id = t AND o.kind = what AND o.at <= due) THEN
    INSERT INTO frontdesk.due_work AS d (tenant_id, kind, at) VALUES (t, what, due)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET at = excluded.at WHERE excluded.at < d.at;
  END IF;
END
$$;
--> statement-breakpoint
-- The part of a decision that judges: steps of referrals, evidence, attribution, holds, disputes.
CREATE FUNCTION frontdesk.commit_judgement(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'disputes';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.disputes (tenant_id, dispute_id, organization_id, agent_id, program_id, prospect_id, claim_referral_id,
      contested_referral_id, status, opened_at, decide_by)
    SELECT t, x.dispute_id, x.organization_id, x.agent_id, x.program_id, x.prospect_id, x.claim_referral_id, x.contested_referral_id, 'open',
      x.opened_at, x.decide_by
    FROM jsonb_to_recordset(part) AS x(dispute_id text, organization_id text, agent_id text, program_id text, prospect_id text,
      claim_referral_id text, contested_referral_id text, opened_at timestamptz, decide_by timestamptz);
    PERFORM frontdesk.make_due(t, 'expire', (SELECT min(x.decide_by) FROM jsonb_to_recordset(part) AS x(decide_by timestamptz)));
  END IF;
  part := decision -> 'dispute_evidence';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.dispute_evidence (tenant_id, evidence_id, dispute_id, organization_id, added_by, content, created_at)
    SELECT t, x.evidence_id, x.dispute_id, x.organization_id, x.added_by, x.content, x.created_at
    FROM jsonb_to_recordset(part) AS x(evidence_id text, dispute_id text, organization_id text, added_by text, content jsonb,
      created_at timestamptz);
  END IF;
  part := decision -> 'decided_disputes';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.disputes d SET status = x.status, decided_at = x.decided_at, decided_by = x.decided_by, because = x.because, trace = x.trace
    FROM jsonb_to_recordset(part) AS x(dispute_id text, status text, decided_at timestamptz, decided_by text, because text, trace jsonb)
    WHERE d.tenant_id = t AND d.dispute_id = x.dispute_id AND d.status = 'open';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'dispute changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'holds';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.holds (tenant_id, hold_id, referral_id, organization_id, kind, cause, opened_at, opened_by)
    SELECT t, x.hold_id, x.referral_id, x.organization_id, x.kind, x.cause, x.opened_at, x.opened_by
    FROM jsonb_to_recordset(part) AS x(hold_id text, referral_id text, organization_id text, kind text, cause text, opened_at timestamptz,
      opened_by text);
  END IF;
  part := decision -> 'closed_holds';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.holds h SET closed_at = x.closed_at, closed_by = x.closed_by, closed_because = x.closed_because
    FROM jsonb_to_recordset(part) AS x(hold_id text, closed_at timestamptz, closed_by text, closed_because text)
    WHERE h.tenant_id = t AND h.hold_id = x.hold_id AND h.closed_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'hold changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  IF decision ?| ARRAY['holds', 'closed_holds'] THEN
    UPDATE frontdesk.referral_states s SET risk_holds = s.risk_holds + x.risk, dispute_holds = s.dispute_holds + x.dispute,
      other_holds = s.other_holds + x.other
    FROM (
      SELECT c.referral_id, (sum(c.by) FILTER (WHERE c.kind = 'risk')) AS risk, (sum(c.by) FILTER (WHERE c.kind = 'dispute')) AS dispute,
        (sum(c.by) FILTER (WHERE c.kind NOT IN ('risk', 'dispute'))) AS other
      FROM (
        SELECT o.referral_id, o.kind, 1 AS by FROM jsonb_to_recordset(coalesce(decision -> 'holds', '[]')) AS o(referral_id text, kind text)
        UNION ALL
        SELECT h.referral_id, h.kind, -1 FROM frontdesk.holds h
        JOIN jsonb_to_recordset(coalesce(decision -> 'closed_holds', '[]')) AS o(hold_id text) ON o.hold_id = h.hold_id
        WHERE h.tenant_id = t
      ) c GROUP BY c.referral_id ORDER BY c.referral_id
    ) y CROSS JOIN LATERAL (SELECT coalesce(y.risk, 0) AS risk, coalesce(y.dispute, 0) AS dispute, coalesce(y.other, 0) AS other) x
    WHERE s.tenant_id = t AND s.referral_id = y.referral_id;
  END IF;
  part := decision -> 'evidence';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.evidence (tenant_id, evidence_id, referral_id, organization_id, prospect_id, kind, source, occurred_at, entry_id, created_at)
    SELECT t, x.evidence_id, x.referral_id, x.organization_id, x.prospect_id, x.kind, x.source, x.occurred_at, x.entry_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(evidence_id text, referral_id text, organization_id text, prospect_id text, kind text, source text,
      occurred_at timestamptz, entry_id text, created_at timestamptz);
  END IF;
  part := decision -> 'evidenced';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.referral_states s SET evidenced_at = x.evidenced_at
    FROM jsonb_to_recordset(part) AS x(referral_id text, evidenced_at timestamptz, status text)
    -- The state that was seen says whether a place in the cap of declared referrals is freed by this or was freed by a step.
    WHERE s.tenant_id = t AND s.referral_id = x.referral_id AND s.evidenced_at IS NULL AND s.status = coalesce(x.status, s.status);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'referral changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'attributions';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.attributions (tenant_id, program_id, prospect_id, seq, referral_id, organization_id, rule, trace, dispute_id, entry_id,
      decided_at)
    SELECT t, x.program_id, x.prospect_id, x.seq, x.referral_id, x.organization_id, x.rule, x.trace, x.dispute_id, x.entry_id, x.decided_at
    FROM jsonb_to_recordset(part) AS x(program_id text, prospect_id text, seq int, referral_id text, organization_id text, rule text, trace jsonb,
      dispute_id text, entry_id text, decided_at timestamptz);
  END IF;
  part := decision -> 'referral_moves';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.referral_transitions (tenant_id, referral_id, seq, from_state, to_state, organization_id, because, actor, dispute_id,
      entry_id, at)
    SELECT t, x.referral_id, x.seq, x.from_state, x.to_state, x.organization_id, x.because, x.actor, x.dispute_id, x.entry_id, x.at
    FROM jsonb_to_recordset(part) AS x(referral_id text, seq int, from_state text, to_state text, organization_id text, because text, actor text,
      dispute_id text, entry_id text, at timestamptz) ORDER BY x.referral_id, x.seq;
    WITH last AS (
      SELECT DISTINCT ON (x.referral_id) x.referral_id, x.seq, x.to_state, x.at, x.evidenced,
        count(*) OVER (PARTITION BY x.referral_id)::int AS steps
      FROM jsonb_to_recordset(part) AS x(referral_id text, seq int, to_state text, at timestamptz, evidenced boolean)
      ORDER BY x.referral_id, x.seq DESC
    ), moved AS (
      UPDATE frontdesk.referral_states s SET status = l.to_state, seq = l.seq, changed_at = l.at FROM last l
      WHERE s.tenant_id = t AND s.referral_id = l.referral_id AND s.seq = l.seq - l.steps
        AND (s.evidenced_at IS NOT NULL) = coalesce(l.evidenced, s.evidenced_at IS NOT NULL) RETURNING s.referral_id
    )
    SELECT count(*) - (SELECT count(*) FROM last) INTO n FROM moved;
    IF n <> 0 THEN RAISE EXCEPTION 'referral changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
END
$$;
--> statement-breakpoint
-- The part of a decision that is money: rewards and their steps, fulfilments, entries with postings, balances last.
CREATE FUNCTION frontdesk.commit_money(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'rewards';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.rewards (tenant_id, reward_id, referral_id, organization_id, side, rule, occasion, kind, currency, amount_minor,
      program_id, program_version, terms_sha256, entry_id, created_at)
    SELECT t, x.reward_id, x.referral_id, x.organization_id, x.side, x.rule, x.occasion, x.kind, x.currency, x.amount_minor, x.program_id,
      x.program_version, x.terms_sha256, x.entry_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(reward_id text, referral_id text, organization_id text, side text, rule text, occasion text, kind text,
      currency text, amount_minor bigint, program_id text, program_version int, terms_sha256 text, entry_id text, created_at timestamptz);
    INSERT INTO frontdesk.reward_states (tenant_id, reward_id, referral_id, organization_id, status, seq, currency, accrued_minor, reversed_minor,
      netted_minor, available_at, changed_at)
    SELECT t, x.reward_id, x.referral_id, x.organization_id, 'accrued', 1, x.currency, x.amount_minor, 0, 0, x.available_at, x.created_at
    FROM jsonb_to_recordset(part) AS x(reward_id text, referral_id text, organization_id text, currency text, amount_minor bigint,
      available_at timestamptz, created_at timestamptz);
    PERFORM frontdesk.make_due(t, 'qualify', (SELECT min(x.available_at) FROM jsonb_to_recordset(part) AS x(available_at timestamptz)));
  END IF;
  part := decision -> 'reward_moves';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.reward_transitions (tenant_id, reward_id, seq, from_state, to_state, referral_id, organization_id, because, actor,
      entry_id, at)
    SELECT t, x.reward_id, x.seq, x.from_state, x.to_state, x.referral_id, x.organization_id, x.because, x.actor, x.entry_id, x.at
    FROM jsonb_to_recordset(part) AS x(reward_id text, seq int, from_state text, to_state text, referral_id text, organization_id text,
      because text, actor text, entry_id text, at timestamptz) ORDER BY x.reward_id, x.seq;
    WITH last AS (
      SELECT DISTINCT ON (x.reward_id) x.reward_id, x.seq, x.to_state, x.at, sum(coalesce(x.netted_minor, 0)) OVER w AS netted,
        count(*) OVER w::int AS steps
      FROM jsonb_to_recordset(part) AS x(reward_id text, seq int, to_state text, at timestamptz, netted_minor bigint)
      WINDOW w AS (PARTITION BY x.reward_id) ORDER BY x.reward_id, x.seq DESC
    ), moved AS (
      UPDATE frontdesk.reward_states s SET status = l.to_state, seq = l.seq, changed_at = l.at, netted_minor = s.netted_minor + l.netted
      FROM last l
      WHERE s.tenant_id = t AND s.reward_id = l.reward_id AND s.seq = l.seq - l.steps RETURNING s.reward_id
    )
    SELECT count(*) - (SELECT count(*) FROM last) INTO n FROM moved;
    IF n <> 0 THEN RAISE EXCEPTION 'reward changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'reductions';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.reward_states s SET reversed_minor = x.reversed_minor, changed_at = x.at
    FROM jsonb_to_recordset(part) AS x(reward_id text, reversed_before_minor bigint, reversed_minor bigint, at timestamptz)
    WHERE s.tenant_id = t AND s.reward_id = x.reward_id AND s.reversed_minor = x.reversed_before_minor;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'reward changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'fulfilments';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.fulfilments (tenant_id, fulfilment_id, reward_id, referral_id, organization_id, attempt, kind, currency, amount_minor,
      status, sent_at)
    SELECT t, x.fulfilment_id, x.reward_id, x.referral_id, x.organization_id, x.attempt, x.kind, x.currency, x.amount_minor, 'sent', x.sent_at
    FROM jsonb_to_recordset(part) AS x(fulfilment_id text, reward_id text, referral_id text, organization_id text, attempt int, kind text,
      currency text, amount_minor bigint, sent_at timestamptz);
  END IF;
  part := decision -> 'settled_fulfilments';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.fulfilments f SET status = x.status, reference = x.reference, settled_at = x.settled_at
    FROM jsonb_to_recordset(part) AS x(fulfilment_id text, status text, reference text, settled_at timestamptz)
    WHERE f.tenant_id = t AND f.fulfilment_id = x.fulfilment_id AND f.status = 'sent';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'fulfilment changed meanwhile' USING ERRCODE = 'FD001'; END IF;
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
-- The part of a decision that is work for later, and what came of earlier work.
CREATE FUNCTION frontdesk.commit_work(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'settled';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.outbox o SET state = part ->> 'state', due_at = coalesce((part ->> 'due_at')::timestamptz, o.due_at), leased_until = NULL,
      settled_at = CASE WHEN part ->> 'state' = 'done' THEN (part ->> 'at')::timestamptz END,
      last_error = part ->> 'error', last_status = (part ->> 'status')::int
    WHERE o.tenant_id = t AND o.effect_id = part ->> 'effect_id' AND o.lease = (part ->> 'lease')::int AND o.state = 'waiting'
      AND o.leased_until IS NOT NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'the lease was lost' USING ERRCODE = 'FD004'; END IF;
    IF part ->> 'destination' IS NOT NULL THEN
      IF part ->> 'state' = 'done' THEN
        DELETE FROM frontdesk.breakers b WHERE b.tenant_id = t AND b.destination = part ->> 'destination';
      ELSIF (part ->> 'counts')::boolean THEN
        INSERT INTO frontdesk.breakers AS b (tenant_id, destination, failures, open_until) VALUES (t, part ->> 'destination', 1, NULL)
        ON CONFLICT (tenant_id, destination) DO UPDATE SET failures = b.failures + 1,
          open_until = CASE WHEN b.failures + 1 >= (part ->> 'threshold')::int THEN (part ->> 'open_until')::timestamptz END;
      END IF;
    END IF;
    IF part ->> 'state' = 'waiting' THEN
      PERFORM frontdesk.make_due(t, 'drain', (part ->> 'due_at')::timestamptz);
    END IF;
  END IF;
  part := decision -> 'revived_effects';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.outbox o SET state = x.state, due_at = coalesce(x.due_at, o.due_at), attempts = 0, leased_until = NULL,
      settled_at = CASE WHEN x.state = 'discarded' THEN x.at END
    FROM jsonb_to_recordset(part) AS x(effect_id text, from_state text, state text, due_at timestamptz, at timestamptz)
    WHERE o.tenant_id = t AND o.effect_id = x.effect_id AND o.state = x.from_state;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'effect changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    PERFORM frontdesk.make_due(t, 'drain', x.due_at) FROM jsonb_to_recordset(part) AS x(due_at timestamptz) WHERE x.due_at IS NOT NULL;
  END IF;
  part := decision -> 'effects';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.outbox (tenant_id, effect_id, kind, aggregate, position, destination, organization_id, payload, attempts, due_at, created_at)
    SELECT t, x.effect_id, x.kind, x.aggregate, coalesce(x.position, 0), x.destination, x.organization_id, x.payload, 0, x.due_at, x.created_at
    FROM jsonb_to_recordset(part) AS x(effect_id text, kind text, aggregate text, position bigint, destination text, organization_id text,
      payload jsonb, due_at timestamptz, created_at timestamptz);
    PERFORM frontdesk.make_due(t, 'drain', (SELECT min(x.due_at) FROM jsonb_to_recordset(part) AS x(due_at timestamptz)));
  END IF;
  part := decision -> 'endpoints';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.webhook_endpoints (tenant_id, endpoint_id, organization_id, url, types, state, secret_version, created_at)
    SELECT t, x.endpoint_id, x.organization_id, x.url, ARRAY(SELECT jsonb_array_elements_text(x.types)), 'active', 1, x.created_at
    FROM jsonb_to_recordset(part) AS x(endpoint_id text, organization_id text, url text, types jsonb, created_at timestamptz);
  END IF;
  part := decision -> 'changed_endpoints';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.webhook_endpoints w SET url = x.url, types = ARRAY(SELECT jsonb_array_elements_text(x.types)), state = x.state,
      disabled_because = x.disabled_because, secret_version = x.secret_version, previous_until = x.previous_until, deleted_at = x.deleted_at
    FROM jsonb_to_recordset(part) AS x(endpoint_id text, from_state text, from_version int, url text, types jsonb, state text,
      disabled_because text, secret_version int, previous_until timestamptz, deleted_at timestamptz)
    WHERE w.tenant_id = t AND w.endpoint_id = x.endpoint_id AND w.state = x.from_state AND w.secret_version = x.from_version;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'endpoint changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'events';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.events (tenant_id, event_id, type, organization_id, subject_id, data, occurred_at, sequence)
    SELECT t, x.event_id, x.type, x.organization_id, x.subject_id, x.data, x.occurred_at, x.sequence
    FROM jsonb_to_recordset(part) AS x(event_id text, type text, organization_id text, subject_id text, data jsonb, occurred_at timestamptz,
      sequence bigint);
    PERFORM frontdesk.make_due(t, 'seal', (part #>> '{0,occurred_at}')::timestamptz);
  END IF;
  part := decision -> 'reports';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.reports (tenant_id, source, report_id, type, fingerprint, occurred_at, received_at, prospect_id, referral_id,
      workspace_id, token_id, visited_at, organization_id, stripe_customer, data)
    SELECT t, x.source, x.report_id, x.type, x.fingerprint, x.occurred_at, x.received_at, x.prospect_id, x.referral_id, x.workspace_id, x.token_id,
      x.visited_at, x.organization_id, x.stripe_customer, x.data
    FROM jsonb_to_recordset(part) AS x(source text, report_id text, type text, fingerprint text, occurred_at timestamptz,
      received_at timestamptz, prospect_id text, referral_id text, workspace_id text, token_id text, visited_at timestamptz,
      organization_id text, stripe_customer text, data jsonb);
  END IF;
  part := decision -> 'customers';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.customers (tenant_id, stripe_customer, prospect_id, linked_at)
    SELECT t, x.stripe_customer, x.prospect_id, x.linked_at
    FROM jsonb_to_recordset(part) AS x(stripe_customer text, prospect_id text, linked_at timestamptz);
  END IF;
  part := decision -> 'audits';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.audits (tenant_id, audit_id, ran_at, ok, checks, findings)
    SELECT t, x.audit_id, x.ran_at, x.ok, x.checks, x.findings
    FROM jsonb_to_recordset(part) AS x(audit_id text, ran_at timestamptz, ok boolean, checks int, findings jsonb);
  END IF;
  part := decision -> 'key_states';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.signing_keys k SET state = x.state FROM jsonb_to_recordset(part) AS x(kid text, state text)
    WHERE k.tenant_id = t AND k.kid = x.kid;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'key changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'revoked_token';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.referral_tokens k SET revoked_at = (part ->> 'at')::timestamptz
    WHERE k.tenant_id = t AND k.token_id = part ->> 'token_id' AND k.revoked_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'token changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'due';
  IF part IS NOT NULL THEN
    PERFORM frontdesk.make_due(t, x.kind, x.at) FROM jsonb_to_recordset(part) AS x(kind text, at timestamptz);
  END IF;
END
$$;
--> statement-breakpoint
-- What a sealer found out: a block with its leaves and tree nodes, and the places of events in the stream.
CREATE FUNCTION frontdesk.commit_seal(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'block';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.blocks (tenant_id, number, previous, hash, root, leaf_count, leaves_total, header, tree_root, frontier, signed_note,
      sealed_at, sealed_below, restored_from)
    VALUES (t, (part ->> 'number')::int, decode(part ->> 'previous', 'hex'), decode(part ->> 'hash', 'hex'), decode(part ->> 'root', 'hex'),
      jsonb_array_length(part -> 'leaves'), (part ->> 'leaves_total')::bigint, part ->> 'header', decode(part ->> 'tree_root', 'hex'),
      decode(part ->> 'frontier', 'hex'), part ->> 'signed_note', (part ->> 'sealed_at')::timestamptz, (part ->> 'sealed_below')::xid8,
      (part ->> 'restored_from')::xid8);
    INSERT INTO frontdesk.leaves (tenant_id, block, "index", leaf, event_id)
    SELECT t, (part ->> 'number')::int, x.ordinality - 1, decode(x.entry ->> 'leaf', 'hex'), x.entry ->> 'event_id'
    FROM jsonb_array_elements(part -> 'leaves') WITH ORDINALITY AS x(entry, ordinality);
    INSERT INTO frontdesk.tree_nodes (tenant_id, level, "index", hash)
    SELECT t, x.level, x."index", decode(x.hash, 'hex') FROM jsonb_to_recordset(part -> 'nodes') AS x(level int, "index" bigint, hash text);
  END IF;
  part := decision -> 'sequenced';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.events e SET sequence = x.sequence FROM jsonb_to_recordset(part) AS x(event_id text, sequence bigint)
    WHERE e.tenant_id = t AND e.event_id = x.event_id AND e.sequence IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'event changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
END
$$;
--> statement-breakpoint
-- The only writer. One decision, one statement: every part is there or none. Unique violations, FD001 and deadlocks mean "reload and
-- decide again"; a counter's CHECK means a quota. Counters come last: they are the rows most writers share.
CREATE OR REPLACE FUNCTION frontdesk.commit(decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  part jsonb;
  n int;
BEGIN
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
    INSERT INTO frontdesk.organizations (tenant_id, organization_id, name, domain, tier, created_at)
    SELECT t, x.organization_id, x.name, x.domain, x.tier, x.created_at
    FROM jsonb_to_recordset(part) AS x(organization_id text, name text, domain text, tier text, created_at timestamptz);
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
      AND w.status = 'active';
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
  IF decision ?| ARRAY['rewards', 'reward_moves', 'reductions', 'fulfilments', 'settled_fulfilments', 'entries'] THEN
    PERFORM frontdesk.commit_money(t, decision);
  END IF;
  IF decision ?| ARRAY['effects', 'settled', 'revived_effects', 'endpoints', 'changed_endpoints', 'events', 'reports', 'customers', 'audits',
    'due', 'key_states', 'revoked_token'] THEN
    PERFORM frontdesk.commit_work(t, decision);
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
-- Time passing: ends workspaces whose time is over, frees what they used, and forgets what is kept only for a while.
-- Bounded by `batch` rows a call; returns what it did, and `more` when another call has something to do.
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
  DELETE FROM frontdesk.limits l WHERE l.tenant_id = t AND l.tat < at - interval '1 day';
  -- A workspace that is committed at this very moment is not seen here, and found the old date early enough: it waits an hour at most.
  SELECT least(coalesce(min(w.expires_at), at + interval '1 hour'), at + interval '1 hour') INTO next
    FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.status = 'active';
  UPDATE frontdesk.due_work d SET at = next WHERE d.tenant_id = t AND d.kind = 'expire';
  RETURN jsonb_build_object('expired', cardinality(ended), 'swept', swept, 'forgotten', forgotten, 'more', next <= at OR swept = batch);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.make_due(text, text, timestamptz), frontdesk.commit_judgement(text, jsonb),
  frontdesk.commit_money(text, jsonb), frontdesk.commit_work(text, jsonb), frontdesk.commit_seal(text, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.make_due(text, text, timestamptz), frontdesk.commit_judgement(text, jsonb),
  frontdesk.commit_money(text, jsonb), frontdesk.commit_work(text, jsonb), frontdesk.commit_seal(text, jsonb) TO frontdesk_writer;
--> statement-breakpoint
-- Forgets a prospect: what people wrote about it, the salts that blind it in leaves, and the hash by which its domain would be recognised.
-- What happened stays, as ids, amounts and times; every leaf still verifies. Answers that are kept for retries go as well.
CREATE FUNCTION frontdesk.erase(prospect text) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  referrals text[];
  workspaces text[];
  forgotten int;
  emptied int;
  n int;
BEGIN
  SELECT coalesce(array_agg(s.referral_id), '{}') INTO referrals FROM frontdesk.referral_states s WHERE s.tenant_id = t AND s.prospect_id = prospect;
  SELECT coalesce(array_agg(w.workspace_id), '{}') INTO workspaces FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.prospect_id = prospect;
  DELETE FROM frontdesk.particulars p WHERE p.tenant_id = t AND p.subject_id = ANY (referrals || workspaces || prospect);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  UPDATE frontdesk.workspaces w SET untrusted = '{}' WHERE w.tenant_id = t AND w.workspace_id = ANY (workspaces);
  GET DIAGNOSTICS emptied = ROW_COUNT;
  UPDATE frontdesk.reports r SET data = '{}' WHERE r.tenant_id = t AND r.prospect_id = prospect;
  GET DIAGNOSTICS n = ROW_COUNT;
  emptied := emptied + n;
  UPDATE frontdesk.dispute_evidence e SET content = e.content - 'text' - 'salt' FROM frontdesk.disputes d
  WHERE e.tenant_id = t AND d.tenant_id = t AND d.dispute_id = e.dispute_id AND d.prospect_id = prospect;
  GET DIAGNOSTICS n = ROW_COUNT;
  emptied := emptied + n;
  DELETE FROM frontdesk.idempotency i WHERE i.tenant_id = t AND i.subject_id = ANY (referrals || workspaces);
  -- Random, and no longer of any domain: should the company come again, it is a stranger.
  UPDATE frontdesk.prospects p SET fingerprint = sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
  WHERE p.tenant_id = t AND p.prospect_id = prospect;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n <> 1 THEN RAISE EXCEPTION 'prospect changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  RETURN jsonb_build_object('forgotten', forgotten, 'emptied', emptied);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.erase(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.erase(text) TO frontdesk_writer;
--> statement-breakpoint
-- An earlier answer about a webhook endpoint shows its secret again only while that is the current one.
GRANT CREATE ON SCHEMA frontdesk TO frontdesk_writer;
--> statement-breakpoint
SET LOCAL ROLE frontdesk_writer;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.enter(call jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text;
  rev int;
  policies jsonb;
  at timestamptz := (call ->> 'at')::timestamptz;
  secret bytea := decode(call #>> '{credential,hash}', 'hex');
  who jsonb;
  policy_name text;
  bucket_name text;
  earlier jsonb;
  charged jsonb;
BEGIN
  SELECT h.tenant_id INTO t FROM frontdesk.tenant_hosts h WHERE h.host = call ->> 'host';
  IF t IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('frontdesk.tenant', t, true);
  SELECT s.revision, s.limits INTO rev, policies FROM frontdesk.tenants s WHERE s.tenant_id = t;

  CASE call #>> '{credential,kind}'
    WHEN 'none' THEN
      who := jsonb_build_object('kind', 'anonymous', 'id', call ->> 'address', 'tier', 'anonymous', 'scopes', '[]'::jsonb);
      policy_name := 'anonymous';
      bucket_name := call ->> 'network';
    WHEN 'api_key' THEN
      SELECT jsonb_build_object('kind', CASE WHEN k.organization_id IS NULL THEN 'backend' ELSE 'agent' END,
          'id', coalesce(k.organization_id, k.key_id), 'key_id', k.key_id, 'organization_id', k.organization_id, 'agent_id', k.agent_id,
          'scopes', to_jsonb(k.scopes), 'tier', coalesce(o.tier, 'attested'), 'domain', o.domain)
        INTO who
        FROM frontdesk.api_keys k
        LEFT JOIN frontdesk.organizations o ON o.tenant_id = k.tenant_id AND o.organization_id = k.organization_id
        WHERE k.tenant_id = t AND k.secret_hash = secret AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at);
      policy_name := 'api_key';
      bucket_name := 'key:' || (who ->> 'key_id');
      IF who ->> 'kind' = 'backend' THEN
        PERFORM set_config('frontdesk.reach', 'tenant', true);
      ELSIF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'organizations', true), set_config('frontdesk.organizations', who ->> 'organization_id', true);
      END IF;
    WHEN 'workspace_key' THEN
      SELECT jsonb_build_object('kind', 'workspace', 'id', s.workspace_id, 'workspace_id', s.workspace_id, 'organization_id', s.organization_id,
          'scopes', '["workspaces:read", "workspaces:write"]'::jsonb, 'tier', 'anonymous')
        INTO who FROM frontdesk.workspaces s WHERE s.tenant_id = t AND s.key_hash = secret;
      policy_name := 'workspace';
      bucket_name := 'ws:' || (who ->> 'workspace_id');
      IF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'workspace', true), set_config('frontdesk.workspace', who ->> 'workspace_id', true);
      END IF;
    WHEN 'claim_token' THEN
      SELECT jsonb_build_object('kind', 'claimant', 'id', s.workspace_id, 'workspace_id', s.workspace_id,
          'scopes', '["workspaces:claim"]'::jsonb, 'tier', 'anonymous')
        INTO who FROM frontdesk.workspaces s WHERE s.tenant_id = t AND s.claim_hash = secret;
      IF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'workspace', true), set_config('frontdesk.workspace', who ->> 'workspace_id', true);
      END IF;
    ELSE NULL;
  END CASE;
  IF who IS NULL THEN
    RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', NULL);
  END IF;

  IF call ? 'key' THEN
    SELECT jsonb_build_object('fingerprint', i.fingerprint, 'result', i.result, 'committed_at', i.committed_at, 'workspace',
        (SELECT jsonb_build_object('key_version', w.key_version, 'claim_version', w.claim_version,
            'status', CASE WHEN w.status = 'active' AND w.expires_at <= at THEN 'expired' ELSE w.status END)
          FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.workspace_id = i.subject_id), 'endpoint',
        (SELECT jsonb_build_object('secret_version', e.secret_version, 'state', e.state)
          FROM frontdesk.webhook_endpoints e WHERE e.tenant_id = t AND e.endpoint_id = i.subject_id))
      INTO earlier
      FROM frontdesk.idempotency i
      WHERE i.tenant_id = t AND i.principal = who ->> 'id' AND i.operation = call ->> 'operation' AND i.key = call ->> 'key';
  END IF;
  IF earlier IS NULL AND (policies ? policy_name) AND (call ->> 'charged')::boolean THEN
    charged := frontdesk.charge(bucket_name, policies -> policy_name, at);
  END IF;
  RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', who, 'limit', charged, 'earlier', earlier);
END
$$;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA frontdesk FROM frontdesk_writer;
