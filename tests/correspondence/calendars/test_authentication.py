"""Who is believed to have sent an answer: only whom the own mail server vouches for, in its topmost header, for From's domain."""

import pytest

from correspondence.calendars.authentication import vouched_for

SERVERS = {"mx.sir.example"}


@pytest.mark.parametrize(
    "header",
    [
        "mx.sir.example; dmarc=pass header.from=gig.example",
        "MX.sir.EXAMPLE 1; dkim=pass (2048-bit key) header.d=GIG.example header.s=s1",
        "mx.sir.example; dkim=pass header.i=@gig.example header.s=20230601 header.b=abc=",
        "mx.sir.example; dkim=fail header.d=gig.example; spf=pass smtp.mailfrom=huw@gig.example",
        'mx.sir.example; spf=pass (a "comment; (nested)" dkim=fail) smtp.mailfrom=gig.example; dmarc=none header.from=gig.example',
        "mx.sir.example; dkim/1=pass header.d=other.example; dkim=pass header.d=gig.example",
        # RFC 8601, appendix B.4 and B.5, with the names of this test.
        "mx.sir.example; auth=pass (cram-md5) smtp.auth=huw@gig.example; spf=pass smtp.mailfrom=gig.example",
        'mx.sir.example; dkim=pass reason="good signature" header.i=@mail-router.example.net; dkim=pass header.i=@gig.example',
    ],
)
def test_who_is_vouched_for(header: str) -> None:
    assert vouched_for([header], SERVERS, "gig.example")


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";",
        "mx.sir.example",
        "mx.sir.example; none",
        "mx.sir.example; dmarc=fail header.from=gig.example; spf=pass smtp.mailfrom=gig.example",
        "mx.sir.example; dkim=pass header.d=evil.example",
        "mx.sir.example; dkim=pass header.d=example",
        "mx.sir.example; dkim=pass header.d=evil.gig.example",
        "mx.sir.example; dkim=neutral header.d=gig.example",
        "mx.sir.example; dkim=pass header.d=evil.example header.d=gig.example",
        "mx.sir.example; spf=pass smtp.helo=gig.example",
        "mx.sir.example; spf=pass header.from=gig.example",
        "mx.sir.example; iprev=pass header.from=gig.example",
        'mx.sir.example; spf=pass smtp.mailfrom="x; dkim=pass header.d=gig.example "@evil.example',
        "mx.sir.example; x=y (dkim=pass header.d=gig.example)",
        "mx.sir.example; dkim=pass header.d=gig.example (",
        'mx.sir.example; dkim=pass header.d="gig.example',
        "mx.sir.example) ; dkim=pass header.d=gig.example",
        "mx.sir.example 2; dkim=pass header.d=gig.example",
        "mx.evil.example; dkim=pass header.d=gig.example",
        "dkim=pass header.d=gig.example",
    ],
)
def test_who_is_not(header: str) -> None:
    assert not vouched_for([header], SERVERS, "gig.example")


def test_only_the_topmost_of_our_servers_counts() -> None:
    forged = "mx.sir.example; dkim=pass header.d=gig.example"
    ours = "mx.sir.example; dkim=fail header.d=gig.example"
    assert not vouched_for([ours, forged], SERVERS, "gig.example")
    assert vouched_for(["another.example; dkim=fail header.d=gig.example", forged], SERVERS, "gig.example")


def test_nobody_is_vouched_for_where_no_server_is_believed() -> None:
    assert not vouched_for(["mx.sir.example; dkim=pass header.d=gig.example"], set(), "gig.example")
    assert not vouched_for([], SERVERS, "gig.example")
