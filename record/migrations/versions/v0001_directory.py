"""The deployment, the directory, and the versions of settings, calendar and rules: all but the first append-only, with validity."""

from alembic import op

from record.migrations.protection import protected

revision = "0001"
down_revision = None

ENTRY = """
    entry bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority text NOT NULL,
    team text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL
"""

STATEMENTS = (
    # Written when the database is made and never after: whether time is virtual decides which times the timeline takes.
    """
    CREATE TABLE deployment (
        only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        authority text NOT NULL,
        virtual boolean NOT NULL
    )
    """,
    f"""
    CREATE TABLE people (
        {ENTRY},
        person text NOT NULL,
        name text NOT NULL,
        email text,
        language text CHECK (language IN ('cy', 'en')),
        agency text,
        safe_contact text,
        valid_from timestamptz NOT NULL,
        valid_to timestamptz CHECK (valid_to >= valid_from)
    )
    """,
    "CREATE INDEX people_at ON people (person, valid_from DESC, entry DESC)",
    f"""
    CREATE TABLE posts (
        {ENTRY},
        role text NOT NULL,
        person text NOT NULL,
        valid_from timestamptz NOT NULL,
        valid_to timestamptz CHECK (valid_to >= valid_from)
    )
    """,
    "CREATE INDEX posts_at ON posts (authority, team, role, valid_from DESC, entry DESC)",
    f"""
    CREATE TABLE absences (
        {ENTRY},
        person text NOT NULL,
        away_from timestamptz NOT NULL,
        away_to timestamptz NOT NULL CHECK (away_to >= away_from),
        deputy text
    )
    """,
    f"""
    CREATE TABLE agencies (
        {ENTRY},
        agency text NOT NULL,
        kind text NOT NULL,
        name_cy text NOT NULL,
        name_en text NOT NULL,
        email text,
        valid_from timestamptz NOT NULL,
        valid_to timestamptz CHECK (valid_to >= valid_from)
    )
    """,
    f"""
    CREATE TABLE settings_versions (
        {ENTRY},
        version integer NOT NULL,
        body jsonb NOT NULL,
        UNIQUE (authority, version)
    )
    """,
    f"""
    CREATE TABLE calendar_versions (
        {ENTRY},
        version integer NOT NULL,
        body jsonb NOT NULL,
        UNIQUE (authority, version)
    )
    """,
    f"""
    CREATE TABLE rules_files (
        {ENTRY},
        hash text NOT NULL,
        body bytea NOT NULL CHECK (encode(sha256(body), 'hex') = hash)
    )
    """,
    "CREATE INDEX rules_files_by_hash ON rules_files (authority, hash)",
    *protected("people", "posts", "absences", "agencies", "settings_versions", "calendar_versions", "rules_files"),
    "GRANT SELECT ON deployment TO siwrnai_journey, siwrnai_door, siwrnai_post, siwrnai_auditor",
    """
    GRANT SELECT ON people, posts, absences, agencies, settings_versions, calendar_versions, rules_files
        TO siwrnai_journey, siwrnai_door, siwrnai_auditor
    """,
    "GRANT INSERT ON people, posts, absences, agencies, settings_versions, calendar_versions, rules_files TO siwrnai_door",
    "GRANT INSERT ON rules_files TO siwrnai_journey",
    "GRANT SELECT ON people TO siwrnai_post",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
