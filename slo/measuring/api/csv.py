"""Measurements as a CSV file in REST: the same file that the page takes, as the body of a POST."""

from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext
from rest_framework import parsers, serializers

from itsm.api.parsers import TooLarge
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from slo.engine.csv_problems import Problem
from slo.measuring.api.samples import RecordedShown
from slo.measuring.models import Indicator
from slo.measuring.operations.files import record_file


class CsvFile(dict[str, bytes]):
    """A body that is a CSV file (`file`), so that a viewset can tell it from a document."""


class CsvBody(parsers.BaseParser):
    """Takes text/csv as it is; it is read by `slo.engine.csv_samples`."""

    media_type = "text/csv"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> CsvFile:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        return CsvFile(file=body)


class UnreadLineShown(serializers.Serializer[Problem]):
    """A line that could not be read; 1 is the line that names the columns."""

    line = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.SerializerMethodField()
    cell = serializers.CharField()

    def get_detail(self, problem: Problem) -> str:
        return gettext(problem.sentence)


class FileRecordedShown(RecordedShown):
    """What became of a batch. Of a file also its rows, and the lines that could not be read."""

    rows = serializers.IntegerField(required=False)
    refused_count = serializers.IntegerField(required=False)
    problem_count = serializers.IntegerField(required=False)
    problems = UnreadLineShown(many=True, required=False)


def file_shown(indicator: Indicator, body: CsvFile, actor: Actor, at: datetime) -> dict[str, Any]:
    """Record the file. InvalidInput where nothing in it could be read."""
    outcome = record_file(indicator, body["file"], actor=actor, at=at)
    if not outcome.accepted and not outcome.refused and outcome.problems:
        first = outcome.problems[0]
        sentence = gettext(first.sentence)
        raise InvalidInput(sentence, {"line": [f"{first.line}: {sentence}"]})
    return dict(FileRecordedShown(outcome).data)  # type: ignore[arg-type]
