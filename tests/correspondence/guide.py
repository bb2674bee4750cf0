"""Writes docs/letters.md from the letters themselves: `python -m tests.correspondence.guide`. A test keeps the file true."""

from pathlib import Path

from correspondence.catalogue import LANGUAGES, catalogue, say
from correspondence.render import render
from tests.correspondence.examples import every_kind

GUIDE = Path(__file__).parents[2] / "docs" / "letters.md"

KINDS = """\
| kind | when it goes | to whom |
|---|---|---|
| reminder | before a timescale is due, as its ladder of escalation says; in office hours, unless urgent | the one who owes it |
| alert | when a timescale has passed, and each time it is escalated; in office hours, unless urgent | the owner, then each role above in turn, or the deputy |
| notice | at once, whatever the hour | the roles that the procedures name for it |
| digest | each working day at 08:00, only when there is something to say | whoever has something put off or overdue |
| correction | when a letter that has gone turns out to have said something that is not so | whoever got that letter |
"""

OPENING = f"""\
# Letters

The service writes five kinds of letter, all to professionals. What a family or an agency is sent is another matter, released by a person.

{KINDS}
- **One letter a family, recipient and day.** What else there is to say that day waits for the digest. Siblings stand in one letter,
  in one part where the timescale and its date are the same. Urgent letters and notices go each on its own.
- **In the recipient's language**, dates and all; where it is not known, in both, Welsh first.
- **No name** of a child or of its family, in the subject or the body: ordinary mail is forwarded and shared. A child stands under its
  reference, and `siwrnai journey show` says the rest to those who may read it. A death is not told by mail: the letter says to read the
  record now.
- **Facts, each under its label**: what was due and when, how late, who is responsible, to whom it is escalated, who was told before, who
  is told next and when, how the date was counted, what to do.

## How a letter is sent

The sender (`python -m correspondence.sender`) takes a letter from the outbox, looks whether its cause still stands (a timescale met
meanwhile makes its letter stale; so does a reminder's own due time), writes it once, keeps the bytes, and hands them to the mail server.

| the mail server | the letter is |
|---|---|
| 250 | sent |
| 4xx, too slow, or not there; a wrong password; no STARTTLS | deferred: tried again, each wait twice as long up to a quarter of an hour, for ever |
| 5xx to the recipient or the message | refused: final. The child's journey is told, and the next in line is told instead |

After a crash between the server's 250 and our note of it the same bytes go again, with the same Message-ID: most mail servers drop the second.
In every other case a letter goes once. `Date` and `Message-ID` are the letter's own, so a late letter shows when it was due to go.
STARTTLS is required, except towards a mail server on the same machine. Logs hold ids of letters and codes of the server, never an address.

"""


def guide() -> str:
    """The whole of docs/letters.md."""
    return OPENING + _notices() + _corrections() + _examples()


def _notices() -> str:
    keys = [key for key in catalogue() if key.startswith("notice.") and key.endswith(".title") and ".other." not in key]
    rows = "\n".join(f"| `{key.split('.')[1]}` | {say(key, 'cy')} | {say(key, 'en')} |" for key in sorted(keys))
    return (
        "## Notices\n\nWords for another are added in `correspondence/notices.toml`; a test finds those that are missing.\n\n"
        f"| key | Cymraeg | English |\n|---|---|---|\n{rows}\n\n"
    )


def _corrections() -> str:
    keys = [key for key in catalogue() if key.startswith("correction.") and key.endswith(".what")]
    rows = "\n".join(f"| `{key.split('.')[1]}` | {say(key, 'cy')} | {say(key, 'en')} |" for key in sorted(keys))
    return f"## What a correction can say\n\n| key | Cymraeg | English |\n|---|---|---|\n{rows}\n\n"


def _examples() -> str:
    letters = [(kind, render(every_kind(language)[kind])) for kind in ("alert", "notice") for language in LANGUAGES]
    return "## Examples\n\n" + "\n".join(
        f"### {kind}, {'Cymraeg' if each.languages == ('cy',) else 'English'}\n\n`{each.subject}`\n\n```text\n{each.text.strip()}\n```\n"
        for kind, each in letters
    )


if __name__ == "__main__":
    GUIDE.write_text(guide(), encoding="utf-8")
