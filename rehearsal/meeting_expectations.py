"""What a script expects of a meeting against what is seen of it: each difference as the rest of a sentence that says both."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from procedures.in_force import rules_in_force
from procedures.meetings.forecast import forecast
from procedures.meetings.release import is_family
from procedures.meetings.reports import owed
from record.letters import SeenLetter
from rehearsal.cast import Cast
from rehearsal.expectations import when
from rehearsal.letterbox import all_in
from rehearsal.meeting_runs import SeenMeeting
from rehearsal.script import MeetingExpect
from schemas.letters import DeliveryState, LetterKind
from schemas.meetings import Invitee, Participation

LANGUAGE = re.compile(r'<article lang="(\w\w)"')
"""Of each sheet of a letter that is printed."""


def meeting_differences(expect: MeetingExpect, seen: SeenMeeting | None, cast: Cast) -> list[str]:
    """Each way in which what is seen is not what is expected."""
    return ["it was never arranged"] if seen is None else list(_Comparison(expect, seen, cast).differences())


def _said(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in sorted(found.items())) or "nobody"


@dataclass(frozen=True)
class _Comparison:
    expect: MeetingExpect
    seen: SeenMeeting
    cast: Cast

    def differences(self) -> Iterator[str]:
        """All differences."""
        expect, state = self.expect, self.seen.state
        if expect.starts is not None and expect.starts != state.starts:
            yield f"the script expects it at {when(expect.starts)}; it is at {when(state.starts)}"
        if expect.stage is not None and expect.stage != state.stage:
            yield f"the script expects it {expect.stage}; it is {state.stage}"
        yield from self._invitations()
        yield from self._family()
        yield from self._papers()
        yield from self._told(expect.chased, LetterKind.chaser, "asked again")
        yield from self._told(dict.fromkeys(expect.reminded, 1), LetterKind.day_before, "reminded of the day before")
        answers = {self._key(each): "none" if each.answer is None else each.answer.reply.value for each in state.invitees}
        yield from self._differ("answers", expect.answers, answers)
        ways = {self._key(each): each.answer.via for each in state.invitees if each.answer is not None}
        yield from self._differ("the way of answers", expect.via, ways)
        yield from self._differ("contributions", expect.contribution, {self._key(each): each.contribution for each in state.invitees})
        yield from self._forecast()
        yield from self._reports()
        yield from self._day()

    def _key(self, invitee: Invitee | None) -> str:
        return "nobody" if invitee is None else self.cast.key(invitee.person) or "nobody"

    def _invitations(self) -> Iterator[str]:
        sent: dict[str, list[str]] = {}
        language: dict[str, str] = {}
        for each in self.seen.letters:
            if each.kind is LetterKind.invitation and each.state is DeliveryState.sent:
                key = self.cast.key(each.recipient) or "nobody"
                sent.setdefault(key, []).append(each.about.rpartition(":")[2])
                language[key] = self._language(each)
        if self.expect.invited is not None and self.expect.invited != language:
            yield f"the script expects invitations to {_said(self.expect.invited)}; they were sent to {_said(language)}"
        if self.expect.sequence is not None:
            wanted = [str(number) for number in range(self.expect.sequence + 1)]
            for invitee in self.seen.state.invitees:
                found = sent.get(self._key(invitee), [])
                if found != wanted and (found or not is_family(invitee)):
                    yield (
                        f"the script expects {self._key(invitee)}'s calendar sent the sequences {', '.join(wanted)}; "
                        f"it was sent {', '.join(found) or 'none'}"
                    )

    def _language(self, letter: SeenLetter) -> str:
        """As the mail itself says it."""
        mails = {str(mail["X-Siwrnai-Letter"]): str(mail["Content-Language"]) for mail in self.seen.mails(letter.recipient)}
        return mails.get(letter.letter or "", "no mail")

    def _family(self) -> Iterator[str]:
        """Who is written to on paper, who is sent nothing, and who is not told where."""
        state, expect = self.seen.state, self.expect
        if expect.on_paper is not None:
            printed = {key: "/".join(LANGUAGE.findall(page)) for key, page in self._by_key(self.seen.paper).items()}
            if printed != expect.on_paper:
                yield f"the script expects letters on paper to {_said(expect.on_paper)}; they are printed for {_said(printed)}"
        written = {each.recipient for each in self.seen.letters if each.state is DeliveryState.sent} | self.seen.paper.keys()
        if expect.nothing_to is not None:
            yield from self._exactly("sent nothing", expect.nothing_to, {each.person for each in state.invitees} - written)
        if expect.no_place is not None:
            place = self.seen.place or ""
            asked = {each.person for each in state.invitees} & written
            told = {person for person in asked if any(place in all_in(each) for each in self.seen.mails(person))}
            told |= {person for person, page in self.seen.paper.items() if place in unescape(page)}
            yield from self._exactly("not told where it is held", expect.no_place, asked - told)

    def _papers(self) -> Iterator[str]:
        """Who was told that which paper waits, and who has papers printed."""
        sent: dict[str, dict[str, str]] = {}
        for each in self.seen.letters:
            if each.kind is LetterKind.paper and each.state is DeliveryState.sent:
                sent.setdefault(each.cause.split(":")[-2], {})[self.cast.key(each.recipient) or "nobody"] = self._language(each)
        for paper, wanted in self.expect.papers.items():
            if wanted != sent.get(paper, {}):
                yield f"the script expects {paper} to wait for {_said(wanted)}; it was said to {_said(sent.get(paper, {}))}"
        if self.expect.papers_on_paper is not None:
            printed = {key: "/".join(LANGUAGE.findall(page)) for key, page in self._by_key(self.seen.papers).items()}
            if printed != self.expect.papers_on_paper:
                yield f"the script expects papers printed for {_said(self.expect.papers_on_paper)}; they are printed for {_said(printed)}"

    def _exactly(self, what: str, wanted: Iterable[str], people: Iterable[str]) -> Iterator[str]:
        found = {self.cast.key(each) or "nobody" for each in people}
        if found != set(wanted):
            yield f"the script expects {what}: {', '.join(sorted(wanted)) or 'nobody'}; it is {', '.join(sorted(found)) or 'nobody'}"

    def _by_key(self, found: Mapping[str, str]) -> dict[str, str]:
        return {self.cast.key(person) or "nobody": each for person, each in found.items()}

    def _told(self, wanted: Mapping[str, int], kind: LetterKind, how: str) -> Iterator[str]:
        """How many letters of a kind each was sent; a chaser for a report is another kind."""
        to = [self.cast.key(each.recipient) for each in self.seen.letters if each.kind is kind and each.state is DeliveryState.sent]
        for key, number in wanted.items():
            if to.count(key) != number:
                yield f"the script expects {key} {how} {number} times; it was {to.count(key)} times"

    def _differ(self, what: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
        for key, expected in wanted.items():
            if found.get(key) != expected:
                yield f"the script expects of {what}: {key} {expected}; it is {found.get(key, 'not invited')}"

    def _forecast(self) -> Iterator[str]:
        if self.expect.forecast is None:
            return
        foreseen = forecast(self.seen.state.invitees, rules_in_force().quorum)
        coming = sorted(each.value for each in foreseen.coming)
        if coming != sorted(self.expect.forecast.coming):
            yield f"the script expects coming: {', '.join(sorted(self.expect.forecast.coming)) or 'nobody'}; it is {', '.join(coming) or 'nobody'}"
        if self.expect.forecast.possible != foreseen.possible:
            yield f"the script expects that enough agencies {'can' if self.expect.forecast.possible else 'cannot'} come; it is otherwise"

    def _reports(self) -> Iterator[str]:
        missing = owed(self.seen.state)
        if self.expect.reports_due is not None:
            days = {when(each.due) for each in missing}
            if days != {when(self.expect.reports_due)}:
                yield f"the script expects reports due {when(self.expect.reports_due)}; they are due {', '.join(sorted(days)) or 'never'}"
        if self.expect.reports_missing is not None:
            found = {self._key(self.seen.state.invitee(each.invitee)) for each in missing}
            if found != set(self.expect.reports_missing):
                wanted = ", ".join(sorted(self.expect.reports_missing)) or "nobody"
                yield f"the script expects reports still owed by {wanted}; they are owed by {', '.join(sorted(found)) or 'nobody'}"

    def _day(self) -> Iterator[str]:
        state = self.seen.state
        if self.expect.attendance is not None:
            took = {self._key(state.invitee(each.invitee)): each.how for each in state.attendance}
            if took != self.expect.attendance:
                yield f"the script expects attendance: {_said(self.expect.attendance)}; it was: {_said(took)}"
        for child, how in self.expect.participation.items():
            part = state.participation.get(self.cast.child(child), Participation())
            if part.took != how:
                yield f"the script expects that {child} took part so: {how}; it was {part.took or 'not recorded'}"
        if self.expect.enough is not None:
            found = [entry.content.get("enough") for entry in self.seen.log if entry.kind == "held"]
            if found != [self.expect.enough]:
                yield f"the script expects {'enough' if self.expect.enough else 'too few'} agencies on the day; the log says {found or 'nothing'}"
