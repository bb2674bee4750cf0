"""Row-level security, the same for every table: a row is there for its own authority alone, and by default for nobody."""


def protected(*tables: str) -> tuple[str, ...]:
    """The statements that protect these tables, each of which has a column `authority`. FORCE binds their owner too."""
    return tuple(statement for table in tables for statement in _protect(table))


def _protect(table: str) -> tuple[str, ...]:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY own_authority ON {table} USING (authority = current_setting('siwrnai.authority', true))",
    )
