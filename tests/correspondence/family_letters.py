"""A family's letters as the tests write them: an invented conference, for every reader, of every kind."""

import datetime as dt
from typing import Any

from correspondence.family.letters import FamilyLetter, News, Reader
from procedures.times import LONDON
from schemas.answering import InBoth
from schemas.meetings import MeetingKind
from web.links import in_both

STARTS = dt.datetime(2026, 12, 15, 10, 0, tzinfo=LONDON)
ENDS = dt.datetime(2026, 12, 15, 12, 0, tzinfo=LONDON)
PLACE = "Canolfan Deulu Enghraifft, Ystafell 2"
LINK = "https://siwrnai.example/answer/abc"

EVERY = [
    (reader, news, kind)
    for reader in Reader
    for news in News
    for kind in (*(each for each in MeetingKind if each is not MeetingKind.strategy), None)
]
"""Every letter that there is, with one for a kind that nobody has words for."""


def letter(reader: Reader = Reader.adult, news: News = News.invited, **fields: Any) -> FamilyLetter:
    """One of them."""
    known: dict[str, Any] = {
        "kind": "icpc",
        "starts": STARTS,
        "ends": ENDS,
        "place": PLACE,
        "language": "en",
        "asked_by": "Mari Lewis",
        "telephone": "01632 960001",
        "link": in_both(LINK),
        "writes": InBoth(cy="Gwasanaethau Plant Sir Enghraifft", en="Enghraifft Children's Services"),
        **fields,
    }
    return FamilyLetter(reader=reader, news=news, **known)
