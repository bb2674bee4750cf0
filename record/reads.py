"""The log of reads: who was shown what of whom, once a view, in the transaction that read it."""

from collections.abc import Sequence

from record.pool import Connection


async def log(conn: Connection, actor: str, purpose: str, shown: Sequence[str]) -> None:
    """Log that this person was shown these (ids of children, families, texts) for that purpose."""
    await conn.execute(
        "INSERT INTO reads (authority, actor, purpose, shown) VALUES (current_setting('siwrnai.authority'), $1, $2, $3)",
        *(actor, purpose, list(shown)),
    )
