"""Cases drawn for audit: drawn and recorded, drawn again and compared, listed."""

import datetime as dt
import secrets
from collections.abc import Sequence

from rich.markup import escape

from audit import sampling
from audit.forms import form
from console.auditing import as_auditor, check_actors, check_reader, known_key, the_draw
from console.endings import Code, Mistake
from console.language import say, spoken
from console.running import Running
from console.sampling import NewDraw
from console.showing import screen, short, table, who
from console.viewing import reader, seen_by
from record import audits, directory, reads, versions
from record.audits import Frame
from record.pool import Connection
from schemas.audits import Case, Criteria, Draw, Drawn
from schemas.base import Identifier

MINUTE = dt.timedelta(minutes=1)
"""The minute that it is now means its end, which is still to come."""


async def draw_cases(here: Running, new: NewDraw) -> None:
    """Draw and record, and print the id, the cases and how to draw again."""
    known_key("--theme", new.theme, form().themes)
    async with as_auditor(here) as connection:
        await check_actors(connection, new)
        now = await versions.now(connection)
        if new.as_of is not None and new.as_of - now >= MINUTE:
            raise Mistake(say("sampling.to_come", given=short(new.as_of)))
        criteria = Criteria(
            seed=new.seed or secrets.token_hex(8),
            size=new.size,
            as_of=min(new.as_of or now, now),
            theme=new.theme,
            risk=new.risk,
            late_within_days=form().signs.late_within_days,
            long_on_register_days=form().signs.long_on_register_days,
        )
        framed, drawn = await _drawn(connection, criteria)
        if not drawn:
            raise await _nothing_found(connection, criteria)
        frame = Frame(len(framed), sampling.frame_digest(framed))
        made = await audits.put_draw(connection, new.actor, criteria, frame, drawn)
        shown = await _seen(connection, made, new.actor)
        await reads.log(connection, new.actor, "audit draw", [made.draw, *(each.child for each in shown)])
    print(made.draw)
    _print_cases(made, shown)


async def _nothing_found(connection: Connection, criteria: Criteria) -> Mistake:
    """How many cases there are, and by which themes some would be found."""
    cases = await _cases(connection, criteria)
    if not cases:
        return Mistake(say("sampling.no_cases", as_of=short(criteria.as_of)))
    everything = criteria.model_copy(update={"risk": False})
    counted = {key: len(sampling.frame(cases, everything.model_copy(update={"theme": key}))) for key in form().themes}
    themes = ", ".join(f"{key} ({number})" for key, number in counted.items() if number)
    return Mistake(say("sampling.empty", cases=len(cases), as_of=short(criteria.as_of), themes=themes or say("replay.nothing")))


async def draw_again(here: Running, draw: Identifier, actor: Identifier | None) -> int:
    """Draw by the same criteria, and compare; 1 where something differs."""
    async with as_auditor(here) as connection:
        await check_reader(connection, actor)
        made = await the_draw(connection, draw)
        framed, drawn = await _drawn(connection, made.criteria)
        await reads.log(connection, reader(actor), "audit redraw", [draw])
    if drawn == made.cases and sampling.frame_digest(framed) == made.frame_digest:
        print(say("sampling.same", cases=len(drawn), frame=len(framed)))
        return Code.done
    differ = len({each.child for each in drawn} ^ {each.child for each in made.cases})
    print(say("sampling.differs", cases=differ, frame=len(framed), was=made.frame_size))
    return Code.found_wrong


async def print_draws(here: Running, actor: Identifier | None) -> None:
    """Every draw: who, when, how, and the cases that this reader may see."""
    async with as_auditor(here) as connection:
        await check_reader(connection, actor)
        made = await audits.draws(connection)
        people = await directory.people(connection, await versions.now(connection))
        shown = [(each, await _seen(connection, each, actor)) for each in made]
        await reads.log(connection, reader(actor), "audit draws", [each.draw for each in made])
    if not made:
        print(say("sampling.none"))
        return
    listed = table("draw", "when", "who", "criteria", "cases")
    for each, cases in shown:
        listed.add_row(
            each.draw, short(each.drawn_at), escape(who(each.actor, people)), _criteria(each), ", ".join(one.child for one in cases)
        )
    screen().print(listed)


async def _drawn(connection: Connection, criteria: Criteria) -> tuple[list[Case], tuple[Drawn, ...]]:
    framed = sampling.frame(await _cases(connection, criteria), criteria)
    return framed, sampling.draw(framed, criteria)


async def _cases(connection: Connection, criteria: Criteria) -> list[Case]:
    return await audits.cases(connection, criteria.as_of, criteria.as_of - dt.timedelta(days=criteria.late_within_days))


async def _seen(connection: Connection, made: Draw, actor: Identifier | None) -> list[Drawn]:
    """The cases of which that reader may be told: the others are for another auditor, and nothing is said of them."""
    allowed = await seen_by(connection, (each.child for each in made.cases), actor)
    return [each for each in made.cases if each.child in allowed]


def _print_cases(made: Draw, shown: Sequence[Drawn]) -> None:
    listed = table("child", "signs")
    for each in shown:
        listed.add_row(each.child, ", ".join(say(f"sampling.{sign}") for sign in each.signs))
    screen().print(listed)
    print(say("sampling.drawn", criteria=_criteria(made)))
    if len(shown) < len(made.cases):
        print(say("sampling.others", drawn=len(made.cases), shown=len(shown)))


def _criteria(made: Draw) -> str:
    asked = made.criteria
    facts = {"size": len(made.cases), "frame": made.frame_size, "seed": asked.seed, "as_of": short(asked.as_of)}
    parts = [say("sampling.criteria", **facts)]
    if asked.theme is not None:
        themes = form().themes
        title = themes[asked.theme].title.in_(spoken()) if asked.theme in themes else asked.theme
        parts.append(say("sampling.by_theme", theme=title))
    if asked.risk:
        parts.append(say("sampling.by_risk"))
    return "; ".join(parts)
