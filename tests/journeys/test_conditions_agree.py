"""The browser shows what the server takes: both tell the conditions of 2,000 random forms and answers alike."""

import random
from pathlib import Path
from typing import Any

import pytest

from itsm.fields.form.answering import sent_by_page, shown
from itsm.fields.form.parsing import parse_form
from tests.itsm.fields.forms_made import a_form, what_is_sent
from tests.slo.proving import examples

SCRIPT = Path(__file__).resolve().parents[2] / "itsm/ui/static/headroom/js/form-conditions.js"
# What the page does with its inputs, told of plain values: one text, or the ticked boxes.
ASK = """
(cases) => cases.map(({ sections, sent }) => [...window.headroomConditions.shown(
  sections.map((section) => ({
    when: section.show_when,
    questions: section.questions.map((one) => ({ key: one.key, type: one.type, when: one.show_when })),
  })),
  (question) => (question.type === "choices" ? sent[question.key].filter(Boolean) : sent[question.key][0]),
)])
"""


@pytest.mark.browser
@pytest.mark.heavy
def test_server_and_browser_show_the_same_questions(chromium: Any) -> None:
    rng = random.Random(1311)
    cases, told = [], []
    for _at in range(examples(2_000)):
        document = a_form(rng)
        sent = what_is_sent(rng, document)
        form = parse_form(document)
        raw = sent_by_page(form, {f"answers.{key}": values for key, values in sent.items()}, prefix="answers.")
        cases.append({"sections": form.to_json()["sections"], "sent": sent})
        told.append(list(shown(form, raw)))
    page = chromium.new_page()
    page.add_script_tag(path=str(SCRIPT))
    seen = page.evaluate(ASK, cases)
    page.close()
    odd = [
        (case, server, browser) for case, server, browser in zip(cases, told, seen, strict=True) if server != browser
    ]
    assert odd[:1] == []
    assert any(
        len(one) < sum(len(s["questions"]) for s in case["sections"]) for one, case in zip(told, cases, strict=True)
    )
