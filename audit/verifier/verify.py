"""Check a bundle of Siwrnai. Needs Python 3.9 or later and nothing else; reads files, writes none, and asks no network.

    python3 -I verify.py [FOLDER or ZIP] [--fingerprint WORDS] [--cymraeg]

Exit code 0 where everything is as it was signed, 1 where anything is not; each line then says where. Whoever could have changed the bundle
could have changed this file too: compare its SHA-256, and the key's fingerprint, with what the authority publishes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = "siwrnai bundle 3"
SIGNED_FIRST = b"siwrnai bundle manifest\0"
"""Stands before what is signed, so that no signature of an entry passes for one of a bundle."""
MANIFEST, SIGNATURE, KEY, TIMELINE, WORDS = "manifest.json", "manifest.sig", "public-key.txt", "timeline.jsonl", "words.jsonl"
LETTERS, DOCUMENTS, MEETINGS, WITHHELD = "letters.jsonl", "documents.jsonl", "meetings.jsonl", "withheld.jsonl"
OURSELVES = frozenset({MANIFEST, SIGNATURE})
"""What the manifest cannot name."""
LOGGED = ("seq", "kind", "happened_at", "decided_at", "actor", "cause", "command_id", "content")
"""What a meeting's line says of an entry of its log, word for word as it was signed."""
BLOCK = 1 << 20

# fmt: off
SAID = {
    "fingerprint": ("Fingerprint of the key: {}", "Ôl bys yr allwedd: {}"),
    "compare": ("Compare it with the fingerprint that the authority publishes. Without that, anybody could have signed this.",
                "Cymharwch ef â'r ôl bys y mae'r awdurdod yn ei gyhoeddi. Heb hynny, gallai unrhyw un fod wedi llofnodi hwn."),
    "other_key": ("{}: the key is not the one whose fingerprint was given", "{}: nid hon yw'r allwedd y rhoddwyd ei hôl bys"),
    "unreadable": ("{}: cannot be read as what it should be ({})", "{}: ni ellir ei ddarllen fel y dylai fod ({})"),
    "no_file": ("{}: is missing", "{}: ar goll"),
    "signature": ("manifest.sig: the signature does not belong to manifest.json and the key",
                  "manifest.sig: nid yw'r llofnod yn perthyn i manifest.json a'r allwedd"),
    "key": ("public-key.txt: is not the key that manifest.json names", "public-key.txt: nid yr allwedd y mae manifest.json yn ei henwi"),
    "format": ("manifest.json: this verifier does not know the form {}", "manifest.json: nid yw'r gwirydd hwn yn adnabod y ffurf {}"),
    "changed": ("{}: was changed: its SHA-256 is not what was signed", "{}: fe'i newidiwyd: nid ei SHA-256 a lofnodwyd"),
    "extra": ("{}: is not part of what was signed", "{}: nid yw'n rhan o'r hyn a lofnodwyd"),
    "archive": ("the archive itself was changed near byte {}", "newidiwyd yr archif ei hun ger beit {}"),
    "line": ("{}, line {}: cannot be read ({})", "{}, llinell {}: ni ellir ei darllen ({})"),
    "order": ("entry {}: entry {} should stand here", "cofnod {}: cofnod {} a ddylai sefyll yma"),
    "chain": ("entry {}: its hash does not follow from its header and the entry before", "cofnod {}: nid yw ei hash yn dilyn o'i bennyn a'r cofnod o'i flaen"),
    "header": ("entry {}: its header does not say what its place says", "cofnod {}: nid yw ei bennyn yn dweud yr hyn y mae ei le yn ei ddweud"),
    "signed": ("entry {}: its signature is not by this key", "cofnod {}: nid gyda'r allwedd hon y'i llofnodwyd"),
    "part": ("entry {}, part {}: is not what was committed", "cofnod {}, rhan {}: nid dyna a ymrwymwyd"),
    "lacks": ("entry {}, part {}: is neither shown nor said to be withheld", "cofnod {}, rhan {}: nis dangosir ac ni ddywedir ei bod wedi'i dal yn ôl"),
    "both": ("entry {}, part {}: is not one of that entry's", "cofnod {}, rhan {}: nid yw'n un o rannau'r cofnod hwnnw"),
    "short": ("timeline.jsonl: has {} entries, and {} were signed", "timeline.jsonl: {} cofnod sydd ynddo, a llofnodwyd {}"),
    "words": ("words.jsonl, line {}: the words are not those to which entry {} refers",
              "words.jsonl, llinell {}: nid dyma'r geiriau y mae cofnod {} yn cyfeirio atynt"),
    "no_reference": ("words.jsonl, line {}: entry {} does not refer to these words", "words.jsonl, llinell {}: nid yw cofnod {} yn cyfeirio at y geiriau hyn"),
    "rules": ("rules: no file of the rules {} that entry {} names", "rules: nid oes ffeil o'r rheolau {} y mae cofnod {} yn eu henwi"),
    "redacted_entry": ("entry {}: withheld whole, proven to have stood there: {}", "cofnod {}: wedi'i ddal yn ôl yn gyfan, profwyd iddo sefyll yno: {}"),
    "redacted": ("entry {}, part {}: redacted, proven to have stood there: {}", "cofnod {}, rhan {}: wedi'i olygu, profwyd iddi sefyll yno: {}"),
    "copy": ("    what is shown in its place is vouched for by the bundle's signature alone",
             "    llofnod y bwndel yn unig sy'n tystio i'r hyn a ddangosir yn ei lle"),
    "withheld_words": ("words at entry {}: withheld, proven to have been referred to: {}",
                       "geiriau cofnod {}: wedi'u dal yn ôl, profwyd y cyfeiriwyd atynt: {}"),
    "in_meeting": ("meeting {}, {}", "cyfarfod {}, {}"),
    "entry": ("entry {}: cannot be read ({})", "cofnod {}: ni ellir ei ddarllen ({})"),
    "told": ("entry {}: what is told of it is not what was signed", "cofnod {}: nid yr hyn a lofnodwyd yw'r hyn a ddywedir amdano"),
    "unchained": ("entry {}: is told of, and does not stand in the chain", "cofnod {}: sonnir amdano, ac nid yw'n sefyll yn y gadwyn"),
    "in_silence": ("entry {}: is neither shown nor said to be withheld", "cofnod {}: nis dangosir ac ni ddywedir ei fod wedi'i ddal yn ôl"),
    "short_log": ("meeting {}: its log has {} entries, and {} were signed", "cyfarfod {}: {} cofnod sydd yn ei log, a llofnodwyd {}"),
    "redacted_log": ("meeting {}, log {}: redacted, proven to have stood there", "cyfarfod {}, log {}: wedi'i olygu, profwyd iddo sefyll yno"),
    "ended_log": ("meeting {}, log {}: redacted, its last entry signed with this key; the bundle's signature alone vouches that they stood there",
                  "cyfarfod {}, log {}: wedi'i olygu, ei gofnod olaf wedi'i lofnodi â'r allwedd hon; llofnod y bwndel yn unig sy'n tystio iddynt sefyll yno"),
    "taken_over": ("meeting {}: {} entries of its log were written by an earlier version without a signature, and signed as they stood when the database "
                   "was brought up to date; of what was done to them before that nothing is proven",
                   "cyfarfod {}: {} cofnod o'i log a ysgrifennwyd gan fersiwn gynharach heb lofnod, ac a lofnodwyd fel yr oeddent pan ddiweddarwyd "
                   "y gronfa ddata; ni phrofir dim am yr hyn a wnaed iddynt cyn hynny"),
    "letter": ("letter {}: is not what its hash says", "llythyr {}: nid dyna a ddywed ei hash"),
    "meeting": ("meeting {}: is not what its hash says", "cyfarfod {}: nid dyna a ddywed ei hash"),
    "section": ("document {}, section {}: is not what its hash says", "dogfen {}, adran {}: nid dyna a ddywed ei hash"),
    "sections": ("document {}: shows other sections than its hashes name", "dogfen {}: mae'n dangos adrannau heblaw'r rhai y mae ei hashau yn eu henwi"),
    "listed_letter": ("letter {}: withheld.jsonl does not say what stands there", "llythyr {}: nid yw withheld.jsonl yn dweud yr hyn sydd yno"),
    "listed_document": ("document {}: withheld.jsonl does not say what stands there", "dogfen {}: nid yw withheld.jsonl yn dweud yr hyn sydd yno"),
    "listed_meeting": ("meeting {}: withheld.jsonl does not say what stands there", "cyfarfod {}: nid yw withheld.jsonl yn dweud yr hyn sydd yno"),
    "listed_section": ("section {}: withheld.jsonl does not say what stands there", "adran {}: nid yw withheld.jsonl yn dweud yr hyn sydd yno"),
    "removed_letter": ("letter {}: removed, hash {}: {}", "llythyr {}: tynnwyd allan, hash {}: {}"),
    "removed_document": ("document {}: removed, hash {}: {}", "dogfen {}: tynnwyd allan, hash {}: {}"),
    "removed_meeting": ("meeting {}: withheld whole or in part, hash {}: {}",
                        "cyfarfod {}: wedi'i ddal yn ôl yn gyfan neu'n rhannol, hash {}: {}"),
    "removed_section": ("document {}, section {}: removed, hash {}: {}", "dogfen {}, adran {}: tynnwyd allan, hash {}: {}"),
    "copied": ("document {}: a copy is shown, names replaced or sections left out: {}",
               "dogfen {}: dangosir copi, enwau wedi'u disodli neu adrannau wedi'u gadael allan: {}"),
    "vouched": ("words at entry {}: kept before words had a commitment; vouched for by the bundle's signature alone",
                "geiriau cofnod {}: cadwyd cyn bod ymrwymiad i eiriau; llofnod y bwndel yn unig sy'n tystio iddynt"),
    "destroyed": ("withheld", "wedi'i ddal yn ôl"),
    "whole": ("WHOLE: {} entries chained and signed, {} parts and {} texts as committed, {} withheld and proven, {} files as signed.",
              "CYFAN: {} cofnod mewn cadwyn ac wedi'u llofnodi, {} rhan a {} testun fel yr ymrwymwyd, {} wedi'u dal yn ôl a'u profi, {} ffeil fel y'u llofnodwyd."),
    "not_whole": ("NOT AS IT WAS SIGNED: {} found, see above.", "NID FEL Y'I LLOFNODWYD: {} wedi'u canfod, gweler uchod."),
}
# fmt: on

# Ed25519, checking alone (RFC 8032, section 5.1.7): nothing secret is handled, so nothing here need take the same time for every input.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
"""A square root of -1."""

Point = tuple[int, int, int, int]
"""Extended coordinates: x, y, z and t with x·y = z·t."""


def _x_of(y: int, odd: int) -> int | None:
    if y >= P:
        return None
    squared = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if squared == 0:
        return None if odd else 0
    x = pow(squared, (P + 3) // 8, P)
    if (x * x - squared) % P:
        x = x * ROOT % P
    if (x * x - squared) % P:
        return None
    return P - x if x & 1 != odd else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0) or 0
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = _add(found, point)
        point = _add(point, point)
        scalar >>= 1
    return found


def _same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def _point(encoded: bytes) -> Point | None:
    y = int.from_bytes(encoded, "little")
    odd = y >> 255
    y &= (1 << 255) - 1
    x = _x_of(y, odd)
    return None if x is None else (x, y, 1, x * y % P)


def signature_holds(key: bytes, signed: bytes, signature: bytes) -> bool:
    """Whether the signature is by that key over these bytes."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, first = _point(key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or first is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + signed).digest(), "little") % ORDER
    return _same(_times(scalar, BASE), _add(first, _times(challenge, public)))


def fingerprint(key: bytes) -> str:
    """SHA-256 of the key, in groups of four to be read out."""
    digest = hashlib.sha256(key).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


MISSHAPEN = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What is raised where something is not of the form that it should have."""


class Unreadable(Exception):
    """Something is not of the form that it should have."""


class Findings:
    """What was found, in the order in which it was."""

    def __init__(self, language: int) -> None:
        self.language = language
        self.wrong: list[str] = []
        self.entries = self.parts = self.texts = self.withheld = self.files = 0

    def says(self, key: str, *facts: object) -> str:
        """A sentence in the language chosen."""
        return SAID[key][self.language].format(*facts)

    def finds(self, key: str, *facts: object) -> None:
        """Something is wrong there. What is found is told at once: a long list is no reason to wait."""
        self.wrong.append(sentence := self.says(key, *facts))
        print(sentence)

    def tells(self, key: str, *facts: object) -> None:
        """Something to know, and nothing wrong."""
        print(self.says(key, *facts))

    def why(self, said: dict[str, Any]) -> str:
        """Why something is withheld, in the words of the bundle."""
        return str(said.get(("en", "cy")[self.language]) or self.says("destroyed"))


class Files:
    """The files of a bundle: of a folder, or of the archive as it came."""

    def __init__(self, place: Path) -> None:
        self.zip = None if place.is_dir() else zipfile.ZipFile(place)
        self.place = place
        self.names = sorted(self.zip.namelist() if self.zip else _inside(place))

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, in blocks."""
        with self.zip.open(name) if self.zip else (self.place / name).open("rb") as file:
            while block := file.read(BLOCK):
                yield block

    def read(self, name: str) -> bytes:
        """The bytes of a small file."""
        return b"".join(self.blocks(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, one at a time."""
        with self.zip.open(name) if self.zip else (self.place / name).open("rb") as file:
            yield from file


NAMED = struct.Struct("<4s5H3I2H")
LISTED = struct.Struct("<4s4B4H3I5H2I")
ENDED = struct.Struct("<4s4H2IH")
OLD, DAY = 20, 0x21
"""The version of the form, and 1 January 1980: an archive says nothing of the machine that made it."""
PRIVATE = 0o600 << 16


def _as_written(files: zipfile.ZipFile) -> Iterator[tuple[int, bytes]]:
    """What stands around the files in an archive as it was made, and where: nothing hides between them, before or after."""
    listed = b""
    at = 0
    for each in files.infolist():
        name = each.filename.encode("ascii")
        said = (0, 0, 0, DAY, each.CRC, each.file_size, each.file_size, len(name))
        yield at, NAMED.pack(b"PK\3\4", OLD, *said, 0) + name
        listed += LISTED.pack(b"PK\1\2", OLD, 3, OLD, 0, *said, 0, 0, 0, 0, PRIVATE, at) + name
        at += NAMED.size + len(name) + each.file_size
    count = len(files.infolist())
    yield at, listed + ENDED.pack(b"PK\5\6", 0, 0, count, count, len(listed), at, 0)


def _check_archive(files: Files, found: Findings) -> None:
    if files.zip is None:
        return
    at = 0
    with files.place.open("rb") as archive:
        try:
            for at, expected in _as_written(files.zip):
                archive.seek(at)
                if archive.read(len(expected)) != expected:
                    found.finds("archive", at)
            if archive.read(1):
                found.finds("archive", archive.tell())
        except (struct.error, ValueError):
            found.finds("archive", at)


def _inside(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


class Manifest(NamedTuple):
    """What was signed."""

    said: dict[str, Any]
    key: bytes

    @property
    def files(self) -> dict[str, str]:
        """SHA-256 by file."""
        return {each["name"]: each["sha256"] for each in self.said["files"]}

    @property
    def logs(self) -> list[int]:
        """Of each meeting, how many entries its own log has."""
        return self.said["logs"]


def _manifest(files: Files, found: Findings) -> Manifest:
    written, signature, key = (files.read(name) for name in (MANIFEST, SIGNATURE, KEY))
    try:
        said = json.loads(written)
        manifest = Manifest(said, bytes.fromhex(said["key"]))
        if said["format"] != FORMAT:
            found.finds("format", said["format"])
        if len(manifest.files) != len(said["files"]) or not isinstance(said["entries"], int) or not isinstance(said["child"], str):
            raise Unreadable("files")
        if not all(isinstance(each, int) for each in said["logs"]):
            raise Unreadable("logs")
    except (*MISSHAPEN, Unreadable) as error:
        raise Unreadable(MANIFEST) from error
    if key.split(b"\n")[0] != manifest.key.hex().encode():
        found.finds("key")
    # Written in one way alone: by capitals or a blank too it would not be what was signed.
    by = bytes.fromhex(signature[:128].decode("ascii")) if re.fullmatch(rb"[0-9a-f]{128}\n", signature) else b""
    if not signature_holds(manifest.key, SIGNED_FIRST + written, by):
        found.finds("signature")
    return manifest


def _check_files(files: Files, manifest: Manifest, found: Findings) -> None:
    there = set(files.names)
    for name, expected in sorted(manifest.files.items()):
        if name not in there:
            found.finds("no_file", name)
            continue
        digest = hashlib.sha256()
        try:
            for block in files.blocks(name):
                digest.update(block)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            found.finds("unreadable", name, type(error).__name__)
            continue
        if digest.hexdigest() != expected:
            found.finds("changed", name)
        found.files += 1
    for name in sorted(there - set(manifest.files) - OURSELVES):
        found.finds("extra", name)
    if len(files.names) != len(there):
        found.finds("extra", next(name for name in files.names if files.names.count(name) > 1))


class Links:
    """A chain of signed entries: each hash takes in the one before it, the first the name of the chain."""

    def __init__(self, whose: tuple[str, str], name: str, key: bytes, found: Findings) -> None:
        self.whose, self.key, self.found = whose, key, found
        self.previous = hashlib.sha256(name.encode()).digest()
        self.expected = 1

    def finds(self, key: str, *facts: object) -> None:
        """Something is wrong with an entry."""
        self.found.finds(key, *facts)

    def links(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        """Check place, signature and hash of the next entry. Gives its header, and none where that is withheld."""
        expected, self.expected = self.expected, self.expected + 1
        seq, hash, written = entry["seq"], bytes.fromhex(entry["hash"]), entry["header"]
        previous, self.previous = self.previous, hash
        if seq != expected:
            self.finds("order", seq, expected)
        if not signature_holds(self.key, hash, bytes.fromhex(entry["signature"])):
            self.finds("signed", seq)
        if written is None:
            return None
        if hashlib.sha256(previous + written.encode()).digest() != hash:
            self.finds("chain", seq)
        header = json.loads(written)
        of, id = self.whose
        if (header["seq"], header[of], header["previous"]) != (seq, id, previous.hex()):
            self.finds("header", seq)
        return header


class Chain(Links):
    """The timeline, entry by entry."""

    def __init__(self, manifest: Manifest, found: Findings) -> None:
        child = manifest.said["child"]
        super().__init__(("child", child), child, manifest.key, found)
        self.rules: dict[str, int] = {}
        """The rules that were in force, and the first entry that names them."""
        self.references: dict[str, set[str]] = {}
        """To which words the parts that are shown refer, by entry."""

    def takes(self, entry: dict[str, Any]) -> None:
        """Check the next entry."""
        header, seq = self.links(entry), entry["seq"]
        self.found.entries += 1
        if header is None:
            self.found.withheld += 1
            self.found.tells("redacted_entry", seq, self.found.why(entry["withheld"]["*"]))
            return
        self.rules.setdefault(header["versions"]["rules"], seq)
        self._parts(seq, header["commitments"], entry["parts"], entry["withheld"])

    def _parts(self, seq: int, committed: dict[str, str], shown: dict[str, Any], withheld: dict[str, Any]) -> None:
        for name, part in shown.items():
            said = part["said"].encode()
            if committed.get(name) != hashlib.sha256(bytes.fromhex(part["salt"]) + name.encode() + b"\0" + said).hexdigest():
                self.found.finds("part", seq, name)
            self.found.parts += 1
            if "text:" in part["said"]:
                self.references.setdefault(str(seq), set()).update(_references(json.loads(said)))
        for name, why in withheld.items():
            self.found.withheld += 1
            self.found.tells("redacted", seq, name, self.found.why(why))
            if "copy" in why:
                self.found.tells("copy")
        for name in committed:
            if name not in shown and name not in withheld:
                self.found.finds("lacks", seq, name)
        for name in withheld:
            if name not in committed or name in shown:
                self.found.finds("both", seq, name)


def _references(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        if said.startswith("text:"):
            yield said
    elif isinstance(said, dict):
        yield from _references(list(said.values()))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    elif isinstance(said, list):
        for each in said:  # pyright: ignore[reportUnknownVariableType]
            yield from _references(each)


def _each_line(files: Files, name: str, found: Findings) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    lines = files.lines(name)
    while True:
        try:
            line = next(lines, None)
            if line is None:
                return
            number += 1
            read = json.loads(line)
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            found.finds("line", name, number, type(error).__name__)
            if not isinstance(error, ValueError):
                return
            continue
        yield number, read


def _check_timeline(files: Files, manifest: Manifest, found: Findings) -> Chain:
    chain = Chain(manifest, found)
    for number, entry in _each_line(files, TIMELINE, found):
        try:
            chain.takes(entry)
        except MISSHAPEN as error:
            found.finds("line", TIMELINE, number, type(error).__name__)
    if chain.expected - 1 != manifest.said["entries"]:
        found.finds("short", chain.expected - 1, manifest.said["entries"])
    return chain


def _check_words(files: Files, chain: Chain, found: Findings) -> None:
    for number, text in _each_line(files, WORDS, found):
        try:
            _check_text(number, text, chain, found)
        except MISSHAPEN as error:
            found.finds("line", WORDS, number, type(error).__name__)


def _check_text(number: int, text: dict[str, Any], chain: Chain, found: Findings) -> None:
    seq, reference = text["seq"], text["reference"]
    if reference not in chain.references.get(str(seq), ()):
        found.finds("no_reference", number, seq)
    if "withheld" in text:
        found.withheld += 1
        found.tells("withheld_words", seq, found.why(text["withheld"]))
        if "copy" in text:
            found.tells("copy")
    elif text["salt"] is None:
        found.tells("vouched", seq)
    else:
        committed = hashlib.sha256(bytes.fromhex(text["salt"]) + text["words"].encode()).hexdigest()
        if committed != reference.partition("#")[2]:
            found.finds("words", number, seq)
        found.texts += 1


def whole_document(hashes: dict[str, str]) -> str:
    """The hash of a document of which not even the sections are named."""
    return hashlib.sha256("\n".join(hashes[name] for name in sorted(hashes)).encode()).hexdigest()


def logged(header: dict[str, Any]) -> dict[str, Any]:
    """What a meeting's line says of an entry with that header."""
    return {name: header[name] for name in LOGGED if header.get(name) is not None}


def _plain(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Log(Links):
    """A meeting's own log. Of entries that are withheld one after the other the last alone stands in the chain, without its header."""

    def __init__(self, line: dict[str, Any], key: bytes, found: Findings) -> None:
        meeting = line["meeting"]
        super().__init__(("meeting", meeting), f"meeting/{meeting}", key, found)
        self.number, self.is_whole = line["number"], "withheld" not in line
        self.told = {each["seq"]: each for each in line.get("log", ())}
        self.withheld: tuple[int, int] | None = None
        """The first and the last of those that are withheld just before."""
        self.taken_over = 0

    def finds(self, key: str, *facts: object) -> None:
        """Something is wrong with an entry of this meeting."""
        self.found.finds("in_meeting", self.number, self.found.says(key, *facts))

    def check(self, entries: list[dict[str, Any]]) -> None:
        """Check them all, and say what is withheld."""
        for entry in entries:
            try:
                self._takes(entry)
            except MISSHAPEN as error:
                self.finds("entry", self.expected - 1, type(error).__name__)
        self._tells_withheld("ended_log")
        for seq in self.told:
            self.finds("unchained", seq)
        if self.taken_over:
            self.found.tells("taken_over", self.number, self.taken_over)

    def _takes(self, entry: dict[str, Any]) -> None:
        seq = entry["seq"]
        if entry["header"] is None:
            self._tells_withheld("ended_log")
            if seq >= self.expected:
                self.withheld, self.expected = (self.expected, seq), seq
            if self.is_whole:
                self.finds("in_silence", seq)
            self.links(entry)
            return
        # Its header says its number, and the hash of the one before it.
        self._tells_withheld("redacted_log")
        told, header = self.told.pop(seq, None), self.links(entry)
        self.found.entries += 1
        if _plain(told) != _plain(logged(header or {})):
            self.finds("told", seq)
        self.taken_over += "taken_over" in (header or {})

    def _tells_withheld(self, key: str) -> None:
        if self.withheld is None:
            return
        (first, last), self.withheld = self.withheld, None
        self.found.tells(key, self.number, first if first == last else f"{first}–{last}")
        self.found.withheld += last - first + 1 if key == "redacted_log" else 0
        copies = [seq for seq in self.told if first <= seq <= last]
        if copies:
            self.found.tells("copy")
        for seq in copies:
            del self.told[seq]


class Others:
    """Letters, meetings and documents. Each has a hash, whether it is shown or not; the list of what is withheld says the same hash once more."""

    def __init__(self, files: Files, manifest: Manifest, found: Findings) -> None:
        self.files, self.manifest, self.found = files, manifest, found
        self.listed: dict[tuple[str, int, str], str | None] = {}
        self.logs: dict[int, int] = {}
        """How many entries the log of each meeting has."""

    def check(self) -> None:
        """Check them all, and name what is removed."""
        for name, takes in ((WITHHELD, self._lists), (LETTERS, self._letter), (MEETINGS, self._meeting), (DOCUMENTS, self._document)):
            if name not in self.files.names:
                continue
            for number, line in _each_line(self.files, name, self.found):
                try:
                    takes(line)
                except (*MISSHAPEN, OSError, zipfile.BadZipFile) as error:
                    self.found.finds("line", name, number, type(error).__name__)
        for what, number, _ in sorted(self.listed):
            self.found.finds(f"listed_{what}", number)
        signed = dict(enumerate(self.manifest.logs, 1))
        for number in sorted({*signed, *self.logs}):
            if self.logs.get(number, 0) != signed.get(number, 0):
                self.found.finds("short_log", number, self.logs.get(number, 0), signed.get(number, 0))

    def _lists(self, line: dict[str, Any]) -> None:
        if line["what"] in ("letter", "document", "meeting", "section"):
            self.listed[line["what"], line["number"], line["part"]] = line.get("hash")

    def _removed(self, what: str, number: int, part: str, why: dict[str, Any]) -> None:
        self.found.withheld += 1
        hash = why.get("hash")
        if self.listed.pop((what, number, part), "") != hash:
            self.found.finds(f"listed_{what}", number)
        if hash is not None:
            self.found.tells(f"removed_{what}", number, *((part,) if part else ()), hash, self.found.why(why))

    def _letter(self, line: dict[str, Any]) -> None:
        if "withheld" in line:
            self._removed("letter", line["number"], "", line["withheld"])
        elif "file" in line:
            digest = hashlib.sha256(bytes.fromhex(line["salt"]))
            for block in self.files.blocks(line["file"]) if line["file"] in self.files.names else ():
                digest.update(block)
            if digest.hexdigest() != line["hash"]:
                self.found.finds("letter", line["number"])

    def _meeting(self, line: dict[str, Any]) -> None:
        log = Log(line, self.manifest.key, self.found)
        log.check(line["chain"])
        self.logs[int(line["number"])] = log.expected - 1
        if "withheld" in line:
            self._removed("meeting", line["number"], "", line["withheld"])
            return
        said = {name: each for name, each in line.items() if name not in ("number", "meeting", "salt", "hash", "chain")}
        if hashlib.sha256(bytes.fromhex(line["salt"]) + _plain(said).encode()).hexdigest() != line["hash"]:
            self.found.finds("meeting", line["number"])

    def _document(self, line: dict[str, Any]) -> None:
        number, hashes, removed = line["number"], line.get("hashes", {}), line.get("removed", {})
        if "copy" in line:
            # Bundles of before gave no hash of the whole.
            if self.listed.pop(("document", number, ""), "") != line["withheld"].get("hash"):
                self.found.finds("listed_document", number)
            self.found.tells("copied", number, self.found.why(line["withheld"]))
        elif "withheld" in line:
            self._removed("document", number, "", line["withheld"])
        for name, why in removed.items():
            if why["hash"] != hashes.get(name):
                self.found.finds("section", number, name)
            self._removed("section", number, name, why)
        if "words" not in line:
            return
        for name, said in line["words"].items():
            if hashlib.sha256(bytes.fromhex(line["salts"][name]) + said.encode()).hexdigest() != hashes.get(name):
                self.found.finds("section", number, name)
        if {*line["words"], *removed} != {*hashes}:
            self.found.finds("sections", number)


def _check_rules(manifest: Manifest, chain: Chain, found: Findings) -> None:
    there = [digest for name, digest in manifest.files.items() if name.startswith("rules/")]
    for rules, seq in chain.rules.items():
        if not any(digest.startswith(rules) for digest in there):
            found.finds("rules", rules, seq)


def check(place: Path, expected: str | None = None, language: int = 0) -> int:
    """Check the bundle in that folder or archive, and print what is found. Returns the exit code."""
    found = Findings(language)
    try:
        files = Files(place)
        for name in (MANIFEST, SIGNATURE, KEY, TIMELINE, WORDS):
            if name not in files.names:
                found.finds("no_file", name)
        if not found.wrong:
            _check(files, expected, found)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        found.finds("unreadable", place.name, type(error).__name__)
    except Unreadable as error:
        found.finds("unreadable", error, type(error.__cause__).__name__)
    if found.wrong:
        found.tells("not_whole", len(found.wrong))
        return 1
    found.tells("whole", found.entries, found.parts, found.texts, found.withheld, found.files)
    return 0


def _check(files: Files, expected: str | None, found: Findings) -> None:
    manifest = _manifest(files, found)
    found.tells("fingerprint", fingerprint(manifest.key))
    if expected is None:
        found.tells("compare")
    elif "".join(expected.split()).lower() != fingerprint(manifest.key).replace(" ", ""):
        found.finds("other_key", KEY)
    _check_archive(files, found)
    _check_files(files, manifest, found)
    chain = _check_timeline(files, manifest, found)
    _check_words(files, chain, found)
    Others(files, manifest, found).check()
    _check_rules(manifest, chain, found)


def main(given: Sequence[str]) -> int:
    """The command."""
    rest = [each for each in given if each != "--cymraeg"]
    expected = None
    if "--fingerprint" in rest:
        at = rest.index("--fingerprint")
        expected, rest = " ".join(rest[at + 1 : at + 2]), rest[:at] + rest[at + 2 :]
    if len(rest) > 1 or any(each.startswith("-") for each in rest):
        print(__doc__)
        return 2
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    place = Path(rest[0]) if rest else Path(__file__).resolve().parent
    return check(place, expected, 1 if "--cymraeg" in given else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
