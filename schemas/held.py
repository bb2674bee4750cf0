"""What is noted of a workflow that a failing activity holds."""

from schemas.base import Model


class Held(Model):
    """Ids, codes and numbers."""

    workflow: str
    """Its id; a journey's is the child's."""
    kind: str
    """`Journey`, `Meeting`, `Digest`."""
    activity: str
    attempt: int
    failure: str
    """The type of the failure."""
    message: str = ""
    """Of the failure, where it is known to hold ids and codes alone."""
