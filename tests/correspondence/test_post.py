"""What the mail server says is taken as it is meant: 250 sent, 4xx and no server tried again, 5xx final. A real SMTP server."""

import asyncio
import datetime as dt
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from correspondence.post import Post, parse_smtp_url
from correspondence.server_urls import ServerUrlError
from schemas.letters import DeliveryState
from tests.correspondence.mail_server import LOST, MailServer, says, serving

FROM, TO = "siwrnai@enghraifft.example", "huw@enghraifft.example"
MESSAGE = b"Subject: x\r\n\r\n.a line that starts with a point\r\n"


def server_answering(where: str, answer: str) -> MailServer:
    server = MailServer()
    setattr(server, where, says(answer))
    return server


async def sent(server: MailServer, patience: float = 2) -> tuple[DeliveryState, str]:
    async with Post(parse_smtp_url(server.url), patience) as post:
        outcome = await post.deliver(MESSAGE, FROM, TO)
    return outcome.state, outcome.detail


async def test_250_is_sent_and_the_bytes_arrive_as_they_were() -> None:
    async with serving(MailServer()) as server:
        assert await sent(server) == (DeliveryState.sent, "250")
    assert server.got == [(TO, MESSAGE)]


@pytest.mark.parametrize("where", ["at_recipient", "after_message"])
@pytest.mark.parametrize(
    ("answer", "state", "detail"),
    [
        (f"451 4.7.1 <{TO}> greylisted", DeliveryState.deferred, "451 4.7.1"),
        (f"550 5.1.1 <{TO}>: no such person", DeliveryState.refused, "550 5.1.1"),
        ("552 too large", DeliveryState.refused, "552"),
    ],
)
async def test_4xx_is_tried_again_and_5xx_is_final_and_no_address_is_kept(
    where: str, answer: str, state: DeliveryState, detail: str
) -> None:
    async with serving(server_answering(where, answer)) as server:
        assert await sent(server) == (state, detail)


async def test_no_server_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{free.getsockname()[1]}?starttls=no"
        async with Post(parse_smtp_url(url), 2) as post:
            assert (await post.deliver(MESSAGE, FROM, TO)).state is DeliveryState.deferred


async def test_a_server_too_slow_to_answer_is_tried_again() -> None:
    async def slow(_: str) -> str:
        await asyncio.sleep(1)
        return "250 late"

    async with serving(MailServer(after_message=slow)) as server:
        assert await sent(server, patience=0.2) == (DeliveryState.deferred, "TimeoutError")
        await asyncio.sleep(1)


async def test_an_answer_lost_after_the_message_is_tried_again() -> None:
    async with serving(MailServer(after_message=says(LOST))) as server:
        assert (await sent(server))[0] is DeliveryState.deferred
    assert len(server.got) == 1, "the server has it: the next try repeats it"


async def test_a_server_that_wants_no_plain_talk_is_no_fault_of_the_letter() -> None:
    async with serving(MailServer()) as server:
        url = server.url.replace("starttls=no", "starttls=yes")
        async with Post(parse_smtp_url(url), 2) as post:
            assert (await post.deliver(MESSAGE, FROM, TO)).state is DeliveryState.deferred
    assert server.got == [], "STARTTLS is required: nothing crossed in the clear"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of `localhost` with its key, trusted by nobody yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + dt.timedelta(hours=1))
    made = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize(("trusted", "state"), [(True, DeliveryState.sent), (False, DeliveryState.deferred)])
async def test_starttls_is_spoken_and_only_to_a_server_that_proves_itself(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, state: DeliveryState
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving(MailServer(), tls=context) as server, Post(parse_smtp_url(f"smtp://localhost:{server.port}"), 2) as post:
        assert (await post.deliver(MESSAGE, FROM, TO)).state is state
    assert [message for _, message in server.got] == ([MESSAGE] if trusted else [])


async def test_a_wrong_password_defers_and_refuses_no_letter() -> None:
    async with serving(MailServer()) as server:
        url = server.url.replace("smtp://", "smtp://user:wrong@")
        async with Post(parse_smtp_url(url), 2) as post:
            assert (await post.deliver(MESSAGE, FROM, TO)).state is DeliveryState.deferred


async def test_one_connection_serves_several_letters_and_survives_a_refusal() -> None:
    async def no_for_one(recipient: str) -> str:
        return "550 5.1.1 no" if recipient.startswith("gone") else "250 ok"

    async with serving(MailServer(at_recipient=no_for_one)) as server, Post(parse_smtp_url(server.url), 2) as post:
        states = [(await post.deliver(MESSAGE, FROM, to)).state for to in ("gone@enghraifft.example", TO, TO)]
    assert states == [DeliveryState.refused, DeliveryState.sent, DeliveryState.sent]
    assert len(server.connections) == 1


async def test_a_connection_that_was_lost_is_opened_again() -> None:
    async with serving(MailServer(after_message=says(LOST))) as server, Post(parse_smtp_url(server.url), 2) as post:
        assert (await post.deliver(MESSAGE, FROM, TO)).state is DeliveryState.deferred
        server.after_message = says("250 ok")
        assert (await post.deliver(MESSAGE, FROM, TO)).state is DeliveryState.sent
    assert len(server.connections) == 2


def test_the_address_of_the_server_says_all() -> None:
    server = parse_smtp_url("smtp://user%40a:p%2Fw@mail.example:2525")
    assert server == ("mail.example", 2525, "user@a", "p/w", "", False, True)
    assert parse_smtp_url("smtps://mail.example") == ("mail.example", 465, "", "", "", True, False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://mail.example", "expected smtp://"),
        ("smtp://", "expected smtp://"),
        ("smtp://mail.example?starttls=no", "on this machine only"),
        ("smtp://localhost?starttls=maybe", "starttls is yes"),
        ("smtp://localhost:none", "port"),
    ],
)
def test_a_wrong_address_of_the_server_is_refused_with_what_would_be_right(url: str, said: str) -> None:
    with pytest.raises(ServerUrlError, match=said):
        parse_smtp_url(url)
