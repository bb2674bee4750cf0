"""What all models share: strict, immutable where they are facts, and kinds of text and time used everywhere."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

TEXT_LIMIT = 100_000
"""The longest free text taken in one field, in characters (about 100 kB)."""


class Model(BaseModel):
    """A model that refuses unknown fields, so that a misspelt one is never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FreeTextMarker:
    """Marks a field whose words are kept in the record alone: the engine sees a reference in their place."""


FreeText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_LIMIT), FreeTextMarker()]
"""Words of people. The one door to the journey (`commands.py`) puts them in the record and passes on `text:<id>#<sha256>`."""


class DoorMarker:
    """Marks a field that the door to the journey fills in from the record; people have no option for it, and what they give does not count."""


Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""An opaque id of a child, family, person, agency, meeting or command. Never a name."""

SameWords = Annotated[tuple[Identifier, ...] | None, DoorMarker()]
"""Brothers and sisters for whom the same words were given: each child is to be heard by itself. Told, never refused."""


class PersonMarker:
    """Marks the id of a person, who must be in the directory, and hold one of these posts there where any are named.

    `or_family`: or of the family of the children whom it is about.
    """

    def __init__(self, *posts: str, or_family: bool = False) -> None:
        self.posts, self.or_family = frozenset(posts), or_family


PersonId = Annotated[Identifier, PersonMarker()]
"""Somebody in the directory."""

PersonOrFamilyId = Annotated[Identifier, PersonMarker(or_family=True)]
"""Somebody in the directory, or of the family of the children whom it is about."""

ManagerId = Annotated[
    Identifier, PersonMarker("team_manager", "service_manager", "head_of_service", "director", "senior_safeguarding_manager")
]
"""Somebody who holds a manager's post."""

SeniorManagerId = Annotated[Identifier, PersonMarker("service_manager", "head_of_service", "director", "senior_safeguarding_manager")]
"""Somebody who holds a senior manager's post."""


class AgencyMarker:
    """Marks the id of an agency, which must be in the directory, and be of one of these kinds there where any are named."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = frozenset(kinds)


AgencyId = Annotated[Identifier, AgencyMarker()]
"""An agency in the directory."""

AuthorityId = Annotated[Identifier, AgencyMarker("social_services")]
"""Another local authority: in the directory its children's services are an agency."""

SentBy = Annotated[Identifier | None, DoorMarker()]
"""The meeting of this service that sent something; only that meeting says so."""

FIRST_YEAR, LAST_YEAR = 1900, 2200


def _in_a_lifetime(instant: datetime) -> datetime:
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(f"the year lies between {FIRST_YEAR} and {LAST_YEAR}")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_in_a_lifetime)]
"""A moment in time with its offset. Stored in UTC, shown in Europe/London."""

Json = Mapping[str, Any]
"""Content of an entry: what JSON can hold."""
