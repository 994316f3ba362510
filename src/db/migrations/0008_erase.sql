GRANT UPDATE (fingerprint) ON frontdesk.prospects TO frontdesk_writer;
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
