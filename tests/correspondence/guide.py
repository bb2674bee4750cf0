"""Writes docs/letters.md from the letters themselves: `python -m tests.correspondence.guide`. A test keeps the file true."""

from pathlib import Path

from correspondence.catalogue import LANGUAGES, catalogue, say
from correspondence.family.letters import News
from correspondence.render import render, render_family
from tests.correspondence.examples import PAPERS, every_kind
from tests.correspondence.family_letters import letter as family_letter
from web.links import in_both

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

The service writes five kinds of letter to professionals, beside those about meetings and reports ([meetings.md](meetings.md),
[reports.md](reports.md)). What a family reads is worded apart: see below.

{KINDS}
- **One letter a family, recipient and day.** What else there is to say that day waits for the digest. Siblings stand in one letter,
  in one part where the timescale and its date are the same. Urgent letters and notices go each on its own.
- **In the recipient's language**, dates and all; where it is not known, in both, Welsh first. A link opens its page in the language of the words
  around it: a letter in both has one for each.
- **No name** of a child or of its family, in the subject or the body: ordinary mail is forwarded and shared. A child stands under its
  reference, and `siwrnai journey show` says the rest to those who may read it. A death is not told by mail: the letter says to read the
  record now.
- **Facts, each under its label**: what was due and when, how late, who is responsible, to whom it is escalated, who was told before, who
  is told next and when, how the date was counted, what to do.

## How a letter is sent

The sender (`python -m correspondence.sender`) takes a letter from the outbox, looks whether its cause still stands (a timescale met
meanwhile makes its letter stale; so does a reminder's own due time), writes it once, keeps the bytes, and hands them to the mail server.
Several go side by side (`SIWRNAI_MAIL_CONNECTIONS`); those to one person go one after the other, so that a correction never overtakes what it corrects.

| the mail server | the letter is |
|---|---|
| 250 | sent |
| 4xx, too slow, or not there; a wrong password; no STARTTLS | deferred: tried again, each wait twice as long up to a quarter of an hour, for ever |
| 5xx to the recipient or the message | refused: final. The child's journey is told, and the next in line is told instead |

After a crash between the server's 250 and our note of it the same bytes go again, with the same Message-ID: most mail servers drop the second.
In every other case a letter goes once. `Date` and `Message-ID` are the letter's own, so a late letter shows when it was due to go.
STARTTLS is required, except towards a mail server on the same machine. Logs hold ids of letters and codes of the server, never an address.

## Letters to a family

Whoever is invited to a meeting as one of the family, or stands by it, reads plain words: short sentences, everyday Welsh and English
(`correspondence/family/words.toml`; a test measures the sentences), an adult as "chi", a child as "ti". There are four readers – a parent or
carer, a supporter, an older child (eleven or more on the day; practice) and a younger one – and four pieces of news: invited, changed, called
off, the day before. Nobody of a family is ever chased.

- The letter says which meeting it is, what happens there, who may come along, that there may be an interpreter, that the reports come
  beforehand (before conferences), how to say yes, no or another time, and whom to ask. A supporter is not told which kind of meeting it is.
- It names no child, nobody else who is invited, and no reason for the meeting: the social worker tells that. Whoever attends separately
  reads that it is so. Where the place may not be written, the social worker tells it.
- **On paper** (`siwrnai meeting letter MEETING INVITEE --out FILE`): one page to print on A4, in 12 point or in large print, in both languages
  where none is known, for the arranger, the social worker or the manager, who hand it over or post it; nothing before it is released.
  Whoever was handed an earlier date reads that this one replaces it.
- The line in the calendar is "Meeting", as in every family's.
- **The thresholds** are linked in an adult's letter as what the agencies agreed on, by a link of that person's, so that its opening is
  counted; on paper by their plain address. A supporter's letter and a child's have none: they say nowhere what the meeting is.
- **Leaflets** (`correspondence/leaflets`) stand below an invitation, by the kind of meeting: what happens at a conference, what a core group
  or a family network meeting is, advocacy, complaints and appeals; for a child, what an advocate is. Each is a file in each language, and a
  test finds one that is missing.

## Papers of a conference

After an initial, pre-birth or transfer-in conference the decision summary with the outline plan goes out (five working days), after a review its outcome,
after each of them the record (twenty working days). Each conference owes its own: what one meeting sends meets nothing that is due of another, or of
one that was held elsewhere. Each is written
for one child, in Welsh, in English or in both, and kept sealed under that child's key. What was decided, the categories and the next dates are taken from
the child's journey: nobody types them twice.

```
siwrnai meeting paper MEETING --actor CHAIR --paper outline_plan --child CHILD --language cy --reasons @FILE --plan '{{"change_needed": …}}' …
siwrnai meeting papers-preview MEETING outline_plan --actor CHAIR      # each reader: way, language, letter, and every word that they will read
siwrnai meeting circulated MEETING --actor CHAIR --paper outline_plan  # letters go; each child's timescale is met
siwrnai meeting code MEETING INVITEE --actor ARRANGER                  # for whoever has none yet
siwrnai meeting papers-for MEETING INVITEE --out FILE --actor WORKER   # for one of the family who gets paper
```

- **To everybody invited**, there or not, in the parts that `[papers]` in `procedures/wales.toml` names, in their language, in both where it is not known.
  A supporter gets none.
- **The mail says only that something waits**: no child, no meeting, no date. The words are on a page behind a code
  ([pages.md](pages.md#what-people-get-after-a-conference)).
- **To the family** once the social worker has released it to them, as an invitation (`siwrnai meeting released` goes on after the meeting), by the way
  that is safe now. On paper it is printed, handed over or posted, and owed until
  `handed-over` is recorded. Who is not released, or has no safe way, gets nothing: their social worker is told at once.
- **Of those children alone** of whom the reader may hear ([entitlement.md](entitlement.md)). Whoever is told nothing about a child gets nothing about it,
  also where the letter went out before.
- **The child's voice** is read by those alone who may read it as it was recorded: chair and social worker, the child and the advocate; others where it
  says so; parents not by default.
- **Closed parts**: `--close section=…,person=…` keeps a section from one of the family. Only the chair takes that back.
- **To a child** of an age to read (`[papers.child]`), with the outline plan and the outcome of a review: its own paper in plain words, in place
  of the grown-ups'. What was decided, what comes next and by when, and whom it can talk to stand in it by themselves; why, what it said and what
  changed because of it are written with `--own-why`, `--own-said` and `--own-changed`, or left to the social worker. A younger child is told by
  its social worker, who is asked to; and so is a child of whom it is not on record which of the children it is. A child is invited as one child:
  `--add` and `invited` name it with `children`.
- **The record lists** who was there, who wrote and who sent apologies: the family by part alone, but the reader. Who attended separately, and
  who was not invited and why, is read by chair, minute-taker and social worker alone (`[papers.attendance]`), and the list by nobody from whom
  the address is hidden. To one of the family it leaves out whoever attended separately, from them or from others, and with them the parts that
  would betray it: supporters, and who works with those who are harmed at home.
- **Nothing goes by itself** to somebody who may read now what they might not before: where a restriction is lifted, or the chair opens a part,
  the social worker is told how many papers could be sent, with the line for each: `siwrnai meeting circulated MEETING --paper … --to INVITEE`.
  It goes to that person alone, and the journeys hear nothing anew. Of the family the release sends it, once the social worker has spoken with them
  again; what they hold as it stands is not sent twice unless a reason is given.
- **A correction**: write it again, and circulate it again: it goes to everybody again. With `--children` it takes the place of those children's paper
  alone: what went out of the others stays open. Nothing is sent whose page is closed by now.
- **A message that a mail server refuses** is told to whoever arranged the meeting, though it is over.

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
    letters = [(kind, render(every_kind(language)[kind])) for kind in ("alert", "notice", "paper") for language in LANGUAGES]
    letters += [
        ("paper, to a parent", render_family(family_letter(news=News.paper, language=each, link=in_both(PAPERS)))) for each in LANGUAGES
    ]
    return "## Examples\n\n" + "\n".join(
        f"### {kind}, {'Cymraeg' if each.languages == ('cy',) else 'English'}\n\n`{each.subject}`\n\n```text\n{each.text.strip()}\n```\n"
        for kind, each in letters
    )


if __name__ == "__main__":
    GUIDE.write_text(guide(), encoding="utf-8")
