"""Why a conference is held: its words kept for each child; and the code with which an invited person reads them, or its papers, shown once."""

from console.endings import Code, Ended, Mistake
from console.family_letter import Asked, let_write
from console.language import say, spoken
from console.reports_shown import known
from console.running import Running
from console.viewing import reader
from procedures import words
from procedures.in_force import rules_in_force
from record import outlines, projections, reads
from record.keys import KeyMissing
from schemas.base import Identifier
from schemas.outlines import OutlineWords
from schemas.papers import Paper

WRITES = ("social_worker", "team_manager")
"""Roles of a child's journey whose holders write it, beside the chair."""


async def write_outline(here: Running, meeting: Identifier, child: Identifier, said: OutlineWords, actor: str) -> None:
    """Keep the words in place of earlier ones.

    Raises:
        Mistake: there is no such meeting, or it is about another child.
        Ended: whoever writes may not, or the meeting is over.
    """
    async with here.record() as connection:
        state = await known(connection, meeting)
        if child not in {each.child for each in state.about}:
            raise Mistake(say("outline.not_about", child=child))
        facts = await projections.facts(connection, child)
        if actor not in {state.chair, *(facts.roles.get(role) for role in WRITES)} or actor in facts.shut_out:
            raise Ended(Code.refused, say("outline.not_entitled", person=actor))
        if not state.open:
            raise Ended(Code.refused, say("outline.over"))
        try:
            await outlines.put(connection, meeting, child, said, here.keys, actor)
        except KeyMissing:
            raise Ended(Code.refused, say("reports.no_key", child=child)) from None
    print(say("outline.kept", child=child))


async def give_code(here: Running, asked: Asked) -> None:
    """Make a code in place of any earlier one, and show it once.

    Raises:
        Mistake: nobody was named, or nobody with that id is invited.
        Ended: whoever asks is not entitled to it, the person is not told this way, or the meeting is over.
    """
    meeting, invitee, actor = asked
    if actor is None:
        raise Mistake(say("mistakes.missing_actor", option="--actor"))
    async with here.record() as connection:
        state = await known(connection, meeting)
        guest = state.invitee(invitee)
        if guest is None:
            raise Mistake(say("outline.not_invited", invitee=invitee))
        await let_write(connection, state, guest, actor)
        rules = rules_in_force()
        read_after = state.stage == "held" and state.kind in rules.papers.after[Paper.conference_record]
        if not state.open and not read_after:
            raise Ended(Code.refused, say("outline.over"))
        if guest.role not in (rules.papers.told if read_after else rules.outline.told):
            raise Ended(Code.refused, say("outline.not_told", part=words.word("invitees", guest.role, spoken())))
        code = await outlines.give_code(connection, meeting, invitee, here.keys, actor)
        await reads.log(connection, reader(actor), f"outline code for {invitee}", [meeting, *guest.children])
    print(say("outline.code", code=f"{code[:4]} {code[4:]}"))
