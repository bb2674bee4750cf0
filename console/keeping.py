"""`siwrnai audit kept`, `hold` and `destroy-…`: how long a record is kept, what forbids its destruction, and the two who sign it."""

from typing import Annotated, Any

import typer
from pydantic import Field

from console.options import ACTOR, parameter, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.base import FreeText, Model
from schemas.retention import CustodianId, Kind

ChildId = Annotated[str, typer.Argument(metavar="CHILD", help="The child's opaque id.")]
AnyChild = Annotated[str | None, typer.Argument(metavar="[CHILD]", help="The child's opaque id. Without it: every closed record.")]
Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")]


class Reason(Model):
    """A legal hold, its end, or a proposal taken back."""

    actor: CustodianId = Field(description="Who says so: the custodian of the register, or a senior manager.")
    reason: FreeText = Field(description="Why: the court, inquiry or claim; or what spoke against the proposal.")


class Signature(Model):
    """One of the two who sign."""

    actor: CustodianId = Field(
        description="Who signs: the custodian of the register or a senior manager, and nobody of the case's own line."
    )


@does(Purpose.looks)
def kept(child: AnyChild = None, actor: Reader = None) -> None:
    """Until when closed records are kept, by which rule, and what else stands in the way. The read is logged."""
    from console.kept_records import print_kept
    from console.running import on_deployment

    known = None if child is None else identifier(child, "CHILD")
    on_deployment(lambda here: print_kept(here, known, actor))


@does(Purpose.audits)
def hold(child: str, **given: Any) -> None:
    """Forbid the destruction of a record, until the hold is lifted."""
    _say(child, given, Kind.hold)


@does(Purpose.audits)
def hold_lifted(child: str, **given: Any) -> None:
    """Lift a hold."""
    _say(child, given, Kind.hold_lifted)


@does(Purpose.audits)
def destroy_proposed(child: str, **given: Any) -> None:
    """Sign, as the first of two, that a record's time is over. Nothing is destroyed yet."""
    from console.destroying import propose
    from console.running import on_deployment

    new = read(Signature, given)
    on_deployment(lambda here: propose(here, identifier(child, "CHILD"), new))


@does(Purpose.audits)
def destroy_withdrawn(child: str, **given: Any) -> None:
    """Take back a proposal to destroy, by whoever made it or another who may sign, with a reason. To be destroyed it is proposed anew."""
    from console.destroying import withdraw
    from console.running import on_deployment

    new = read(Reason, given)
    on_deployment(lambda here: withdraw(here, identifier(child, "CHILD"), new))


@does(Purpose.audits)
def destroy_confirmed(child: str, **given: Any) -> None:
    """Sign as the second, somebody else: what is personal is destroyed for good. Given again it goes on where it was broken off."""
    from console.destroying import confirm
    from console.running import on_deployment

    new = read(Signature, given)
    on_deployment(lambda here: confirm(here, identifier(child, "CHILD"), new))


@does(Purpose.looks)
def destructions(actor: Reader = None) -> int:
    """What was held and destroyed, by whom and by which rule. Exit code 1 where one is not at its end, a key is back, or the log was changed."""
    from console.kept_records import print_destructions
    from console.running import on_deployment

    return on_deployment(lambda here: print_destructions(here, actor))


def _say(child: str, given: dict[str, Any], kind: Kind) -> None:
    from console.destroying import say_hold
    from console.running import on_deployment

    new = read(Reason, given)
    on_deployment(lambda here: say_hold(here, identifier(child, "CHILD"), new, kind))


def enter(app: typer.Typer) -> None:
    """Put the verbs into the room of audit."""
    of_child = [parameter("child", ChildId)]
    app.command("kept")(kept)
    app.command("hold", help=hold.__doc__)(with_options(hold, Reason, of_child))
    app.command("hold-lifted", help=hold_lifted.__doc__)(with_options(hold_lifted, Reason, of_child))
    app.command("destroy-proposed", help=destroy_proposed.__doc__)(with_options(destroy_proposed, Signature, of_child))
    app.command("destroy-withdrawn", help=destroy_withdrawn.__doc__)(with_options(destroy_withdrawn, Reason, of_child))
    app.command("destroy-confirmed", help=destroy_confirmed.__doc__)(with_options(destroy_confirmed, Signature, of_child))
    app.command("destructions")(destructions)
