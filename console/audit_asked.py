"""What was typed after `siwrnai audit export`, read."""

import re
from collections.abc import Sequence

from audit.bundles import For
from audit.redaction import ALL, Other
from console.audit_export import Wanted
from console.endings import Mistake
from console.language import say
from console.reading import identifier

PART = re.compile(r"(?P<entry>[1-9][0-9]{0,8}):(?P<part>[a-z_]+)")

LETTER_OR_MEETING = re.compile(r"(?P<what>letter|meeting):(?P<which>[A-Za-z0-9][A-Za-z0-9_.-]{0,63})")
DOCUMENT = re.compile(r"(?P<what>document):(?P<which>[A-Za-z0-9][A-Za-z0-9_.-]{0,63})(?::(?P<section>[a-z_]+))?")


def wanted(  # noqa: PLR0913, PLR0917
    child: str, for_: For, actor: str | None, given_to: str | None, redact: Sequence[str], without: Sequence[str]
) -> Wanted:
    """What is asked for.

    Raises:
        Mistake: something in it cannot be read.
    """
    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    if given_to is not None and for_ is not For.subject_access:
        raise Mistake(say("audit_export.given_to_alone"))
    parts = [_part(each) for each in redact]
    return Wanted(
        child=identifier(child, "CHILD"),
        for_=for_,
        actor=identifier(actor, "--actor"),
        given_to=None if given_to is None else identifier(given_to, "--given-to"),
        redact=frozenset(each for each in parts if not isinstance(each, Other)),
        others=frozenset(each for each in parts if isinstance(each, Other)),
        left_out=frozenset(identifier(each, "--without") for each in without),
    )


def _part(given: str) -> tuple[int, str] | Other:
    if found := PART.fullmatch(given):
        return int(found["entry"]), found["part"]
    if found := LETTER_OR_MEETING.fullmatch(given):
        return Other("letter" if found["what"] == "letter" else "meeting", found["which"])
    if found := DOCUMENT.fullmatch(given):
        return Other("document", found["which"], found["section"] or ALL)
    raise Mistake(say("audit_export.no_part", given=given[:40]))
