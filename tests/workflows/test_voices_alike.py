"""The same words for two siblings on the real engine and record: compared before they are sealed, told, and nowhere else in plain."""

import datetime as dt
from typing import Any

from embedded.stack import Endpoints
from procedures.times import LONDON
from record.pool import transaction
from schemas.holding import Hold
from tests.live import opaque
from tests.workflows.test_meetings_arranged import Around, around, arranging
from tests.workflows.test_meetings_held import REGISTER, Day

SAID = "I hide in the shed when he shouts."


async def hears(there: Around, child: str, id: str | None = None, **fields: Any) -> tuple[str, ...]:
    now = f"{dt.datetime.now(LONDON):%Y-%m-%d %H:%M}"
    command = there.here.command("voice_recorded", now, **{"how": "in_person", **fields})
    return (await there.here.door.submit(child, command, id or opaque("k"))).notes


async def told(there: Around, about: str) -> list[str]:
    async with transaction(there.here.door_pool, there.here.authority) as connection:
        rows = await connection.fetch("SELECT recipient FROM letter_orders WHERE about = $1", about)
    return sorted(row["recipient"] for row in rows)


async def test_a_voice_in_a_siblings_words_is_taken_and_told_and_a_repeat_gets_the_first_answer(stack: Endpoints) -> None:
    async with around(stack) as there:
        ela, tomos = there.children
        assert await hears(there, ela, "k-ela", worries=SAID) == ()
        assert await hears(there, tomos, wishes="That he stops; that Mam comes home.") == ()
        assert await hears(there, tomos, wishes="i hide in the shed, when he shouts") == ("same_words_as_sibling",)
        assert await hears(there, ela, "k-ela", worries=SAID) == (), "the first answer"
        (entry,) = [each for each in await there.here.entries(tomos) if each.content.get("body", {}).get("same_words")]
        assert entry.content["body"]["same_words"] == [ela]
        history = (await there.here.client.get_workflow_handle(tomos).fetch_history()).to_json()
        assert "shed" not in history
        assert await told(there, "same_words") != []
        assert all([await there.here.whole(child) for child in there.children])


async def test_what_was_given_as_known_at_the_door_does_not_count(stack: Endpoints) -> None:
    async with around(stack) as there:
        assert await hears(there, there.children[0], worries=SAID, same_words=["c-other"]) == ()


async def test_the_same_reasons_for_two_children_of_one_meeting_are_told_to_chair_and_manager(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        day, (ela, tomos) = Day(there), there.children
        why = "Neglect over two years, as all agencies report."
        outcomes = {ela: {**REGISTER, "rationale": why}, tomos: {**REGISTER, "rationale": why.upper()}}
        answered, answer = await day.holds("k-held", outcomes)
        assert sorted(answered.told) == sorted(there.children)
        assert answer is not None
        assert "same_words" in answer.notes
        assert set(await told(there, "same_words")) >= {"p-nia", "p-mari"}
        again, same = await day.holds("k-held", outcomes)
        assert (sorted(again.told), same) == (sorted(there.children), answer)


async def test_what_changed_because_of_a_child_is_what_its_decision_says_and_no_counts_over_meetings(stack: Endpoints) -> None:
    async with around(stack) as there:
        await there.does("arranged", **arranging(there))
        ela, tomos = there.children
        for child, how in ((ela, "letter"), (tomos, "declined")):
            await hears(there, child, how=how)
        await hears(there, ela, wishes="To stay with Nain and go to my school.")
        await there.does("participation_chosen", child=tomos, how="declined")
        assert len((await there.here.state(tomos)).voice_declined) == 2
        assert await told(there, "child_declined_twice") == ["p-nia"]
        day = Day(there)
        attendance = [{"invitee": each.id, "how": "there"} for each in (await there.state()).invitees]
        part = [{"child": ela, "how": "advocate", "changed": "She stays at her school."}, {"child": tomos, "how": "declined"}]
        said = Hold.model_validate(
            {"actor": "p-nia", "happened_at": dt.datetime.now(LONDON), "attendance": attendance, "participation": part}
        )
        heard, _ = await day.door.hold(there.meeting, said, "k-held", dict.fromkeys(there.children, REGISTER))
        assert sorted(heard.told) == sorted(there.children)
        assert "voice_changed" not in {each.thing for child in there.children for each in (await there.here.state(child)).missing}
        (entry,) = [each for each in await there.here.entries(ela) if each.kind == "conference_held"]
        assert entry.content["body"]["voice_changed"].startswith("text:")
