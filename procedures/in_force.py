"""The rules in force in this process: read once, at its start, so that a bad file is refused before anything runs."""

from procedures.rules import Rules, load


class _Held:
    rules: Rules | None = None


def put_in_force(rules: Rules) -> None:
    """These rules hold from now on in this process."""
    _Held.rules = rules


def rules_in_force() -> Rules:
    """The rules of this process; the shipped ones where none were put in force.

    Raises:
        BadRules: where the shipped file is wrong.
    """
    if _Held.rules is None:
        _Held.rules = load()
    return _Held.rules
