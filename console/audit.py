"""`siwrnai audit`: replay a journey, check that nothing was changed, export it."""

from pathlib import Path
from typing import Annotated

import typer

from audit.bundles import For
from console.options import ACTOR

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

Child = Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")]
Actor = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who asks for it: checked, and logged.")]


@app.command()
def export(  # noqa: PLR0913, PLR0917
    child: Child,
    for_: Annotated[For, typer.Option("--for", help="For whom: each kind has rules of its own for what goes in.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new archive (.zip) that its owner alone may read.")],
    actor: Actor = None,
    given_to: Annotated[
        str | None, typer.Option("--given-to", metavar="ID", help="The member of the family who asks for the child; without it the child.")
    ] = None,
    redact: Annotated[
        list[str] | None, typer.Option("--redact", metavar="ENTRY:PART", help="Also leave out a part; PART may be words, or all.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option("--without", metavar="ID", help="Also replace this person wherever named.")] = None,
) -> None:
    """One signed archive of a child's record to take away, with a verifier that needs plain Python alone."""
    from console.audit_asked import wanted
    from console.audit_export import export as write
    from console.running import on_deployment

    asked = wanted(child, for_, actor, given_to, redact or [], without or [])
    on_deployment(lambda here: write(here, asked, out))


@app.command()
def key() -> None:
    """The fingerprint of the key that signs, and the hash of the verifier: for the authority to publish."""
    from console.audit_key import published
    from console.running import endpoints
    from record.keys import KeyRing

    print(published(KeyRing(endpoints().keys)))
