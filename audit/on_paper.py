"""Letters that go on paper: no outbox holds them. The meeting's own log says who was to have one, who handed it over or posted it, and when;
the log of reads says who printed it. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence

from procedures.meetings.fold import apply
from schemas.base import Identifier, Instant
from schemas.letters import LetterKind
from schemas.meetings import MeetingEntry, MeetingState
from schemas.replay import Beside, HandedOver, MeetingLog, OnPaper, ReadOf, SentLetter

PRINTS = {LetterKind.invitation: "meeting letter for", LetterKind.paper: "papers for"}
"""With which purpose `siwrnai meeting letter` and `siwrnai meeting papers-for` are logged; the invitee's id follows."""


def with_paper(beside: Beside, child: Identifier) -> Beside:
    """The same, with the letters on paper about that child among the others."""
    found = (_printed(each, beside.reads) for log in beside.meetings for each in _Owed(log, child).letters())
    return beside.model_copy(update={"letters": tuple(sorted((*beside.letters, *found), key=lambda each: each.at))})


class _Owed:
    """Reads one meeting's log, and keeps what nobody has handed over yet."""

    def __init__(self, log: MeetingLog, child: Identifier) -> None:
        self.log, self.child = log, child
        self.owed: dict[tuple[Identifier, str], SentLetter] = {}
        """By invitee and matter: an invitation takes the place of an earlier one, a paper that of the same paper."""
        self.over_at: Instant | None = None
        """When the meeting was held or called off: there is nothing to invite to from then on."""

    def letters(self) -> Iterator[SentLetter]:
        """Each as it ended; those that are still owed last."""
        state = MeetingState(meeting=self.log.meeting, authority=self.log.authority)
        for entry in self.log.entries:
            state = apply(state, entry)
            content = entry.content
            match entry.kind:
                case "asked":
                    yield from self._ordered(entry, state, LetterKind.invitation, content["sequences"])
                case "paper_sent":
                    # What is handed over from then on is the paper.
                    yield from self._lapsed(entry.decided_at, [(each, LetterKind.invitation.value) for each in content["sent"]])
                    if self.child in content.get("children", [self.child]):
                        yield from self._ordered(entry, state, LetterKind.paper, content["sent"])
                case "held" | "called_off":
                    self.over_at = entry.decided_at
                case "left_out":
                    yield from self._lapsed(entry.decided_at, [each for each in self.owed if each[0] == content["invitee"]])
                case "sent_again":
                    yield from self._replaced(entry, [(content["invitee"], LetterKind.invitation)])
                case "handed_over":
                    yield from self._handed_over(entry)
                case _:
                    pass
        if self.over_at is not None:
            yield from self._lapsed(self.over_at, [each for each in self.owed if each[1] == LetterKind.invitation])
        yield from self.owed.values()

    def _ordered(self, entry: MeetingEntry, state: MeetingState, kind: LetterKind, to: Iterable[Identifier]) -> Iterator[SentLetter]:
        matter = entry.content.get("paper", kind.value)
        yield from self._replaced(entry, [(each, matter) for each in to])
        for id in entry.content.get("on_paper", ()):
            guest = state.invitee(id)
            if guest is not None and self.child in guest.children:
                self.owed[id, matter] = SentLetter(
                    cause=f"meeting:{self.log.meeting}:{id}:{matter}:{entry.seq}:on_paper",
                    letter=None,
                    kind=kind,
                    recipient=guest.person,
                    about=f"meeting:{self.log.meeting}",
                    at=entry.decided_at,
                    on_paper=OnPaper(invitee=id),
                )

    def _replaced(self, entry: MeetingEntry, keys: Iterable[tuple[Identifier, str]]) -> Iterator[SentLetter]:
        """Another took its place before it was handed over."""
        for key in list(keys):
            if (letter := self.owed.pop(key, None)) is not None:
                yield letter.model_copy(update={"on_paper": OnPaper(invitee=key[0], replaced_at=entry.decided_at)})

    def _lapsed(self, at: Instant, keys: Iterable[tuple[Identifier, str]]) -> Iterator[SentLetter]:
        """There was nothing left to hand it over for."""
        for key in list(keys):
            if (letter := self.owed.pop(key, None)) is not None:
                lapsed_at = at if self.over_at is None else min(at, self.over_at)
                yield letter.model_copy(update={"on_paper": OnPaper(invitee=key[0], lapsed_at=lapsed_at)})

    def _handed_over(self, entry: MeetingEntry) -> Iterator[SentLetter]:
        by = HandedOver(by=entry.actor, at=entry.happened_at, recorded_at=entry.decided_at, entry=entry.seq)
        for key in [each for each in self.owed if each[0] == entry.content["invitee"]]:
            yield self.owed.pop(key).model_copy(update={"on_paper": OnPaper(invitee=key[0], handed_over=by)})


def _printed(letter: SentLetter, reads: Sequence[ReadOf]) -> SentLetter:
    """Who printed it last before it was handed over, or replaced."""
    assert letter.on_paper is not None  # noqa: S101
    paper, purpose = letter.on_paper, f"{PRINTS[LetterKind(letter.kind)]} {letter.on_paper.invitee}"
    until = (paper.replaced_at or paper.lapsed_at) if paper.handed_over is None else paper.handed_over.recorded_at
    found = [each for each in reads if each.purpose == purpose and letter.at <= each.at and (until is None or each.at <= until)]
    return letter.model_copy(update={"on_paper": paper.model_copy(update={"printed": found[-1] if found else None})})
