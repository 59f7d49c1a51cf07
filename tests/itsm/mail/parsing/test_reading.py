"""What a mail says: headers, texts in any charset, HTML, files, and what programs sent."""

from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from itsm.mail.parsing import hypertext, reading
from itsm.mail.parsing.parsed import Parsed, TooMuch
from tests.itsm.mail.mails import a_bounce, a_mail

MESSAGES = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "mail" / "messages"


def read(raw: bytes, tmp_path: Path) -> Parsed:
    return reading.read(raw, tmp_path)


@pytest.mark.skipif(not MESSAGES.is_dir(), reason="the mails of real people lie beside the project, or nowhere")
def test_mails_of_real_people(tmp_path: Path) -> None:
    found = {path.stem: read(path.read_bytes(), tmp_path) for path in MESSAGES.glob("*.eml")}
    assert found["all-special-chars"].subject == "Testovácí email"
    assert found["quoted_printable"].subject == "Český test"
    assert found["blank-body-with-attachment"].own_text == ""
    assert [one.name for one in found["pgp"].sent] == ["signature.asc"]
    assert found["forwarded-message"].own_text == "This is email body"
    assert found["utf-nondecodable"].forwarded_from == "nikola@example.cz"


def test_it_crosses_as_json_and_comes_back(tmp_path: Path) -> None:
    raw = a_mail(
        "Éve <eve@x.org>", "Ünï", "Hi", cc="a@x.org, b@x.org", html="<p>Hi</p>", files=[("ä.txt", "text/plain", b"x")]
    )
    parsed = read(raw, tmp_path)
    assert Parsed.from_json(parsed.as_json()) == parsed
    assert (parsed.sender, parsed.sender_name, parsed.subject, parsed.cc) == (
        "eve@x.org",
        "Éve",
        "Ünï",
        ("a@x.org", "b@x.org"),
    )
    assert (parsed.sent[0].name, (tmp_path / parsed.sent[0].place).read_bytes()) == ("ä.txt", b"x")


@pytest.mark.parametrize(
    "charset", ["iso-8859-1", "utf-8", "x-unknown", "utf-7", "idna", "base64_codec", "", "'utf-8'"]
)
def test_any_charset_is_text(tmp_path: Path, charset: str) -> None:
    raw = (
        a_mail()
        .replace(b'charset="utf-8"', f"charset={charset}".encode())
        .replace(b"It smokes.", "Grüße\x00\ud800".encode("utf-8", "replace"))
    )
    said = read(raw, tmp_path).own_text
    assert "Gr" in said
    assert "\x00" not in said


def test_a_picture_in_the_text_and_one_that_nobody_shows(tmp_path: Path) -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "bo@x.org", "s@x.org", "x"
    mail.set_content("see")
    mail.add_alternative('<img src="cid:one@x"><img src="https://evil.example/p.gif">', subtype="html")
    payload = mail.get_payload()
    assert isinstance(payload, list)
    payload[1].add_related(b"\x89PNG1", "image", "png", cid="<one@x>", filename="one.png")
    payload[1].add_related(b"\x89PNG2", "image", "png", cid="<two@x>", filename="two.png")
    assert [(one.name, one.cid, one.inline) for one in read(mail.as_bytes(), tmp_path).sent] == [
        ("one.png", "one@x", True), ("two.png", "two@x", False),
    ]  # fmt: skip


def test_html_alone_has_its_quotations_folded(tmp_path: Path) -> None:
    html = (
        "<html><head><style>p{}</style><title>t</title></head><body><p>Red.</p><div class=gmail_quote><div class=gmail_attr>On Mon, "
        "3 May 2027 at 10:00 Eve &lt;eve@x.org&gt; wrote:<br></div><blockquote><p>Which one?</p></blockquote></div></body>"
    )
    raw = a_mail(text="x").replace(b"text/plain", b"text/html").replace(b"\nx\n", f"\n{html}\n".encode())
    parsed = read(raw, tmp_path)
    assert parsed.own_text == "Red."
    assert [block.part for block in parsed.blocks] == ["own", "quoted"]
    assert "style" not in parsed.html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b", "a\nb"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ('<a href="https://x.org/y">here</a>', "here (https://x.org/y)"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a  b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a &amp; b&nbsp;c", "a & b c"),
        ("<script>alert(1)</script>x", "x"),
        ("<blockquote>q</blockquote>own", "> q\n>\nown"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert hypertext.to_text(html)[0].strip() == text


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied; owner=x"}, "auto-submitted"),
        ({"Auto_Submitted": "no"}, ""),
        ({"Return_Path": "<>"}, "null-return-path"),
        ({"Return_Path": "<bo@x.org>"}, ""),
        ({"X_Autoreply": "yes"}, "autoreply"),
        ({"X_Autorespond": "Away"}, "autoreply"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"Precedence": "auto_reply"}, "bulk"),
        ({"Precedence": "first-class"}, ""),
        ({"List_Id": "<n.x.org>"}, "list"),
        ({"X_Auto_Response_Suppress": "All"}, ""),
    ],
)
def test_what_programs_send(tmp_path: Path, headers: dict[str, str], reason: str) -> None:
    assert read(a_mail(**headers), tmp_path).automatic == reason


def test_daemons_and_reports(tmp_path: Path) -> None:
    assert read(a_mail("MAILER-DAEMON@mx.x.org"), tmp_path).automatic == "daemon"
    parsed = read(a_bounce("<orig@desk>", "eve@x.org", "5.1.1"), tmp_path)
    assert parsed.automatic == "report"
    assert parsed.dsn is not None
    assert parsed.dsn.original_id == "<orig@desk>"
    (failure,) = parsed.dsn.failures
    assert (failure.address, failure.action, failure.status) == ("eve@x.org", "failed", "5.1.1")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"X: " + b"y" * 70_000 + b"\n\nx", "headers"),
        (b"X: y\n" * 201 + b"\nx", "headers"),
        (b"From: a@x\nTo: " + b"b@x," * 501 + b"\n\nx", "addresses"),
        (b"From: a@x\nTo: " + b"(" * 21 + b"\n\nx", "nested"),
    ],
)
def test_limits_of_headers(tmp_path: Path, raw: bytes, code: str) -> None:
    with pytest.raises(TooMuch) as refused:
        read(raw, tmp_path)
    assert refused.value.code == code


@pytest.mark.parametrize(("depth", "is_read"), [(19, True), (25, False), (2_000, False)])
def test_limits_of_depth(tmp_path: Path, depth: int, is_read: bool) -> None:
    raw = b"From: a@x.org\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(depth)
    )
    raw += b"Content-Type: text/plain\n\nHi\n"
    if is_read:
        assert read(raw, tmp_path).own_text == "Hi"
        return
    with pytest.raises(TooMuch) as refused:
        read(raw, tmp_path)
    assert refused.value.code == "depth"


@pytest.mark.parametrize(("parts", "is_read"), [(199, True), (200, False)])
def test_limits_of_parts(tmp_path: Path, parts: int, is_read: bool) -> None:
    raw = b'From: a@x.org\nContent-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nHi\n" * parts + b"--b--\n"
    if is_read:
        assert read(raw, tmp_path).own_text.count("Hi") == parts
        return
    with pytest.raises(TooMuch) as refused:
        read(raw, tmp_path)
    assert refused.value.code == "parts"
