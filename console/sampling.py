"""`siwrnai audit draw` and what follows it: cases drawn for audit, the form of each, actions followed to their end, results by theme."""

import datetime as dt
from typing import Annotated, Any

import typer
from pydantic import Field

from console.options import ACTOR, parameter, with_options
from console.purpose import Purpose, does
from console.reading import identifier, read
from schemas.audits import AuditorId, Key, Seed
from schemas.base import FreeText, Identifier, Instant, Model, PersonId

DrawId = Annotated[str, typer.Argument(metavar="DRAW", help="The draw's id.")]
ChildId = Annotated[str, typer.Argument(metavar="CHILD", help="A child of that draw.")]
ActionId = Annotated[str, typer.Argument(metavar="ACTION", help="The action's id.")]
OfDraw = Annotated[str | None, typer.Option("--draw", metavar="DRAW", help="Of one draw. Without it: of all.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output and nothing else.")]
Open = Annotated[bool, typer.Option("--open", help="Only what is still to be done.")]
Reader = Annotated[str | None, typer.Option("--actor", metavar="ID", envvar=ACTOR, help="Who reads it: logged.")]


class NewDraw(Model):
    """What is to be drawn. Without --theme and --risk: from all cases."""

    actor: AuditorId = Field(description="Who draws: somebody who holds a post from which cases are audited.")
    size: int = Field(ge=1, le=1000, description="How many cases.")
    seed: Seed | None = Field(default=None, description="With the same one the same cases are drawn. Without it: by chance, and printed.")
    theme: Key | None = Field(default=None, description="From the cases in which this theme of the form arises.")
    risk: bool = Field(default=False, description="From the cases with a sign of risk, those with the most first.")
    as_of: Instant | None = Field(
        default=None, description="As the record stood then: at the end of that day, minute or second. Without it: now."
    )


class NewAnswer(Model):
    """One question of the form answered; given again the later answer counts."""

    actor: AuditorId = Field(description="Who audits: nobody who has a part in the case.")
    question: Key = Field(description="The question, by its key.")
    grade: Key = Field(description="The grade, by its key.")
    finding: FreeText | None = Field(default=None, description="What was found. Needed but where the question does not arise.")
    action: FreeText | None = Field(default=None, description="What is to be put right.")
    owner: PersonId | None = Field(default=None, description="Who puts it right, by id.")
    due: dt.date | None = Field(default=None, description="By when, e.g. 2027-03-02.")


class ActionDone(Model):
    """An action is at its end."""

    actor: PersonId = Field(description="Who says so: its owner, or somebody who audits.")
    words: FreeText = Field(description="What was done, and how anybody can see it.")
    done_on: dt.date | None = Field(default=None, description="The day. Without it: today.")


@does(Purpose.audits)
def draw(**given: Any) -> None:
    """Draw cases for audit, so that they can be drawn again and compared; the draw is recorded, and its id printed."""
    from console.drawing import draw_cases
    from console.instants import through
    from console.running import on_deployment

    if given.get("as_of") is not None:
        given["as_of"] = through("--as-of", given["as_of"]).isoformat()
    new = read(NewDraw, given)
    on_deployment(lambda here: draw_cases(here, new))


@does(Purpose.looks)
def redraw(draw: DrawId, actor: Reader = None) -> int:
    """Draw again as that draw was drawn. Exit code 1 where the record gives other cases now. Nothing is recorded but the read."""
    from console.drawing import draw_again
    from console.running import on_deployment

    return on_deployment(lambda here: draw_again(here, identifier(draw, "DRAW"), actor))


@does(Purpose.looks)
def draws(actor: Reader = None) -> None:
    """The draws so far, the last first. The read is logged."""
    from console.drawing import print_draws
    from console.running import on_deployment

    on_deployment(lambda here: print_draws(here, actor))


@does(Purpose.looks)
def form(draw: DrawId, child: ChildId, actor: Reader = None) -> None:
    """The audit form of one case: what is asked, what was found, what is to be done. The read is logged."""
    from console.audit_forms import print_form
    from console.running import on_deployment

    on_deployment(lambda here: print_form(here, identifier(draw, "DRAW"), identifier(child, "CHILD"), actor))


@does(Purpose.audits)
def answer(draw: str, child: str, **given: Any) -> None:
    """Answer a question of the form of one case, with an action where something is to be put right."""
    from console.audit_forms import give_answer
    from console.running import on_deployment

    new = read(NewAnswer, given)
    on_deployment(lambda here: give_answer(here, identifier(draw, "DRAW"), identifier(child, "CHILD"), new))


@does(Purpose.audits)
def action_done(action: str, **given: Any) -> None:
    """Say that an action is done."""
    from console.audit_results import end_action
    from console.running import on_deployment

    new = read(ActionDone, given)
    on_deployment(lambda here: end_action(here, identifier(action, "ACTION"), new))


@does(Purpose.looks)
def actions(draw: OfDraw = None, open: Open = False, actor: Reader = None) -> int:
    """What is to be put right, by whom, by when. Exit code 1 where something is overdue. The read is logged."""
    from console.audit_results import print_actions
    from console.running import on_deployment

    of: Identifier | None = None if draw is None else identifier(draw, "--draw")
    return on_deployment(lambda here: print_actions(here, of, actor, only_open=open))


@does(Purpose.looks)
def results(draw: OfDraw = None, json: Json = False, actor: Reader = None) -> None:
    """What audits found, by theme: how many answers, which grades, which actions are open. The read is logged."""
    from console.audit_results import print_results
    from console.running import on_deployment

    of: Identifier | None = None if draw is None else identifier(draw, "--draw")
    on_deployment(lambda here: print_results(here, of, actor, json=json))


def enter(app: typer.Typer) -> None:
    """Put the verbs into the room of audit."""
    app.command("draw", help=draw.__doc__)(with_options(draw, NewDraw))
    app.command("redraw")(redraw)
    app.command("draws")(draws)
    app.command("form")(form)
    of_case = [parameter("draw", DrawId), parameter("child", ChildId)]
    app.command("answer", help=answer.__doc__)(with_options(answer, NewAnswer, of_case))
    app.command("action-done", help=action_done.__doc__)(with_options(action_done, ActionDone, [parameter("action", ActionId)]))
    app.command("actions")(actions)
    app.command("results")(results)
