"""What was typed after `siwrnai audit export`, read."""

import re
from collections.abc import Sequence

from audit.bundles import For
from console.audit_export import Wanted
from console.endings import Mistake
from console.language import say
from console.reading import identifier

PART = re.compile(r"(?P<entry>[1-9][0-9]{0,8}):(?P<part>[a-z_]+)")


def wanted(  # noqa: PLR0913, PLR0917
    child: str, for_: For, actor: str | None, given_to: str | None, redact: Sequence[str], without: Sequence[str]
) -> Wanted:
    """What is asked for.

    Raises:
        Mistake: something in it cannot be read.
    """
    if actor is None:
        raise Mistake(say("mistakes.missing", option="--actor", right="siwrnai directory people"))
    if given_to is not None and for_ is not For.subject_access:
        raise Mistake(say("audit_export.given_to_alone"))
    return Wanted(
        child=identifier(child, "CHILD"),
        for_=for_,
        actor=identifier(actor, "--actor"),
        given_to=None if given_to is None else identifier(given_to, "--given-to"),
        redact=frozenset(map(_part, redact)),
        left_out=frozenset(identifier(each, "--without") for each in without),
    )


def _part(given: str) -> tuple[int, str]:
    found = PART.fullmatch(given)
    if found is None:
        raise Mistake(say("audit_export.no_part", given=given[:40]))
    return int(found["entry"]), found["part"]
