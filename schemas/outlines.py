"""Why a conference is held, and what the section 47 enquiries concluded, of one child; and what becomes of a try to read it."""

from enum import StrEnum

from pydantic import Field

from schemas.answering import InBoth
from schemas.base import FreeText, Model


class OutlineWords(Model):
    """In the social worker's own words; kept sealed under the child's key."""

    reason: FreeText = Field(description="Outline of the reason for the conference.")
    conclusion: FreeText | None = Field(default=None, description="Conclusion of the section 47 enquiries.")


class ChildOutline(Model):
    """What is shown of one child."""

    label: InBoth
    words: OutlineWords


class Tried(StrEnum):
    """What a code came to."""

    opened = "opened"
    wrong = "wrong"
    locked = "locked"
    """Too many wrong ones were tried: only a new code opens the page."""
    no_code = "no_code"
    """None was given, or its time is over."""


class OutlineRead(Model):
    """The answer to a code."""

    tried: Tried
    left: int = 0
    """How many wrong tries are still taken."""
    children: tuple[ChildOutline, ...] = ()
