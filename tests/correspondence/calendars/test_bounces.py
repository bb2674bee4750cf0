"""Reports of mail servers: whether the letter failed, and whether it was one of ours to that mailbox."""

import pytest

from correspondence.calendars.bounces import is_report, read_report
from correspondence.calendars.refusals import ReplyRefused
from tests.correspondence.invited import report

HUW, OTHER = "huw@enghraifft.example", "rhywun@arall.example"


def returned(*headers: str, whole: bool = True) -> bytes:
    """A report about another mailbox, with a letter of these headers, or its headers alone."""
    made = report("atebion@enghraifft.example", OTHER).replace(b"Subject: Siwrnai", "\r\n".join((*headers, "Subject: Siwrnai")).encode())
    return made if whole else made.replace(b"message/rfc822", b"text/rfc822-headers")


def test_it_is_about_the_mailbox_that_it_names() -> None:
    assert is_report(report("a@b.example", HUW))
    found = read_report(report("a@b.example", HUW.upper()))
    assert (found.failed, found.ours) == (True, None)
    assert found.is_about({HUW})
    assert not found.is_about({OTHER})
    assert not found.is_about(()), "of whose mailbox nothing is known, the letter must come back"


@pytest.mark.parametrize("whole", [True, False])
def test_our_letter_that_comes_back_says_to_whom_it_was(whole: bool) -> None:
    found = read_report(returned("Message-ID: <l-1@siwrnai.example>", "X-Siwrnai-Letter: l-1", f"To: {HUW}", whole=whole))
    assert found.is_about({HUW})
    assert found.is_about(())
    assert not found.is_about({"arall@enghraifft.example"})


def test_a_letter_of_another_that_comes_back_is_none_of_ours() -> None:
    for headers in (("Message-ID: <l-1@arall.example>",), ("Message-ID: <l-2@siwrnai.example>", "X-Siwrnai-Letter: l-1")):
        found = read_report(returned(*headers, f"To: {HUW}"))
        assert not found.is_about({HUW, OTHER})


def test_of_several_recipients_those_alone_count_whom_it_failed() -> None:
    raw = report("a@b.example", OTHER).replace(
        b"Status: 5.1.1\r\n", f"Status: 5.1.1\r\n\r\nFinal-Recipient: rfc822; {HUW}\r\nAction: delivered\r\n".encode()
    )
    found = read_report(raw)
    assert (found.is_about({OTHER}), found.is_about({HUW})) == (True, False)
    assert not read_report(report("a@b.example", HUW, "delayed")).failed


def test_a_report_that_says_nothing_is_refused() -> None:
    with pytest.raises(ReplyRefused):
        read_report(report("a@b.example", HUW).replace(b"Action: failed", b"X: y"))
