-- Where sealing goes on. A row that a restore brought has an id of a transaction that means nothing here; it is told by its own xmin.
ALTER TABLE frontdesk.blocks ADD COLUMN sealed_below xid8 NOT NULL, ADD COLUMN restored_from xid8;
--> statement-breakpoint
ALTER TABLE frontdesk.leaves ADD COLUMN event_id text NOT NULL;
--> statement-breakpoint
-- What a sealer found out: a block with its leaves and tree nodes, and the places of events in the stream.
CREATE OR REPLACE FUNCTION frontdesk.commit_seal(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
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
