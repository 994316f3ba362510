-- The two runtime roles. Roles belong to the whole server, so a second database of the same server finds them there already.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'frontdesk_reader') THEN
    CREATE ROLE frontdesk_reader NOLOGIN NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'frontdesk_writer') THEN
    CREATE ROLE frontdesk_writer NOLOGIN NOBYPASSRLS;
  END IF;
END
$$;
--> statement-breakpoint
-- The migrating user may become either role (to hand functions over, and to run a small installation); it inherits nothing.
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'frontdesk_reader', 'SET') THEN
    GRANT frontdesk_reader TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
  END IF;
  IF NOT pg_has_role(current_user, 'frontdesk_writer', 'SET') THEN
    GRANT frontdesk_writer TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
  END IF;
END
$$;
