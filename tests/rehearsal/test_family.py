"""A script's family, its calendar programs, and a routine whose meetings are arranged: what is sent to whom is looked for in the mailbox."""

import email
import email.policy

import pytest

from embedded.mail_catcher import letters
from embedded.stack import Endpoints
from rehearsal import Play, run
from rehearsal.letterbox import all_in, event_in
from rehearsal.reading import play_of
from rehearsal.source import BadScript, parse

SCRIPT = """title: A family, told and then written to
authority: Sir Enghraifft
agencies:
  ysgol: {name: Ysgol Glan-y-Nant, kind: school}
  health: {name: Enghraifft Health Visiting, kind: health_visitor}
people:
  huw: {name: Huw Bevan, post: [duty manager, team manager]}
  carys: {name: Carys Owen, post: service manager}
  mari: {name: Mari Lloyd, post: social worker, language: cy}
  nia: {name: Nia Probert, post: [chair, reviewing service]}
  rhian: {name: Rhian Morgan, agency: ysgol}
  eirlys: {name: Eirlys Tomos, language: cy, agency: health}
children:
  osian: {name: Osian Jenkins, born: 2013-03-12, agencies: {education: ysgol, health visitor or school nurse: health}}
relatives:
  mam: {name: Siân Jenkins, relation: parent, language: cy, way: email}
  dad: {name: Dylan Jenkins, relation: parent, language: en, way: email, apart: yes}
  osian: {name: Osian Jenkins, relation: child, language: cy, of: osian}
steps:
  - at: Fri 2026-11-20 09:00
    by: huw
    do:
      report: {how: telephone, reporter: public, alleged: [neglect], words: Nobody at home at night.}
      safety_checked: {safe: yes}
      screened: {decision: assessment, rationale: They need help., threshold element: needs_care_and_support}
      allocated: {role: social worker, person: mari}
      restriction_made: {person: dad, hidden: address, because: bail}
  - at: Mon 2026-11-23 10:00
    by: mari
    meeting: first
    do:
      arranged: {kind: icpc, starts: Tue 2026-12-08 10:00, place: Canolfan y Bont, chair: nia}
    expect:
      meeting: {invited: {nia: en, mari: cy, rhian: en, eirlys: cy}, nothing to: [mam, dad, osian]}
  - at: Mon 2026-11-23 15:00
    by: mari
    meeting: first
    do:
      - released: {invitee: mam, spoken at: Mon 2026-11-23 14:00}
      - released: {invitee: dad}
      - released: {invitee: osian}
      - answers:
          nia: accepted
          mari: accepted
          mam: accepted
          dad: {reply: declined, via: told, reason: He sends a letter.}
          rhian: {reply: another time, via: calendar, proposed: Wed 2026-12-09 10:00, reason: A fire drill.}
          eirlys: {reply: tentative, via: calendar}
    expect:
      meeting:
        invited: {nia: en, mari: cy, rhian: en, eirlys: cy, mam: cy, dad: en}
        on paper: {osian: cy}
        nothing to: []
        no place: [dad]
        answers: {rhian: another time, eirlys: tentative, dad: declined}
        via: {rhian: calendar, mam: page}
  - at: Mon 2026-11-23 16:00
    by: mari
    meeting: first
    do:
      called_off: {reason: Help is enough.}
  - routine: family network meetings
    every: 1 day
    from: Thu 2026-11-26 16:00
    until: Fri 2026-11-27
    by: mari
    meeting: network
    before:
      - earlier: 2 days 1 hour
        at: 11:30
        do: {arranged: {kind: family network, place: Neuadd y Pentref, chair: huw, add: [{role: coordinator, person: rhian}]}}
        expect:
          meeting: {stage: arranged, nothing to: [mam, dad]}
    do:
      held: {attendance: {rhian: telephone}}
    expect:
      meeting: {stage: held, attendance: {rhian: telephone}}
"""

WRONG = {
    "nothing to: [mam, dad, osian]": ("nothing to: [mam]", "expects sent nothing: mam; it is dad, mam, osian"),
    "eirlys: cy, mam: cy, dad: en}": (
        "eirlys: cy, mam: en, dad: en}",
        "they were sent to dad en, eirlys cy, mam cy, mari cy, nia en, rhian en",
    ),
    "on paper: {osian: cy}": ("on paper: {mam: cy}", "letters on paper to mam cy; they are printed for osian cy"),
    "nothing to: []": ("nothing to: [nia]", "expects sent nothing: nia; it is nobody"),
    "no place: [dad]": ("no place: [mam]", "expects not told where it is held: mam; it is dad"),
    "via: {rhian: calendar, mam: page}": ("via: {rhian: page, mam: told}", "the way of answers: rhian page; it is calendar"),
    "meeting: {stage: held, attendance: {rhian: telephone}}": (
        "meeting: {stage: held, attendance: {rhian: there}}",
        "of the meeting network_2, the script expects attendance: rhian there; it was: rhian telephone",
    ),
}
"""What the script says, what it says where it is broken, and how that is named."""


def play(text: str) -> Play:
    return play_of(parse(text, "case.yaml"))


async def test_a_family_is_written_to_when_it_was_told_and_calendars_answer_by_mail(stack: Endpoints) -> None:
    before = len(letters(stack.mailbox))
    result = await run(play(SCRIPT), stack)
    assert result.sentences == []
    came = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in letters(stack.mailbox)[before:]]
    answers = [each for each in came if str(each["From"]).endswith("@rehearsal.invalid")]
    assert [str(each["Subject"]) for each in answers] == ["another time", "tentative"]
    assert [str(each["Date"]) for each in answers] == ["Mon, 23 Nov 2026 15:00:00 +0000"] * 2, "of the virtual time"
    stamps = [event.DTSTAMP.isoformat() for each in answers if (event := event_in(each)) is not None]
    assert stamps == ["2026-11-23T15:00:00+00:00"] * 2
    dad = f"{result.cast.id_of('people', 'dad')}@rehearsal.invalid"
    assert not any("Canolfan" in all_in(each) for each in came if each["To"] == dad)
    objects = [str(event.to_ical()) for each in came if (event := event_in(each)) is not None]
    assert objects and not any(name in each for each in objects for name in ("Osian", "Jenkins", "Dylan"))


async def test_whatever_of_a_family_is_not_as_expected_is_named(stack: Endpoints) -> None:
    text = SCRIPT
    for right, (wrong, _) in WRONG.items():
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    told = (await run(play(text), stack)).sentences
    assert [says for _, says in WRONG.values() if not any(says in each for each in told)] == []
    also = "mam told; it is page"
    known = [*(says for _, says in WRONG.values()), also, "network_1, the script expects attendance"]
    assert [each for each in told if not any(says in each for says in known)] == [], "and nothing else"


async def test_an_answer_by_calendar_that_does_not_count_is_named(stack: Endpoints) -> None:
    text = SCRIPT.replace("rhian: {reply: another time, via: calendar, proposed: Wed 2026-12-09 10:00, reason: A fire drill.}", "")
    text = text.replace("mam: accepted", "mam: {reply: accepted, via: calendar}")
    text = text.replace("answers: {rhian: another time, eirlys: tentative, dad: declined}", "answers: {dad: declined}")
    told = (await run(play(text.replace("via: {rhian: calendar, mam: page}", "via: {dad: told}")), stack)).sentences
    assert any("the meeting first did not take it: the answer of mam's calendar does not count" in each for each in told)


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("way: email, apart: yes", "way: pigeon, apart: yes", "'pigeon' is not known; right would be"),
        ("dad: {name: Dylan Jenkins", "nia: {name: Dylan Jenkins", "'nia' is among the people too"),
        ("language: cy, of: osian}", "language: cy, of: owain}", "'owain' is not among the children"),
        ("language: cy, of: osian}", "language: cy, way: post}", "a child's letter is handed over, never posted home"),
        ("language: en, way: email, apart", "language: en, way: post, apart", "whoever is reached by post needs an address"),
        ("language: en, way: email, apart", "language: en, need: [taxi], apart", "'taxi' is not among the needs"),
        ("proposed: Wed 2026-12-09 10:00, ", "", "another time proposed by calendar says which"),
        ("{reply: tentative, via: calendar}", "{reply: written, via: calendar}", "'written' is not known; right would be"),
        ("released: {invitee: dad}", "released: {invitee: dada}", "'dada' is not among the people"),
        ("at: 11:30", "at: noon", "'noon' is not a time of day"),
        ("kind: family network, place", "kind: family netwrk, place", "'family netwrk' is not known"),
    ],
)
def test_a_mistake_about_a_family_is_told_with_what_would_be_right(right: str, wrong: str, says: str) -> None:
    assert SCRIPT.count(right) == 1
    with pytest.raises(BadScript, match=says.replace("?", r"\?")):
        play(SCRIPT.replace(right, wrong))
