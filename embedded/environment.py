"""The documentation of all environment variables: `python -m embedded.environment > docs/environment.md`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from correspondence.reply_settings import ReplySettings
from correspondence.settings import SenderSettings
from embedded.settings import ServiceSettings, Settings, Variable, WorkerSettings, variables
from web.settings import WebSettings


class Section(NamedTuple):
    """The variables of one reader."""

    title: str
    variables: Sequence[Variable]


COMMAND_LINE = (
    Variable("SIWRNAI_LANGUAGE", "The language that the `siwrnai` command speaks: cy or en. By default the terminal's.", ""),
    Variable("SIWRNAI_ACTOR", "The id of the person who uses the `siwrnai` command, where `--actor` does not say.", ""),
)


def sections() -> Iterator[Section]:
    """Each variable once, where it matters first."""
    told: set[str] = set()
    for title, model in (
        ("What `siwrnai serve` may be told", Settings),
        ("A process that is run by itself", ServiceSettings),
        ("The worker", WorkerSettings),
        ("The sender of letters", SenderSettings),
        ("The reader of answers by mail", ReplySettings),
        ("The pages", WebSettings),
    ):
        yield Section(title, [each for each in variables(model) if each.name not in told])
        told |= {each.name for each in variables(model)}
    yield Section("The `siwrnai` command", COMMAND_LINE)


def document() -> str:
    """The page, in Markdown."""
    lines = [
        "# Environment variables",
        "",
        "All may be left out: then everything runs on this machine. A bad value is refused at start, in a sentence that names the variable,",
        "what is wrong, and what would be right. Processes that are run by themselves need TEMPORAL_ADDRESS and DATABASE_URL; the sender of",
        "letters SMTP_URL as well.",
    ]
    for section in sections():
        lines += ["", f"## {section.title}", "", "| variable | meaning | default |", "|---|---|---|"]
        lines += [f"| `{each.name}` | {each.meaning} | {f'`{each.default}`' if each.default else ''} |" for each in section.variables]
    return "\n".join(lines)


if __name__ == "__main__":
    print(document())
