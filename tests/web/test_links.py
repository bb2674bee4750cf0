"""A link opens one person's invitation for a time, and cannot be made or altered by anybody else."""

import base64
import datetime as dt
import json
from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer

from record.keys import KeyRing
from tests.web.invitations import EXPIRES, NOW
from web.links import ANSWER, REPORT, THRESHOLDS, Expired, Forged, Links

BASE = "https://siwrnai.enghraifft.example"


def token(links: Links, invitee: str = "invitee-1") -> str:
    address = links.link(invitee, EXPIRES)
    assert address.startswith(f"{BASE}/answer/")
    return address.rpartition("/")[2]


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(KeyRing(tmp_path).links, BASE)


def test_it_says_whose_it_is_until_its_time_has_passed(links: Links) -> None:
    assert links.read(token(links), NOW) == "invitee-1"
    assert links.read(token(links), EXPIRES - dt.timedelta(seconds=1)) == "invitee-1"
    with pytest.raises(Expired) as expired:
        links.read(token(links), EXPIRES)
    assert expired.value.invitee == "invitee-1"


def test_it_holds_an_opaque_id_and_an_instant_and_nothing_else(links: Links) -> None:
    content, _, _ = token(links).rpartition(".")
    assert json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))) == ["invitee-1", int(EXPIRES.timestamp())]


def test_an_altered_one_is_forged(links: Links) -> None:
    good = token(links)
    for place in range(0, len(good), 7):
        other = "A" if good[place] != "A" else "B"
        with pytest.raises(Forged):
            links.read(good[:place] + other + good[place + 1 :], NOW)
    for bad in ("", ".", "nonsense", good[:-1], f"{good}.{good}", "ŵ"):
        with pytest.raises(Forged):
            links.read(bad, NOW)


def test_a_later_time_cannot_be_given_to_it(links: Links) -> None:
    signature = token(links).rpartition(".")[2]
    later = base64.urlsafe_b64encode(json.dumps(["invitee-1", 4102444800]).encode()).decode().rstrip("=")
    with pytest.raises(Forged):
        links.read(f"{later}.{signature}", NOW)


def test_what_the_same_key_signed_for_something_else_is_forged(tmp_path: Path, links: Links) -> None:
    links.link("invitee-1", EXPIRES)
    key = KeyRing(tmp_path).links.all()
    content = ("invitee-1", int(EXPIRES.timestamp()))
    for purpose in ("siwrnai: sign in", ANSWER.salt + "s", REPORT.salt, THRESHOLDS.salt, "itsdangerous"):
        with pytest.raises(Forged):
            links.read(str(URLSafeSerializer(key, salt=purpose).dumps(content)), NOW)


def test_another_deployments_link_is_forged(tmp_path: Path, links: Links) -> None:
    with pytest.raises(Forged):
        links.read(token(Links(KeyRing(tmp_path / "other").links, BASE)), NOW)


def test_links_that_are_out_stay_good_with_a_new_key_and_end_with_their_own(tmp_path: Path, links: Links) -> None:
    ring = KeyRing(tmp_path).links
    old = token(links)
    ring.rotate()
    new = token(links)
    assert links.read(old, NOW) == links.read(new, NOW) == "invitee-1"
    assert old != new
    (tmp_path / "links" / "1.key").unlink()
    assert links.read(new, NOW) == "invitee-1"
    with pytest.raises(Forged):
        links.read(old, NOW)
