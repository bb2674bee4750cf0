"""The outbox: letters, the orders gathered in each, and what became of every try."""

from alembic import op

from record.migrations.protection import protected

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
    CREATE TABLE letters (
        id text PRIMARY KEY,
        authority text NOT NULL,
        team text,
        family text,
        recipient text NOT NULL,
        kind text NOT NULL,
        urgent boolean NOT NULL,
        at timestamptz NOT NULL,
        gather text NOT NULL UNIQUE,
        state text NOT NULL DEFAULT 'waiting',
        message bytea,
        message_key text,
        attempts integer NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        claimed_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX letters_to_send ON letters (next_try_at) WHERE state IN ('waiting', 'deferred')",
    """
    CREATE TABLE letter_orders (
        child text NOT NULL REFERENCES children,
        cause text NOT NULL,
        authority text NOT NULL,
        team text NOT NULL,
        letter text REFERENCES letters,
        put_off boolean NOT NULL DEFAULT false,
        kind text NOT NULL,
        recipient text NOT NULL,
        at timestamptz NOT NULL,
        urgent boolean NOT NULL,
        about text NOT NULL,
        instance text,
        due timestamptz,
        content jsonb NOT NULL,
        told_at timestamptz,
        PRIMARY KEY (child, cause)
    )
    """,
    "CREATE INDEX letter_orders_of_letter ON letter_orders (letter)",
    "CREATE INDEX letter_orders_put_off ON letter_orders (recipient) WHERE letter IS NULL",
    """
    CREATE TABLE deliveries (
        entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        letter text NOT NULL REFERENCES letters,
        authority text NOT NULL,
        team text,
        recipient text NOT NULL,
        state text NOT NULL,
        detail text NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    "CREATE INDEX deliveries_of_letter ON deliveries (letter, entry)",
    "CREATE INDEX deliveries_refused ON deliveries (recipient, at) WHERE state = 'refused'",
    *protected("letters", "letter_orders", "deliveries"),
    # A letter that a sender has claimed takes no more orders: it may be on paper already.
    """
    CREATE FUNCTION order_letters(p_child text, p_family text, p_team text, p_orders jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = record, pg_temp AS $$
    DECLARE
        mine text := current_setting('siwrnai.authority');
        asked record;
        its_letter text;
        open boolean;
    BEGIN
        FOR asked IN
            SELECT o.*, day_letter, concat_ws('|', mine, p_family, o.recipient, CASE
                    WHEN day_letter THEN 'day|' || (o.at AT TIME ZONE 'Europe/London')::date
                    ELSE concat_ws('|', o.kind, o.about, extract(epoch FROM
                        coalesce((o.content ->> 'happened_at')::timestamptz, o.due, o.at)))
                END) AS gather,
                'L' || left(encode(sha256(convert_to(p_child || '|' || o.cause, 'UTF8')), 'hex'), 31) AS id
            FROM jsonb_to_recordset(p_orders) AS o (
                cause text, kind text, recipient text, at timestamptz, urgent boolean, about text, instance text,
                due timestamptz, content jsonb
            ), LATERAL (SELECT o.kind IN ('reminder', 'alert') AND NOT o.urgent AS day_letter) AS rule
            WHERE NOT EXISTS (SELECT FROM letter_orders l WHERE l.child = p_child AND l.cause = o.cause)
            ORDER BY gather, o.cause
        LOOP
            INSERT INTO letters (id, authority, team, family, recipient, kind, urgent, at, gather)
            VALUES (asked.id, mine, p_team, p_family, asked.recipient, asked.kind, asked.urgent, asked.at, asked.gather)
            ON CONFLICT (gather) DO UPDATE SET kind = CASE
                WHEN letters.claimed_until IS NULL AND excluded.kind = 'alert' THEN 'alert' ELSE letters.kind END
            RETURNING letters.id, letters.claimed_until IS NULL AND letters.state = 'waiting' INTO its_letter, open;
            IF NOT open AND asked.day_letter THEN
                its_letter := NULL;
            ELSIF NOT open THEN
                INSERT INTO letters (id, authority, team, family, recipient, kind, urgent, at, gather)
                VALUES (
                    asked.id, mine, p_team, p_family, asked.recipient, asked.kind, asked.urgent, asked.at,
                    asked.gather || '|' || asked.id
                ) RETURNING id INTO its_letter;
            END IF;
            INSERT INTO letter_orders (
                child, cause, authority, team, letter, put_off, kind, recipient, at, urgent, about, instance, due, content
            ) VALUES (
                p_child, asked.cause, mine, p_team, its_letter, its_letter IS NULL, asked.kind, asked.recipient, asked.at,
                asked.urgent, asked.about, asked.instance, asked.due, asked.content
            );
        END LOOP;
    END $$
    """,
    # An order stands while its timescale still runs towards the same due date; what tells of an event always stands.
    """
    CREATE VIEW standing_orders WITH (security_invoker = true) AS
    SELECT o.* FROM letter_orders o LEFT JOIN clocks c ON c.child = o.child AND c.instance = o.instance
    LEFT JOIN journeys j ON j.child = o.child
    WHERE (o.kind IN ('notice', 'correction') OR c.child IS NULL OR c.running AND c.due = o.due)
        AND NOT coalesce(o.recipient = ANY (j.shut_out), false)
        AND (j.ended IS NULL OR o.about = 'journey_ended')
    """,
    "REVOKE EXECUTE ON FUNCTION order_letters FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION order_letters TO siwrnai_journey",
    "GRANT SELECT ON letters, letter_orders, deliveries, standing_orders TO siwrnai_journey, siwrnai_post",
    "GRANT SELECT (id, authority, team, family, recipient, kind, urgent, at, state, attempts, created_at) ON letters TO siwrnai_door",
    "GRANT SELECT ON letter_orders, deliveries TO siwrnai_door",
    "GRANT INSERT ON letters, letter_orders TO siwrnai_journey",
    "GRANT UPDATE (letter) ON letter_orders TO siwrnai_journey",
    "GRANT UPDATE (gather, state, message, message_key, attempts, next_try_at, claimed_until) ON letters TO siwrnai_post",
    "GRANT UPDATE (told_at) ON letter_orders TO siwrnai_journey",
    "GRANT INSERT ON deliveries TO siwrnai_post",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
