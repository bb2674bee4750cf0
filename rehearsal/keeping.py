"""What is left of a rehearsal that is kept, and what can be typed next."""

import shlex
from pathlib import Path

from embedded.kept import FILE, Kept
from embedded.program import as_typed
from rehearsal.result import Result

READERS = ("head_of_service", "team_manager")
"""Whose id stands in the lines that can be typed next, the first that the script has: they may read, and make a bundle."""

NEXT = """\
Timelines: {folder}/timelines.txt. Letters: {folder}/mailbox.
It can be looked at as an auditor would; each line starts what it needs, and stops it again:
  {siwrnai} --data {folder} audit verify
  {siwrnai} --data {folder} audit review {child} --actor {reader}
  {siwrnai} --data {folder} audit show {child} --actor {reader} --html {name}.html
  {siwrnai} --data {folder} audit why {child} --actor {reader}
  {siwrnai} --data {folder} audit export {child} --actor {reader} --for inspection --out {name}.zip
The children: {children}"""


def keep(result: Result, folder: Path) -> Kept:
    """Write down what whoever looks at it later needs to know."""
    script, cast = result.play.script, result.cast
    readers = [key for post in READERS for key, person in script.people.items() if post in person.post]
    kept = Kept(
        authority=cast.authority,
        ended_at=result.ended_at,
        children={key: cast.child(key) for key, entries in result.timelines.items() if entries},
        reader=cast.id_of("people", next(iter([*readers, *script.people]))),
    )
    (folder / FILE).write_text(kept.model_dump_json(indent=2), encoding="utf-8")
    return kept


def what_next(kept: Kept, folder: Path) -> str:
    """The lines that can be typed next."""
    name, child = next(iter(kept.children.items()))
    children = ", ".join(f"{key} {id}" for key, id in kept.children.items())
    return NEXT.format(siwrnai=as_typed(), folder=shlex.quote(str(folder)), name=name, child=child, reader=kept.reader, children=children)
