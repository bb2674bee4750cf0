"""The groups of verbs: a room is imported only when somebody enters it, and every way out is one sentence and one exit code."""

import os
import re
import sys
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_group

from console.endings import Code, Ended
from console.language import knows, say

NO_COMMAND = re.compile(r"No such command '(.*?)'")


class FrontDoor(TyperGroup):
    """The whole command. Mistakes end with a sentence on standard error, never with a traceback, which could hold words of people."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command and leave with its exit code."""
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
        except Ended as ended:
            print(ended, file=sys.stderr)
            code = ended.code
        except typer.TyperException as error:
            print(_sentence(error), file=sys.stderr)
            code = Code.mistake
        except Exception as error:
            if os.environ.get("SIWRNAI_LOG_LEVEL") == "debug":
                raise
            print(_fault(error), file=sys.stderr)
            code = Code.broken
        sys.exit(int(code or 0))


class Room(TyperGroup):
    """A group whose verbs are those of the `app` of a module."""

    module: ClassVar[str]

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs, as the module lists them."""
        return list(_inside(self.module).commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A verb; underscores, as timelines write names, do as well as hyphens."""
        return _inside(self.module).commands.get(cmd_name.replace("_", "-"))


@cache
def _inside(module: str) -> TyperGroup:
    return get_group(import_module(module).app)


def room(module: str) -> type[Room]:
    """The group of that module's `app`."""
    return type("Room", (Room,), {"module": module})


def _fault(error: Exception) -> str:
    """What kind of fault and where, and nothing of what its message may say."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return say("line.fault", kind=type(error).__name__, file=Path(place.filename).name, number=place.lineno)


def _sentence(error: typer.TyperException) -> str:
    """What is wrong with the line that was typed. Typer's own words are English."""
    kind = type(error).__name__
    if unknown := NO_COMMAND.match(error.message):
        return say("line.no_command", name=unknown[1])
    if not knows(f"line.{kind}"):
        return error.format_message()
    option = getattr(error, "option_name", None) or getattr(getattr(error, "param", None), "name", "") or ""
    near = ", ".join(getattr(error, "possibilities", None) or ())
    words = say(f"line.{kind}", option=option if option.startswith("-") else option.upper(), says=error.message)
    return words + (" " + say("line.near", near=near) if near else "")
