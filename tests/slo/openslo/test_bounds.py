"""What people send cannot take long, nor be answered at length: limits, and the first two hundred findings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from itsm.accounts.models import User
from slo.openslo import formats
from slo.openslo.formats.reading import BOUNDS
from slo.openslo.formats.templating import MAX_IN_A_REQUEST
from tests.factories.slo import an_indicator, measured_by
from tests.slo.openslo.samples import a_document, text_of

MEGABYTE = 1_200_000
HEAVY = {
    "anchors": "\n".join(f"a{number}: &x{number} y" for number in range(75_000)),
    "a list of anchors": "- &a x\n" * (MEGABYTE // 7),
    "anchors of documents": "---\na: &a x\n" * 85_000,
    "documents": "---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: x}\nspec: {a: 1}\n" * 17_000,
    "fields": "apiVersion: openslo/v1\nkind: SLO\nspec:\n" + "".join(f" f{number}: 1\n" for number in range(95_000)),
    "merges": "base: &b {x: 1}\nl:\n" + "".join(f"- {{<<: *b, y{number}: 2}}\n" for number in range(50_000)),
}
UNKNOWN = {f"unknown-{number}": number for number in range(1234)}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_a_megabyte_that_would_take_long_is_one_finding(text: str) -> None:
    """The bound is work, not time: reading stops at the limit."""
    assert len(text) > 1_000_000
    assert [one.rule for one in formats.read({"f": text}, in_a_request=True).findings] == ["too-large"]


def test_anchors_that_people_write_are_read() -> None:
    text = "\n".join(f"a{number}: &x{number} y" for number in range(BOUNDS.most_anchors))
    assert "too-large" not in {one.rule for one in formats.read({"f": text}).findings}


def test_a_template_for_thousands_is_for_the_command() -> None:
    values = ",".join(f"v{number}" for number in range(MAX_IN_A_REQUEST + 1))
    noted = {"headroom/for-each": "job", "headroom/values": values}
    text = text_of(a_document("Service", "$job", metadata__annotations=noted))
    assert [one.rule for one in formats.read({"f": text}, in_a_request=True).findings] == ["headroom-values"]
    assert len(formats.read({"f": text}).services) == MAX_IN_A_REQUEST + 1


@pytest.mark.django_db
def test_rest_refuses_what_is_too_heavy_and_lists_the_first_findings(
    engineer: User, api: Callable[[User], Any]
) -> None:
    answer = api(engineer).post("/api/v1/openslo/", HEAVY["anchors"], content_type="application/yaml")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert "anchors" in answer.json()["detail"]
    text = text_of(a_document("SLO", spec__objectives__0=UNKNOWN | {"target": 0}))
    said = api(engineer).post("/api/v1/openslo/", text, content_type="application/yaml").json()
    assert (len(said["errors"]), said["error_count"] >= 1234, said["warning_count"]) == (200, True, 0)


@pytest.mark.django_db
def test_the_page_and_the_command_do_so_too(engineer: User, web: Callable[[User], Client], tmp_path: Path) -> None:
    text = text_of(a_document("SLO", spec__objectives__0=UNKNOWN))
    page = web(engineer).post("/slos/openslo/", {"text": text, "mode": "strict", "set_name": "x"})
    assert page.status_code == 422
    assert "These are the first 200 of 123" in page.content.decode()
    assert page.content.decode().count("unknown-field") == 200
    file = tmp_path / "slo.json"
    file.write_text(text)
    for command in (["import", str(file)], ["validate", str(file)]):
        with pytest.raises(CommandError), (tmp_path / "out").open("w+") as out:
            call_command("openslo", *command, stdout=out)
        said = (tmp_path / "out").read_text()
        assert said.count("unknown-field") == 200
        assert "more findings" in said


@pytest.mark.django_db
def test_a_file_of_measurements_with_many_faults_shows_the_first(
    engineer: User, api: Callable[[User], Any], web: Callable[[User], Client]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    measured_by(an_indicator(slug="sent"), engineer)
    text = "minute,good,total\n2026-01-31 13:05,1,1\n" + "x,1,1\n" * 3000 + "2031-01-01 00:00,1,1\n"
    answer = api(engineer).post("/api/v1/slis/sent/samples/", text, content_type="text/csv")
    assert (len(answer.json()["problems"]), answer.json()["problem_count"]) == (200, 3000)
    file = SimpleUploadedFile("measured.csv", text.encode(), content_type="text/csv")
    page = web(engineer).post("/slos/indicators/sent/upload/", {"file": file}).content.decode()
    assert page.count("The time is none of") == 200
    assert "of 3000 lines that cannot be read" in page
