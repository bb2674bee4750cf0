"""`siwrnai audit export`: one signed archive of a child's record, for an inspection, a court, or whoever it is about.

Asked of the one check first, made at one instant of the record, logged as a read in the transaction that reads.
"""

import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from audit import manifest, pages
from audit.bundles import Bundles, For, Kind, bundles
from audit.manifest import Whose as Made
from audit.people import People, Somebody
from audit.redaction import Asked, Other, Redaction
from audit.told import Front, Record, Teller
from audit.wording import say as page_says
from console.audit_key import published
from console.bundle_files import Folder
from console.bundle_meetings import write_meetings
from console.bundle_record import Writer
from console.endings import Code, Ended, Mistake
from console.language import say
from console.running import Running
from console.showing import role_title
from console.viewing import let_in, seen_by, whose_child
from entitlement.asking import entitlement
from record import children, directory, exporting, projections, reads, versions
from record.exporting import Named
from record.pool import Connection, open_pool, transaction
from record.projections import Whose
from record.roles import Role, dsn
from schemas.base import Identifier
from schemas.clocks import Language
from schemas.entitlement import Fact
from schemas.family import Relation

LANGUAGES: tuple[Language, ...] = ("cy", "en")

LINES = ("timeline", "words", "meetings", "letters", "documents", "reads", "withheld")


class Wanted(NamedTuple):
    """What was asked for."""

    child: Identifier
    for_: For
    actor: Identifier
    given_to: Identifier | None = None
    redact: frozenset[tuple[int, str]] = frozenset()
    others: frozenset[Other] = frozenset()
    """Letters and documents to leave out."""
    left_out: frozenset[Identifier] = frozenset()


class Known(NamedTuple):
    """Who is who around the child."""

    child: Named
    siblings: tuple[Named, ...]
    family: tuple[Named, ...]
    professionals: tuple[Named, ...]
    agencies: Mapping[Identifier, tuple[str, ...]]
    """Their names, in Welsh and in English."""
    came_for: Mapping[Identifier, frozenset[Identifier]]
    """By professional: agencies."""

    @property
    def everybody(self) -> tuple[Somebody, ...]:
        """All of them, by id."""
        found = {each.id: Somebody(each.id, "professional", each.names) for each in self.professionals}
        found |= {each.id: Somebody(each.id, "family", each.names) for each in self.siblings}
        # The child stands among its own family too, as somebody who is invited and answers.
        found |= {each.id: Somebody(each.id, "child" if each.relation is Relation.child else "family", each.names) for each in self.family}
        found[self.child.id] = Somebody(self.child.id, "child", self.child.names)
        return tuple(found[id] for id in sorted(found))


async def export(here: Running, wanted: Wanted, out: Path) -> None:
    """Write the archive into a new file that its owner alone may read, and print what the reader of it compares.

    Raises:
        Mistake: no such child or person, or the file cannot be written.
        Ended: whoever asks, or whoever it is given to, is not entitled to it.
    """
    _free(out)
    rules = bundles()
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".siwrnai-") as place:
        folder = Folder(Path(place))
        async with transaction(here.pool, here.authority, still=True) as connection:
            made, redaction = await _gather(here, connection, wanted, rules, folder)
        # From here on it is logged: whoever has the archive has read the record.
        _write_pages(here, made, redaction, folder)
        signed = manifest.signed(made, folder.files, here.keys.signing_key)
        folder.put("manifest.json", signed.manifest)
        folder.put("manifest.sig", signed.signature)
        folder.pack(out)
    print(say("audit_export.written", file=out, entries=made.entries))
    print(published(here.keys))


def _free(out: Path) -> None:
    if out.exists():
        raise Mistake(say("audit_export.is_there", file=out))
    if not out.parent.is_dir():
        raise Mistake(say("audit_export.no_folder", folder=out.parent))


async def _gather(here: Running, connection: Connection, wanted: Wanted, rules: Bundles, folder: Folder) -> tuple[Made, Redaction]:
    child, actor = wanted.child, wanted.actor
    whose = await whose_child(connection, child)
    now = await versions.now(connection)
    await let_in(connection, [child], actor)
    await _let_make(connection, rules.kinds[wanted.for_], wanted, now)
    known = await _known(connection, whose, here, now)
    hidden = await _hidden(connection, wanted, rules, known)
    asked = Asked(wanted.for_, wanted.redact, wanted.others, hidden, wanted.given_to)
    redaction = Redaction(rules, asked, people_in(known, rules.kinds[wanted.for_], wanted))
    siblings = frozenset(each.id for each in known.siblings)
    see = frozenset[Identifier]() if redaction.kind.letters == "own" else await seen_by(connection, siblings, actor)
    own = {wanted.given_to} if wanted.given_to else {child, *(each.id for each in known.family if each.relation is Relation.child)}
    with folder.lines("withheld.jsonl") as withhold:
        writer = Writer(connection, here.keys, folder, redaction, whose, actor, frozenset(own), withhold, see)
        await _write(here, writer)
    lost = [say("audit_export.nothing_there", entry=seq, part=part) for seq, part in redaction.not_found]
    lost += [say("audit_export.no_other", given=each) for each in redaction.others_not_found]
    if lost:
        raise Mistake(*lost)
    await reads.log(connection, actor, f"audit export for {wanted.for_}", [child, *sorted(see), *writer.shown])
    return Made(child, wanted.for_, actor, now, writer.entries, tuple(writer.logs), wanted.given_to), redaction


async def _write(here: Running, writer: Writer) -> None:
    state = await writer.timeline()
    await writer.words(state)
    # The door sees no bytes of letters: they are read by a login that sees nothing else.
    address = dsn(here.endpoints.postgres_superuser_dsn, Role.exporter, here.endpoints.keys)
    async with await open_pool(address, "siwrnai audit", most=1) as pool, transaction(pool, here.authority, still=True) as sent:
        await writer.letters(sent)
    await write_meetings(writer)
    await writer.documents()
    await writer.reads()
    await writer.rules()
    writer.people()


async def _let_make(connection: Connection, kind: Kind, wanted: Wanted, now: datetime) -> None:
    if not await directory.knows(connection, wanted.actor, now):
        raise Mistake(say("mistakes.unknown_person", person=wanted.actor))
    roles = (await projections.facts(connection, wanted.child)).roles
    holds = {*await directory.posts_of(connection, wanted.actor, now), *(role for role, who in roles.items() if who == wanted.actor)}
    if not holds & set(kind.made_by):
        posts = ", ".join(role_title(each) for each in kind.made_by)
        raise Ended(Code.refused, say("audit_export.not_entitled", person=wanted.actor, kind=wanted.for_, posts=posts))


async def _hidden(connection: Connection, wanted: Wanted, rules: Bundles, known: Known) -> frozenset[str]:
    """The sections that would betray something hidden from whoever it is given to.

    Raises:
        Ended: that person may not know of the child's case at all.
        Mistake: nobody of the family has that id.
    """
    if wanted.given_to is None:
        return frozenset()
    if wanted.given_to not in {each.id for each in known.family}:
        raise Mistake(say("audit_export.not_family", person=wanted.given_to, child=wanted.child))
    told = await entitlement(connection, [wanted.child])
    if told.withheld(wanted.given_to, Fact.case, wanted.child) is not None:
        raise Ended(Code.refused, say("audit_export.told_nothing", person=wanted.given_to, child=wanted.child))
    sections = ((name, facts) for name, facts in rules.tells)
    return frozenset(name for name, facts in sections if any(told.withheld(wanted.given_to, fact, wanted.child) for fact in facts))


async def _known(connection: Connection, whose: Whose, here: Running, now: datetime) -> Known:
    siblings = [each for each in await children.family(connection, whose.family) if each != whose.child]
    return Known(
        await exporting.child_names(connection, whose.child, here.keys),
        tuple([await exporting.child_names(connection, each, here.keys) for each in siblings]),
        tuple(await exporting.family_names(connection, whose.child, here.keys)),
        tuple(await exporting.professional_names(connection)),
        await exporting.agency_names(connection),
        await exporting.came_for(connection),
    )


def people_in(known: Known, kind: Kind, wanted: Wanted) -> People:
    """Everybody whom the bundle may name, and who of them is left out.

    Raises:
        Mistake: somebody is to be left out whom nobody knows.
    """
    everybody = known.everybody
    if unknown := wanted.left_out - {each.id for each in everybody} - known.agencies.keys():
        raise Mistake(*(say("mistakes.unknown_person", person=each) for each in sorted(unknown)))
    # Where somebody is left out, the agency that they come for would tell who it is.
    left_out = wanted.left_out.union(*(known.came_for.get(each, frozenset()) for each in wanted.left_out))
    agencies = tuple(Somebody(id, "agency", names) for id, names in sorted(known.agencies.items()) if id in left_out)
    named = {id: " / ".join(names[-2:]) for id, names in known.agencies.items() if id not in left_out}
    return People((*everybody, *agencies), kind, left_out, wanted.given_to, named)


def _write_pages(here: Running, made: Made, redaction: Redaction, folder: Folder) -> None:
    folder.put(manifest.VERIFIER, manifest.verifier())
    key = here.keys.public_key
    folder.put("public-key.txt", f"{manifest.public_bytes(key).hex()}\n{manifest.fingerprint(key)}\n".encode())
    people = redaction.people
    front = Front(
        kind=redaction.kind,
        child=people.name(made.child),
        made_at=made.made_at.isoformat(),
        made_by=people.name(made.made_by),
        fingerprint=manifest.fingerprint(key),
        verifier=manifest.verifier_sha256(),
        rules=tuple((name, file.sha256) for name, file in sorted(folder.files.items()) if name.startswith("rules/")),
        given_to=None if made.given_to is None else people.name(made.given_to),
    )
    record = Record(**{name: folder.read(f"{name}.jsonl") for name in LINES})
    folder.put("README.txt", _read_me(front).encode())
    for language in LANGUAGES:
        teller = Teller(language, front, people.name)
        folder.put(pages.SCREEN[language], (piece.encode() for piece in pages.on_screen(teller, teller.tells(record))))
        for number, pdf in enumerate(pages.on_paper(teller, teller.tells(record), made.made_at), 1):
            folder.put(pages.PAPER[language].format(number), pdf)


def _read_me(front: Front) -> str:
    return "\n\n".join("\n".join(_read_me_in(front, language)) for language in LANGUAGES) + "\n"


def _read_me_in(front: Front, language: Language) -> Iterable[str]:
    say_in = partial(page_says, fingerprint=front.fingerprint, sha256=front.verifier)
    yield front.kind.title.said(language)
    yield pages.SCREEN[language]
    yield from (say_in(f"check.{each}", language) for each in ("run", "key", "verifier", "proves", "vouched"))
