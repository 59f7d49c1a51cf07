"""Own words, quotations and signatures, by lines: mails of real people, and texts made to cost time."""

import time
from pathlib import Path

import pytest

from itsm.mail.parsing import quotes
from itsm.mail.parsing.parsed import Part

REPLIES = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "mail" / "replies"


def own(text: str) -> str:
    return quotes.own_words(quotes.split(text))


def parts(text: str) -> list[str]:
    return [str(block.part) for block in quotes.split(text)]


# What the writer of each said begins and ends with; nothing of it is quoted.
HELD_OUT = {
    "correct_sig": ("this is an email with a correct -- signature.", "signature."),
    "email_1_1": ("Hi folks", "-Abhishek Kona"),
    "email_1_2": ("Hi,", 'You’ll need to delete them all individually."'),
    "email_1_3": ("Oh thanks.", "-Abhishek Kona"),
    "email_1_4": ("Awesome! I haven't had another problem with it.", "with it."),
    "email_1_5": ("One: Here's what I've got.", "for a while."),
    "email_1_6": ("I get proper rendering as well.", "as well."),
    "email_1_7": (":+1:", ":+1:"),
    "email_1_8": ("I will reply under this one", "and under this."),
    "email_2_1": ("Outlook with a reply", "Outlook with a reply"),
    "email_2_2": ("Outlook with a reply directly above line", "above line"),
    "email_2_3": ("Outlook with a reply directly above line", "above line"),
    "email_BlackBerry": ("Here is another email", "another email"),
    "email_iPhone": ("Here is another email", "another email"),
    "email_bullets": ("test 2 this should list second", "- and another"),
    "email_multi_word_sent_from_my_mobile_device": ("Here is another email", "another email"),
    "email_one_is_not_on": ("Thank, this is really helpful.", "when I run..."),
    "email_sent_from_my_not_signature": ("Here is another email", "then my mobile phone."),
    "email_sig_delimiter_in_middle_of_line": ("Hi there!", "kthxbai"),
    "greedy_on": ("On your remote host you can run:", "the tunnel is not working."),
    "pathological": ("I think you're onto something.", "get back to a computer."),
}


@pytest.mark.skipif(not REPLIES.is_dir(), reason="the replies of real people lie beside the project, or nowhere")
@pytest.mark.parametrize("name", sorted(HELD_OUT))
def test_replies_of_real_people(name: str) -> None:
    text = (REPLIES / f"{name}.txt").read_text("utf-8", "replace").replace("\r\n", "\n")
    begins, ends = HELD_OUT[name]
    said = own(text)
    assert said.startswith(begins)
    assert said.lower().endswith(ends.lower())
    assert not any(line.startswith(">") for line in said.split("\n"))
    kept = "".join("".join(block.text.split()) for block in quotes.split(text))
    assert kept == "".join(text.split()), "nothing is deleted"


@pytest.mark.parametrize(
    "lead",
    [
        "On Mon, 3 May 2027 at 10:00, Eve <eve@x.org> wrote:",
        "On Mon, 3 May 2027 at 10:00, Eve\n<eve@x.org>\nwrote:",
        "Am 03.05.2027 um 10:00 schrieb Eve <eve@x.org>:",
        "Le 3 mai 2027 à 10:00, Eve <eve@x.org> a écrit :",
        "El 3/5/2027 a las 10:00, Eve <eve@x.org> escribió:",
        "2027-05-03 10:00 GMT+02:00 Eve <eve@x.org>:",
        "Eve <eve@x.org> wrote:",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "From: Eve <eve@x.org>\nSent: Monday\nTo: Bo\nSubject: x\n",
        "Von: Eve\nGesendet: Montag\nAn: Bo\nBetreff: x\n",
        "________________________________\nDe : Eve\nEnvoyé : lundi\nÀ : Bo\nObjet : x\n",
    ],
)
def test_what_follows_an_attribution_is_quoted(lead: str) -> None:
    text = f"Red.\n\n{lead}\nWhich one?\n\nRegards"
    assert own(text) == "Red."
    assert parts(text) == ["own", "quoted"]


@pytest.mark.parametrize(
    "text",
    [
        "On your host run:\n\n  lpstat\n\nIt says 500.",
        "On Monday it smoked. Then I wrote:\n\nhelp",
        "From: here to there it is far\nand back",
        "He said it at 10:00:\n\nno",
        "From: x\nonly one of them",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert own(text) == text


def test_nothing_but_quotations_is_kept_whole() -> None:
    assert own("> a\n> b") == "> a\n> b"
    assert own("") == ""


def test_a_signature_is_short_and_last() -> None:
    assert parts("Hi\n-- \nBo\n01234") == ["own", "signature"]
    assert parts("Hi\n--\n" + "a line of what matters\n" * 30) == ["own"]


@pytest.mark.parametrize(
    "text",
    [
        "On On " * 20_000,
        "On x@y\n" * 30_000,
        "From: \n" * 30_000,
        ">" * 800_000,
        "On 2020 a@b\n\n" * 30_000,
        "-- \n" * 50_000,
    ],
)
def test_no_text_costs_more_than_its_length(text: str) -> None:
    began = time.process_time()
    blocks = quotes.split(text)
    assert time.process_time() - began < 3
    assert {block.part for block in blocks} <= set(Part)
