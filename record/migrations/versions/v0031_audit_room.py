"""A proposal to destroy may be withdrawn; what auditors wrote of a child goes with its record; bundles read letters by a login of their own;
overdue actions come into the morning's digest, and can be told from forged ones; enquiries count for a draw however they began."""

from alembic import op

revision = "0031"
down_revision = "0029"

EMPTIED = ("audit_answers", "audit_actions")
"""Of these the words go with the record. Grades, owners and dates stay, by which audits are counted."""

STATEMENTS = (
    "ALTER TABLE retention_log DROP CONSTRAINT retention_log_kind_check",
    """
    ALTER TABLE retention_log ADD CONSTRAINT retention_log_kind_check CHECK (
        kind IN ('hold', 'hold_lifted', 'proposed', 'withdrawn', 'confirmed', 'destroyed', 'destroyed_again')
    )
    """,
    # A second signature, or a withdrawal, answers a proposal that stands, and no other.
    """
    CREATE FUNCTION proposal_stands() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        IF 'proposed' IS DISTINCT FROM (
            SELECT kind FROM retention_log WHERE child = NEW.child AND kind IN ('proposed', 'withdrawn') ORDER BY seq DESC LIMIT 1
        ) THEN
            RAISE EXCEPTION 'no proposal to destroy the record of % stands', NEW.child USING ERRCODE = 'SW006';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER answers_a_proposal BEFORE INSERT ON retention_log FOR EACH ROW
    WHEN (NEW.kind IN ('confirmed', 'withdrawn')) EXECUTE FUNCTION proposal_stands()
    """,
    "ALTER TABLE audit_actions ALTER COLUMN sealed DROP NOT NULL",
    "ALTER TABLE audit_actions_done ALTER COLUMN sealed DROP NOT NULL",
    """
    CREATE FUNCTION empty_audits() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        UPDATE audit_answers SET sealed = NULL WHERE child = NEW.child;
        UPDATE audit_actions_done d SET sealed = NULL FROM audit_actions a WHERE a.action = d.action AND a.child = NEW.child;
        UPDATE audit_actions SET sealed = NULL WHERE child = NEW.child;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER audits_are_emptied AFTER INSERT ON retention_log FOR EACH ROW
    WHEN (NEW.kind IN ('confirmed', 'destroyed_again')) EXECUTE FUNCTION empty_audits()
    """,
    *(
        f"CREATE TRIGGER nothing_more BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION nothing_more_of_destroyed()"
        for table in EMPTIED
    ),
    """
    CREATE FUNCTION nothing_more_of_its_child() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    BEGIN
        IF (SELECT is_destroyed(child) FROM audit_actions WHERE action = NEW.action) THEN
            RAISE EXCEPTION 'the record of the child of action % is destroyed', NEW.action USING ERRCODE = 'SW005';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER nothing_more BEFORE INSERT ON audit_actions_done FOR EACH ROW EXECUTE FUNCTION nothing_more_of_its_child()",
    "REVOKE EXECUTE ON FUNCTION proposal_stands, empty_audits, nothing_more_of_its_child FROM PUBLIC",
    # Enquiries under section 47 begin at a strategy discussion, or come with a record that is taken over: where each enquiry stands tells.
    """
    CREATE OR REPLACE FUNCTION audit_frame(p_as_of timestamptz, p_late_since timestamptz)
        RETURNS TABLE (child text, kinds text[], late bigint, moved jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = record, pg_temp AS $$
        SELECT t.child,
            array_agg(DISTINCT t.kind) || CASE WHEN bool_or(
                header @? '$.after.enquiries[*][1] ? (@ like_regex "^(section47|not_substantiated|conference|registered|not_registered)$")'
            ) THEN ARRAY['enquiries_started'] ELSE '{}' END,
            count(*) FILTER (WHERE t.kind = 'clock' AND t.cause ~ '[:]overdue$' AND t.happened_at >= p_late_since),
            coalesce(
                jsonb_agg(jsonb_build_object('at', t.happened_at, 'before', header #> '{before,registration}',
                    'after', header #> '{after,registration}') ORDER BY t.seq)
                FILTER (WHERE header #> '{before,registration}' <> header #> '{after,registration}'),
                '[]'
            )
        FROM timeline t
        LEFT JOIN LATERAL (SELECT convert_from(t.canonical, 'UTF8')::jsonb AS header WHERE t.kind NOT IN ('clock', 'watch')) AS read ON true
        WHERE t.recorded_at <= p_as_of GROUP BY t.child
    $$
    """,
    # What a bundle holds of letters, and nothing else of the record.
    "GRANT SELECT (id, authority, kind, recipient, at, state, language, message, message_key) ON letters TO siwrnai_exporter",
    "GRANT SELECT (child, authority, letter, about) ON letter_orders TO siwrnai_exporter",
    "GRANT SELECT (entry, authority, letter, at, state, detail) ON deliveries TO siwrnai_exporter",
    # The morning's digest says which actions are overdue, by id: no words.
    "GRANT SELECT (action, child, authority, owner, due) ON audit_actions TO siwrnai_journey",
    "GRANT SELECT (action, authority) ON audit_actions_done TO siwrnai_journey",
    # Whether what a digest said of an action was ever asked for.
    "GRANT SELECT (action, child, authority, due) ON audit_actions TO siwrnai_door",
    # Of the records that were destroyed before, the keys are gone; now the bytes go too. A row is there for its own authority alone.
    "SELECT set_config('siwrnai.authority', coalesce((SELECT authority FROM deployment), ''), true)",
    "UPDATE audit_actions_done d SET sealed = NULL FROM audit_actions a WHERE a.action = d.action AND is_destroyed(a.child)",
    *(f"UPDATE {table} SET sealed = NULL WHERE is_destroyed(child)" for table in EMPTIED),  # noqa: S608
    "SELECT set_config('siwrnai.authority', '', true)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
