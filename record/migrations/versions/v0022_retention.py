"""When a record's time is over: holds, and destruction that two people sign. The database itself insists on both, and takes nothing back."""

from alembic import op

from record.migrations.protection import protected

revision = "0022"
down_revision = "0021"

OF_THE_CHILD = (
    "child_details",
    "family_members",
    "texts",
    "reports",
    "report_drafts",
    "outlines",
    "papers",
    "commands",
    "refusals",
    "clocks",
    "journeys",
)
"""What goes with the record, by child. The timeline stays, and nobody can open it."""

NO_MORE = (
    "timeline",
    "texts",
    "child_details",
    "family_members",
    "commands",
    "reports",
    "outlines",
    "papers",
    "journeys",
    "clocks",
    "letter_orders",
)
"""Into these nothing more of a destroyed child is written."""

STATEMENTS = (
    """
    CREATE TABLE retention_log (
        authority text NOT NULL,
        seq bigint NOT NULL CHECK (seq >= 1),
        child text NOT NULL REFERENCES children,
        kind text NOT NULL CHECK (kind IN ('hold', 'hold_lifted', 'proposed', 'confirmed', 'destroyed', 'destroyed_again')),
        actor text NOT NULL,
        recorded_at timestamptz NOT NULL,
        previous bytea NOT NULL,
        hash bytea NOT NULL,
        signature bytea NOT NULL,
        canonical bytea NOT NULL,
        sealed bytea,
        PRIMARY KEY (authority, seq)
    )
    """,
    "CREATE INDEX retention_of_child ON retention_log (child, seq)",
    "CREATE UNIQUE INDEX destroyed_once ON retention_log (child, kind) WHERE kind IN ('confirmed', 'destroyed', 'destroyed_again')",
    *protected("retention_log"),
    "REVOKE UPDATE, DELETE, TRUNCATE ON retention_log FROM siwrnai_owner",
    # A text that an entry links to is never purged by the door; it goes with the whole record alone.
    "DROP POLICY drafts_alone_are_purged ON texts",
    "CREATE POLICY drafts_alone_are_purged ON texts AS RESTRICTIVE FOR DELETE TO siwrnai_door USING (linked_by IS NULL)",
    """
    CREATE FUNCTION destroy_rows(p_child text, p_tables text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        gone text[];
        name text;
    BEGIN
        UPDATE letters l SET message = NULL, message_key = NULL
            WHERE EXISTS (SELECT FROM letter_orders o WHERE o.letter = l.id AND o.child = p_child);
        DELETE FROM letter_orders WHERE child = p_child;
        DELETE FROM held WHERE workflow = p_child;
        FOREACH name IN ARRAY p_tables LOOP
            EXECUTE format('DELETE FROM %I WHERE child = $1', name) USING p_child;
        END LOOP;
        -- A meeting goes with the last of the children whom it was about.
        SELECT coalesce(array_agg(m.meeting), '{}') INTO gone FROM meetings m WHERE p_child = ANY (m.children) AND NOT EXISTS (
            SELECT FROM unnest(m.children) AS c WHERE c <> p_child AND NOT is_destroyed(c)
        );
        DELETE FROM meeting_texts WHERE meeting = ANY (gone);
        UPDATE inbox SET sealed = NULL WHERE meeting = ANY (gone);
    END $$
    """,
    """
    CREATE FUNCTION is_destroyed(p_child text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = record, pg_temp AS $$
        SELECT EXISTS (SELECT FROM retention_log WHERE child = p_child AND kind IN ('confirmed', 'destroyed_again'))
    $$
    """,
    """
    CREATE FUNCTION on_hold(p_child text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = record, pg_temp AS $$
        SELECT coalesce((
            SELECT kind = 'hold' FROM retention_log WHERE child = p_child AND kind IN ('hold', 'hold_lifted') ORDER BY seq DESC LIMIT 1
        ), false)
    $$
    """,
    # Whatever stands in the way of destruction, one word each.
    """
    CREATE FUNCTION in_the_way(p_child text) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = record, pg_temp AS $$
        SELECT array_remove(ARRAY[
            CASE WHEN on_hold(p_child) THEN 'hold' END,
            CASE WHEN NOT EXISTS (SELECT FROM journeys WHERE child = p_child AND (closed OR ended IS NOT NULL)) THEN 'open' END,
            CASE WHEN EXISTS (
                SELECT FROM children c JOIN children s ON s.family = c.family AND s.child <> c.child JOIN journeys j ON j.child = s.child
                WHERE c.child = p_child AND NOT j.closed AND j.ended IS NULL
            ) THEN 'sibling' END,
            CASE WHEN EXISTS (
                SELECT FROM letter_orders o JOIN letters l ON l.id = o.letter
                WHERE o.child = p_child AND l.state IN ('waiting', 'deferred')
            ) THEN 'letter' END
        ], NULL)
    $$
    """,
    """
    CREATE FUNCTION append_retention(p_canonical bytea, p_hash bytea, p_signature bytea, p_sealed bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        mine text := current_setting('siwrnai.authority');
        header jsonb := convert_from(p_canonical, 'UTF8')::jsonb;
        who text := header ->> 'actor';
        what text := header ->> 'kind';
        whom text := header ->> 'child';
        live boolean := NOT virtual FROM deployment;
        last retention_log%ROWTYPE;
        head heads%ROWTYPE;
        first retention_log%ROWTYPE;
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('siwrnai retention ' || mine));
        SELECT * INTO last FROM retention_log WHERE authority = mine ORDER BY seq DESC LIMIT 1;
        SELECT * INTO head FROM heads WHERE child = whom FOR UPDATE;
        IF head.child IS NULL OR header ->> 'authority' IS DISTINCT FROM mine THEN
            RAISE EXCEPTION 'child % has no timeline here', whom USING ERRCODE = 'SW001';
        END IF;
        IF (header ->> 'seq')::bigint IS DISTINCT FROM coalesce(last.seq, 0) + 1 THEN
            RAISE EXCEPTION 'entry % of the log does not follow', header ->> 'seq' USING ERRCODE = 'SW002';
        END IF;
        last.hash := coalesce(last.hash, sha256(convert_to(mine, 'UTF8')));
        IF header ->> 'previous' IS DISTINCT FROM encode(last.hash, 'hex') OR p_hash IS DISTINCT FROM sha256(last.hash || p_canonical) THEN
            RAISE EXCEPTION 'entry % of the log does not chain', header ->> 'seq' USING ERRCODE = 'SW003';
        END IF;
        IF live AND abs(extract(epoch FROM (header ->> 'recorded_at')::timestamptz - clock_timestamp())) > 10 THEN
            RAISE EXCEPTION 'entry % of the log is not of now', header ->> 'seq' USING ERRCODE = 'SW004';
        END IF;
        IF what <> 'destroyed' AND is_destroyed(whom) THEN
            RAISE EXCEPTION 'the record of % is destroyed', whom USING ERRCODE = 'SW005';
        END IF;
        IF what IN ('proposed', 'confirmed') AND in_the_way(whom) <> '{}' THEN
            RAISE EXCEPTION 'the record of % is still needed', whom USING ERRCODE = 'SW006';
        END IF;
        IF what = 'confirmed' THEN
            SELECT * INTO first FROM retention_log WHERE child = whom AND kind = 'proposed' ORDER BY seq DESC LIMIT 1;
            IF first.actor IS NULL OR first.actor = who OR first.actor IS DISTINCT FROM header ->> 'proposed_by'
                OR convert_from(first.canonical, 'UTF8')::jsonb ->> 'head' IS DISTINCT FROM head.seq::text THEN
                RAISE EXCEPTION 'two people sign the destruction of %, of the record as it stands', whom USING ERRCODE = 'SW006';
            END IF;
        END IF;
        IF what = 'destroyed' AND NOT is_destroyed(whom) THEN
            RAISE EXCEPTION 'nobody confirmed the destruction of %', whom USING ERRCODE = 'SW006';
        END IF;
        -- A backup of before is destroyed again as it is brought back, by whoever may do everything, and by nobody else.
        IF what = 'destroyed_again' AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
            RAISE EXCEPTION 'not for %', session_user USING ERRCODE = '42501';
        END IF;
        INSERT INTO retention_log VALUES (
            mine, coalesce(last.seq, 0) + 1, whom, what, who, (header ->> 'recorded_at')::timestamptz,
            last.hash, p_hash, p_signature, p_canonical, p_sealed
        );
        IF what IN ('confirmed', 'destroyed_again') THEN
            PERFORM destroy_rows(whom, ARRAY[TABLES]);
        END IF;
        RETURN coalesce(last.seq, 0) + 1;
    END $$
    """.replace("TABLES", ", ".join(f"'{table}'" for table in OF_THE_CHILD)),
    """
    CREATE FUNCTION nothing_more_of_destroyed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        IF is_destroyed(NEW.child) THEN
            RAISE EXCEPTION 'the record of % is destroyed', NEW.child USING ERRCODE = 'SW005';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        f"CREATE TRIGGER nothing_more BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION nothing_more_of_destroyed()"
        for table in NO_MORE
    ),
    "REVOKE EXECUTE ON FUNCTION destroy_rows, is_destroyed, on_hold, in_the_way, append_retention, nothing_more_of_destroyed FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION append_retention, in_the_way TO siwrnai_custodian",
    "GRANT SELECT ON deployment, retention_log TO siwrnai_custodian",
    # What else goes with the last child of a meeting: the meeting's own key.
    "GRANT SELECT (meeting, authority, children) ON meetings TO siwrnai_custodian",
    "GRANT SELECT (child, authority, family) ON children TO siwrnai_custodian",
    "GRANT SELECT (child, authority, seq, hash) ON heads TO siwrnai_custodian",
    "GRANT SELECT ON retention_log TO siwrnai_auditor, siwrnai_door",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
