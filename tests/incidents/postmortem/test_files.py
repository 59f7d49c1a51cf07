"""Markdown equals the record; PDF in the scripts that the fonts have."""

import re
import subprocess
from shutil import which
from typing import Any

import pytest

from incidents.postmortem import operations, queries
from incidents.postmortem.queries import as_markdown, facts_of, on_paper, written_at
from tests.incidents.postmortem.situations import a_draft, written

pytestmark = pytest.mark.django_db
SCRIPTS = {
    "Latin": "Zahlungen fielen aus, für zwölf Minuten",
    "Greek": "Οι πληρωμές απέτυχαν για δώδεκα λεπτά",
    "Cyrillic": "Платежи не проходили двенадцать минут",
    "Hebrew": "התשלומים נכשלו למשך שתים עשרה דקות",
    "Arabic": "فشلت المدفوعات لمدة اثنتي عشرة دقيقة",
}


def test_markdown_says_what_the_record_says(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    words = {
        "went_well": "Rolled back\nin a minute",
        "went_badly": "No alert",
        "lucky": "# At <b>night</b>\n    1. [x](y)",
    }
    draft = written(actor, impact="12 minutes", factors=["A *star* # and", "[link](x)"], **words)
    facts = facts_of(draft, actor)
    text = as_markdown(facts)
    sections = dict(re.findall(r"^## (.+)\n\n((?:[->].*\n?)+)", text, re.MULTILINE))
    assert sections["Impact"].strip() == "> 12 minutes"
    assert sections["What went well"].splitlines() == ["> Rolled back", "> in a minute"]
    nbsp = "\N{NO-BREAK SPACE}"
    assert sections["Where we were lucky"].splitlines() == [r"> \# At \<b\>night\</b\>", rf"> {nbsp * 4}1\. \[x\](y)"]
    assert sections["Factors"].splitlines() == [r"- A \*star\* \# and", r"- \[link\](x)"]
    assert (
        len(sections["Timeline"].splitlines()) == draft.events.filter(removed=False).count() == len(facts["timeline"])
    )
    assert "Cap retries (engineer)" in sections["Actions"]
    assert set(sections) == {
        "Impact", "Timeline", "Factors", "What went well", "What went badly", "Where we were lucky", "Actions"
    }  # fmt: skip


def test_paper_has_the_same_words_in_each_script_and_the_same_bytes_twice(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    draft = a_draft(actor, title="Zahlungen")
    draft = operations.edit(
        draft, actor=actor, version=draft.version, impact="\n".join(SCRIPTS.values()), factors=list(SCRIPTS.values())
    )
    text = as_markdown(facts_of(draft, actor))
    printed = on_paper(text, title=str(draft), at=written_at(draft))
    assert printed.startswith(b"%PDF-")
    assert printed == on_paper(text, title=str(draft), at=written_at(draft))
    assert queries.written_at(draft) == draft.opened_at
    if which("pdftotext"):
        read = subprocess.run(["pdftotext", "-", "-"], input=printed, capture_output=True, check=True)
        words = read.stdout.decode()
        assert "\N{REPLACEMENT CHARACTER}" not in words
        for script in ("Latin", "Greek", "Cyrillic"):
            assert SCRIPTS[script] in words.replace("\n", " ")
