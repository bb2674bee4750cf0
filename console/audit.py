"""`siwrnai audit`: a journey replayed, checked and taken away."""

from pathlib import Path
from typing import Annotated

import typer

from audit.bundles import For
from console import keeping, sampling
from console.options import ACTOR
from console.purpose import Purpose, does
from console.reading import identifier

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

sampling.enter(app)
keeping.enter(app)

Child = Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")]
Reader = Annotated[
    str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged. Without it: the system's user.")
]
Words = Annotated[bool, typer.Option("--words", help="Also the words of people, but those of the child that the reader may not read.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output and nothing else.")]


@app.command()
@does(Purpose.looks)
def show(  # noqa: PLR0913, PLR0917
    child: Child,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="INSTANT",
            help="The instant as it is shown, e.g. '2026-11-23 10:05': the end of that minute, day or second. Without an offset Europe/London. Without it: now.",
        ),
    ] = None,
    as_stood: Annotated[
        bool, typer.Option("--as-stood", help="As things stood then by all that is on record now, not as it was known then.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write every instant into one page that needs no network; a new file.")
    ] = None,
    actor: Reader = None,
    words: Words = False,
    json: Json = False,
) -> None:
    """How a child's journey was known at an instant, or how it stood. The read is logged."""
    from console.audit_show import Asking, print_standing, write_page
    from console.running import on_deployment

    known, asking = identifier(child, "CHILD"), Asking(actor, words, json)
    if html is not None:
        on_deployment(lambda here: write_page(here, known, html, asking))
    else:
        on_deployment(lambda here: print_standing(here, known, at, asking, as_stood=as_stood))


@app.command()
@does(Purpose.looks)
def why(  # noqa: PLR0913, PLR0917
    child: Child,
    letter: Annotated[str | None, typer.Option("--letter", metavar="ID", help="Why this letter was written.")] = None,
    timescale: Annotated[
        str | None, typer.Option("--timescale", metavar="INSTANCE", help="Why it is due when it is, e.g. core_group_next/2.")
    ] = None,
    entry: Annotated[int | None, typer.Option("--entry", metavar="N", help="Why this entry stands.")] = None,
    refusal: Annotated[int | None, typer.Option("--refusal", metavar="N", help="Why this was refused.")] = None,
    actor: Reader = None,
    words: Words = False,
    json: Json = False,
) -> None:
    """From an effect back to the person behind it; without an option every decision with what was said for and against it, and every refusal."""
    from console.audit_show import Asking
    from console.audit_why import About, print_why
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    about = About(letter, timescale, entry, refusal)
    on_deployment(lambda here: print_why(here, known, about, Asking(actor, words, json)))


@app.command()
@does(Purpose.looks)
def review(child: Child, actor: Reader = None, words: Words = False, json: Json = False) -> None:
    """What should have been: each timescale, what departed from the procedures with or without a reason, and drift that each would hide."""
    from console.audit_review import print_review
    from console.audit_show import Asking
    from console.running import on_deployment

    known = identifier(child, "CHILD")
    on_deployment(lambda here: print_review(here, known, Asking(actor, words, json)))


@app.command()
@does(Purpose.looks)
def export(  # noqa: PLR0913, PLR0917
    child: Child,
    for_: Annotated[For, typer.Option("--for", help="For whom: each kind has rules of its own for what goes in.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new archive (.zip) that its owner alone may read.")],
    actor: Annotated[
        str | None,
        typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who makes it, by a post that the rules name for its kind. Needed."),
    ] = None,
    given_to: Annotated[
        str | None, typer.Option("--given-to", metavar="ID", help="The member of the family who asks for the child; without it the child.")
    ] = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            "--redact",
            metavar="ENTRY:PART",
            help="Also leave out a part; PART may be words, or all. Or letter:N, meeting:N, document:N, document:N:SECTION.",
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="ID", help="Also replace this person and their agency, or an agency, wherever named."),
    ] = None,
) -> None:
    """One signed archive of a child's record to take away, with a verifier that needs plain Python alone."""
    from console.audit_asked import wanted
    from console.audit_export import export as write
    from console.running import on_deployment

    asked = wanted(child, for_, actor, given_to, redact or [], without or [])
    on_deployment(lambda here: write(here, asked, out))


@app.command()
@does(Purpose.looks)
def key() -> None:
    """The fingerprint of the key that signs, and the hash of the verifier: for the authority to publish."""
    from console.audit_key import published
    from console.running import keys_here

    print(published(keys_here()))


@app.command()
@does(Purpose.looks)
def verify(
    child: Annotated[str | None, typer.Argument(metavar="[CHILD]", help="The child's opaque id. Without it: every child.")] = None,
    anchor: Annotated[
        list[Path] | None,
        typer.Option("--anchor", metavar="FILE|FOLDER", help="Checkpoints kept outside, to compare with. May be given again and again."),
    ] = None,
    record_only: Annotated[bool, typer.Option("--record-only", help="Leave out the engine: of 60,000 children it takes hours.")] = False,
    actor: Reader = None,
    json: Json = False,
) -> int:
    """Was anything changed? Chain, signatures, checkpoints, the engine's state and history, letters. Exit code 1 where something is wrong."""
    from console.audit_report import verify as run

    return run(child, anchor or [], engine=not record_only, actor=actor, json=json)


@app.command()
@does(Purpose.goes_on)
def checkpoint(json: Json = False) -> int:
    """Make and anchor a checkpoint over all chains now. Exit code 1 where a chain is not what an earlier one said, or none took it yet."""
    from console.audit_checkpoint import checkpoint as make

    return make(json=json)
