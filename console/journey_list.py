"""The list of open journeys: opaque ids, where each stands, what is due next; then the meetings that are to be held too late."""

from console.language import say, spoken
from console.lateness import late_by, late_meetings
from console.running import Running
from console.showing import due_line, screen, standing, table
from console.viewing import reader, seen_by
from procedures import words
from record import lists, reads, versions


async def print_open_journeys(here: Running, actor: str | None) -> None:
    """Print them; the reading is logged."""
    async with here.record() as connection:
        journeys, now = await lists.open_journeys(connection), await versions.now(connection)
        seen = await seen_by(connection, (each.child for each in journeys), actor)
        journeys = [each for each in journeys if each.child in seen]
        late = await late_meetings(connection, {each.child for each in journeys})
        await reads.log(connection, reader(actor), "journey list", [each.child for each in journeys])
    if not journeys:
        print(say("timeline.no_journeys"))
        return
    made = table("child", "family", "state", "next_due")
    for each in journeys:
        due = "" if each.clock is None or each.due is None else due_line(each.clock, each.due, now)
        made.add_row(each.child, each.family, standing(each.registration, each.enquiries), due)
    screen().print(made)
    for state, is_late in late:
        kind, children = words.word("meetings", str(state.kind), spoken()), ", ".join(each.child for each in state.about)
        screen().print(f"[red]{state.meeting} {kind} {late_by(is_late)}[/red] {children}")
