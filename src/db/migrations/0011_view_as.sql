-- An operator may look at the ledger as a partner, channel manager or auditor would see it, and an open page keeps nobody signed in.
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
  -- The API key that it calls with, or that its token was got with.
  key_id text;
  network text := call ->> 'network';
  -- What the call counts against; see charge_all.
  buckets jsonb := '[]';
  earlier jsonb;
  charged jsonb;
  one jsonb;
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
      IF call ? 'open' THEN
        buckets := jsonb_build_array(jsonb_build_object('name', call ->> 'open', 'bucket', (call ->> 'open') || ':' || network,
          'policy', coalesce(policies -> (call ->> 'open'), policies -> 'anonymous')));
      ELSE
        buckets := jsonb_build_array(jsonb_build_object('name', 'anonymous', 'bucket', network, 'policy', policies -> 'anonymous'));
        -- Whoever solved a challenge is not kept out by what everybody else does.
        IF NOT call ? 'spend' OR NOT call -> 'spend' @> '[{"kind": "challenge"}]' THEN
          buckets := buckets || jsonb_build_object('name', 'strangers', 'bucket', 'strangers', 'policy', policies -> 'strangers');
        END IF;
      END IF;
    WHEN 'api_key' THEN
      SELECT jsonb_build_object('kind', CASE WHEN k.organization_id IS NULL THEN 'backend' ELSE 'agent' END,
          'id', coalesce(k.organization_id, k.key_id), 'key_id', k.key_id, 'organization_id', k.organization_id, 'agent_id', k.agent_id,
          'scopes', to_jsonb(k.scopes), 'tier', coalesce(o.tier, 'attested'), 'domain', o.domain,
          'epoch', (SELECT a.epoch FROM frontdesk.agents a WHERE a.tenant_id = t AND a.agent_id = k.agent_id))
        INTO who
        FROM frontdesk.api_keys k
        LEFT JOIN frontdesk.organizations o ON o.tenant_id = k.tenant_id AND o.organization_id = k.organization_id
        WHERE k.tenant_id = t AND k.secret_hash = secret AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at);
      key_id := who ->> 'key_id';
      IF who ->> 'kind' = 'backend' THEN
        PERFORM set_config('frontdesk.reach', 'tenant', true);
      ELSIF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'organizations', true), set_config('frontdesk.organizations', who ->> 'organization_id', true);
      END IF;
    WHEN 'access_token', 'agent' THEN
      SELECT jsonb_build_object('kind', 'agent', 'id', coalesce(a.organization_id, a.agent_id), 'organization_id', a.organization_id,
          'agent_id', a.agent_id, 'epoch', a.epoch, 'scopes', coalesce(call #> '{credential,scopes}', '[]'::jsonb), 'by_token', true,
          'tier', CASE WHEN a.kind = 'anonymous' THEN 'anonymous' ELSE o.tier END, 'domain', o.domain)
        INTO who
        FROM frontdesk.agents a
        JOIN frontdesk.organizations o ON o.tenant_id = a.tenant_id AND o.organization_id = a.organization_id
        WHERE a.tenant_id = t AND a.agent_id = call #>> '{credential,agent_id}' AND a.status = 'active'
          AND (a.epoch = (call #>> '{credential,epoch}')::int OR call #>> '{credential,kind}' = 'agent')
          AND (call #>> '{credential,key_id}' IS NULL OR EXISTS (SELECT FROM frontdesk.api_keys k
            WHERE k.tenant_id = t AND k.key_id = call #>> '{credential,key_id}' AND k.revoked_at IS NULL
              AND (k.expires_at IS NULL OR k.expires_at > at)));
      IF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'organizations', true), set_config('frontdesk.organizations', who ->> 'organization_id', true);
        key_id := call #>> '{credential,key_id}';
      END IF;
    WHEN 'session' THEN
      SELECT jsonb_build_object('kind', 'person', 'id', p.person_id, 'person_id', p.person_id, 'role', p.role, 'scopes', '[]'::jsonb,
          'tier', 'attested', 'stepped_up_at', s.stepped_up_at, 'seen_at', s.seen_at,
          'organization_ids', (SELECT coalesce(jsonb_agg(m.organization_id ORDER BY m.granted_at, m.organization_id), '[]'::jsonb)
            FROM frontdesk.memberships m WHERE m.tenant_id = t AND m.person_id = p.person_id))
        INTO who
        FROM frontdesk.sessions s JOIN frontdesk.people p ON p.tenant_id = s.tenant_id AND p.person_id = s.person_id
        WHERE s.tenant_id = t AND s.session_hash = secret AND s.ended_at IS NULL AND s.expires_at > at AND s.seen_at > at - interval '1 hour'
          AND p.state = 'active';
      -- An operator may look as somebody else would: it then reaches less, and proved presence for nothing.
      IF who ->> 'role' = 'operator' AND call #>> '{credential,view_as,role}' IN ('channel_manager', 'partner', 'auditor') THEN
        who := who || jsonb_build_object('viewing', true, 'role', call #>> '{credential,view_as,role}', 'stepped_up_at', NULL, 'organization_ids',
          CASE WHEN call #>> '{credential,view_as,organization_id}' IS NULL THEN '[]'::jsonb
            ELSE jsonb_build_array(call #> '{credential,view_as,organization_id}') END);
      END IF;
      IF who IS NOT NULL THEN
        IF who ->> 'role' = 'partner' THEN
          who := who || coalesce((SELECT jsonb_build_object('organization_id', o.organization_id, 'domain', o.domain, 'tier', o.tier)
            FROM frontdesk.organizations o WHERE o.tenant_id = t AND o.organization_id = who #>> '{organization_ids,0}'), '{}'::jsonb);
        END IF;
      END IF;
      IF who IS NOT NULL THEN
        -- What a page asks by itself while nobody uses it keeps nobody signed in.
        IF (who ->> 'seen_at')::timestamptz < at - interval '1 minute' AND call #>> '{credential,passive}' IS NULL THEN
          UPDATE frontdesk.sessions s SET seen_at = at WHERE s.tenant_id = t AND s.session_hash = secret;
        END IF;
        IF who ->> 'role' IN ('operator', 'auditor') THEN
          PERFORM set_config('frontdesk.reach', 'tenant', true);
        ELSE
          PERFORM set_config('frontdesk.reach', 'organizations', true),
            set_config('frontdesk.organizations', (SELECT coalesce(string_agg(o, ','), '') FROM jsonb_array_elements_text(who -> 'organization_ids') o), true);
        END IF;
        buckets := jsonb_build_array(jsonb_build_object('name', 'person', 'bucket', 'psn:' || (who ->> 'person_id'),
          'policy', coalesce(policies -> 'person', policies -> 'api_key')));
      END IF;
    WHEN 'workspace_key' THEN
      SELECT jsonb_build_object('kind', 'workspace', 'id', s.workspace_id, 'workspace_id', s.workspace_id, 'organization_id', s.organization_id,
          'scopes', '["workspaces:read", "workspaces:write"]'::jsonb, 'tier', 'anonymous')
        INTO who FROM frontdesk.workspaces s WHERE s.tenant_id = t AND s.key_hash = secret;
      buckets := jsonb_build_array(jsonb_build_object('name', 'workspace', 'bucket', 'ws:' || (who ->> 'workspace_id'),
        'policy', policies -> 'workspace'));
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
  PERFORM set_config('frontdesk.agent', coalesce(who ->> 'agent_id', ''), true);
  IF who IS NULL THEN
    RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', NULL);
  END IF;
  IF call #>> '{credential,kind}' IN ('api_key', 'access_token', 'agent') THEN
    CASE
      -- A token counts as the key that it was got with: changing one for the other gains nothing. A newcomer could make its keys itself: those
      -- that an operator gave have a domain, which the operator named, or no agent.
      WHEN key_id IS NOT NULL
        AND (who ->> 'tier' NOT IN ('anonymous', 'key_bound') OR who ->> 'domain' IS NOT NULL OR who ->> 'agent_id' IS NULL) THEN
        buckets := jsonb_build_array(jsonb_build_object('name', 'api_key', 'bucket', 'key:' || key_id, 'policy', policies -> 'api_key'));
      -- What a caller can make up by itself counts where the caller cannot choose: at its network.
      WHEN who ->> 'tier' = 'anonymous' THEN
        buckets := jsonb_build_array(jsonb_build_object('name', 'anonymous', 'bucket', network, 'policy', policies -> 'anonymous'));
      WHEN who ->> 'tier' = 'key_bound' THEN
        buckets := jsonb_build_array(
          jsonb_build_object('name', 'key_bound', 'bucket', 'agt:' || (who ->> 'agent_id'), 'policy', policies -> 'key_bound'),
          jsonb_build_object('name', 'newcomers', 'bucket', 'new:' || network, 'policy', coalesce(policies -> 'newcomers', policies -> 'anonymous')));
      ELSE
        buckets := jsonb_build_array(
          jsonb_build_object('name', 'agent', 'bucket', 'agt:' || (who ->> 'agent_id'), 'policy', coalesce(policies -> 'agent', policies -> 'api_key')),
          jsonb_build_object('name', 'organization', 'bucket', 'org:' || (who ->> 'organization_id'), 'policy', policies -> 'organization'));
    END CASE;
    -- So does what few calls of it already do harm.
    IF call ? 'open' AND buckets #>> '{0,name}' IN ('anonymous', 'key_bound') THEN
      buckets := buckets || jsonb_build_object('name', call ->> 'open', 'bucket', (call ->> 'open') || ':' || network,
        'policy', coalesce(policies -> (call ->> 'open'), policies -> 'anonymous'));
    END IF;
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
  IF (call ->> 'charged')::boolean THEN
    IF earlier IS NULL THEN
      -- Most callers hold a key, which is counted by itself: they do not pay for what strangers need.
      charged := CASE WHEN jsonb_array_length(buckets) <> 1 THEN frontdesk.charge_all(buckets, at)
        WHEN jsonb_typeof(buckets #> '{0,policy}') = 'object'
          THEN frontdesk.charge(buckets #>> '{0,bucket}', buckets #> '{0,policy}', at) || jsonb_build_object('name', buckets #> '{0,name}') END;
    END IF;
    -- A nonce is used up by the call that gets in with it, and by no call that is sent away. Whoever repeats a call solves nothing again, but
    -- proves again who it is: the earlier answer may show a secret.
    IF call ? 'spend' AND coalesce((charged ->> 'allowed')::boolean, true) THEN
      FOR one IN SELECT s FROM jsonb_array_elements(call -> 'spend') s
        WHERE earlier IS NULL OR s ->> 'kind' <> 'challenge' ORDER BY s ->> 'kind', s ->> 'digest' COLLATE "C"
      LOOP
        INSERT INTO frontdesk.spent (tenant_id, kind, digest, expires_at)
        VALUES (t, one ->> 'kind', one ->> 'digest', (one ->> 'expires_at')::timestamptz) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', who, 'limit', charged, 'respent', one ->> 'kind');
        END IF;
      END LOOP;
    END IF;
  END IF;
  RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', who, 'limit', charged, 'earlier', earlier);
END
$$;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA frontdesk FROM frontdesk_writer;
