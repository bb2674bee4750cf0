"""The `siwrnai` command. Each room of verbs is imported only when somebody enters it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from console import data_folder
from console.language import SETTING, checked, choose
from console.purpose import Purpose, does
from console.rooms import FrontDoor, room

app = typer.Typer(
    cls=FrontDoor,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Children's safeguarding journeys in Wales, on time and on the record.",
    epilog="Exit codes: 0 done, 1 something is not as it should be, 2 a mistake in what was asked, 3 refused by the procedures, 4 not running.",
)

ROOMS = {
    "journey": ("console.journey", "Record what people do on a child's journey; show, check and list journeys."),
    "child": ("console.child", "Put children on record."),
    "directory": ("console.directory", "People, posts, absences, agencies."),
    "audit": ("console.audit", "Replay a journey, check that nothing was changed, export it."),
    "meeting": ("console.meeting", "Arrange meetings, invite, record answers; show how they stand."),
    "letters": ("console.letters", "The outbox and its letters."),
    "holidays": ("console.holidays", "Bank holidays: one proclaimed or moved away, and whom that affects."),
    "terms": ("console.terms", "School terms: a school's report is asked for before they end."),
    "settings": ("console.local_settings", "What the authority may set of the rules, and whom a change affects."),
    "procedures": ("console.rules", "The rules, and the check of a file of rules."),
}

for _name, (_module, _help) in ROOMS.items():
    app.add_typer(typer.Typer(), name=_name, help=_help, cls=room(_module), no_args_is_help=True)


@app.callback()
def speak(
    language: Annotated[
        str | None, typer.Option("--language", metavar="cy|en", help=f"Speak Welsh or English. Without it: {SETTING}, else the terminal's.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="FOLDER", help="The folder of data, in place of SIWRNAI_HOME; also one in which a rehearsal was kept."
        ),
    ] = None,
) -> None:
    """Choose the language, and whose data."""
    data_folder.choose(data)
    choose(checked(language, "--language") or checked(os.environ.get(SETTING), SETTING))


@app.command()
@does(Purpose.operates)
def serve() -> int:
    """Run everything in the foreground until Ctrl-C (`make run`)."""
    from console.first_start import first_start
    from console.running import settings_of_services
    from embedded.serve import serve as run

    return run(settings_of_services(), first_start)


@app.command()
@does(Purpose.apart)
def rehearse(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case shipped with the project, or a file.")],
    json: Annotated[bool, typer.Option("--json", help="JSON lines on standard output and nothing else.")] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help="A new folder in which everything is left, to be looked at.")
    ] = None,
) -> int:
    """Run a case in virtual time on parts of its own. Exit code 1 where what happens is not what it expects."""
    from rehearsal import rehearse as run

    return run(case, json=json, keep=keep, say=lambda words: typer.echo(words, err=True))


@app.command()
@does(Purpose.operates)
def migrate() -> None:
    """Bring the database up to date: of DATABASE_URL, else of what runs here. Exit code 1 where this version cannot go on with what is open."""
    from console.migrating import bring_up_to_date

    bring_up_to_date()


@app.command("tell-journeys")
@does(Purpose.goes_on)
def tell_journeys() -> int:
    """Tell every open journey of the calendar and settings in force: after a change that was interrupted."""
    from console.changes import tell_all
    from console.running import on_deployment

    return on_deployment(tell_all)


@app.command()
@does(Purpose.operates)
def gate(
    begin: Annotated[bool, typer.Option("--begin", help="Then let the engine give tasks to this version's workers.")] = False,
) -> int:
    """Replay every open journey on this version. Exit code 1 where it cannot go on with one of them; nothing has changed then."""
    from console.gate import pass_gate

    return pass_gate(begin)


@app.command()
@does(Purpose.operates)
def recover(
    check: Annotated[bool, typer.Option("--check", help="Only name the journeys that engine and record have differently.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="End runs that stand otherwise than the record; they go on from the record.")
    ] = False,
) -> int:
    """Start from the record every journey that the engine lost. Exit code 1 where one is left that the record has otherwise."""
    from console.endings import Mistake
    from console.language import say
    from console.recovering import recover as bring
    from console.running import on_deployment

    if check and replace:
        raise Mistake(say("recover.check_or_replace"))
    return on_deployment(lambda here: bring(here, check=check, replace=replace))


@app.command()
@does(Purpose.operates)
def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")],
    with_keys: Annotated[bool, typer.Option("--with-keys", help="Also the keys: whoever has such a backup can read everything.")] = False,
) -> None:
    """Back up what runs embedded here, while it runs: the record, the engine's store, caught letters."""
    from console.backing_up import backup as make

    make(folder, with_keys=with_keys)


@app.command()
@does(Purpose.operates)
def restore(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What siwrnai backup made.")]) -> int:
    """Bring a backup back where nothing runs and no data are; then engine and record are brought into agreement."""
    from console.backing_up import restore as bring_back

    return bring_back(folder)


@app.command()
@does(Purpose.operates)
def status(json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output and nothing else.")] = False) -> int:
    """Which parts are up, who works, what waits, what is late or stuck.

    Exit code 4 where a part is down; else 1 where something is late or stuck, or a letter or a checkpoint waits for more than an hour.
    """
    from console.parts import print_status

    return print_status(json=json)


def main() -> None:
    """The entry point."""
    app(prog_name="siwrnai")


if __name__ == "__main__":
    main()
