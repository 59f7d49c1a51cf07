"""Releases replayed through a real server: asked in their true order, at their own instants."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from changes.models import Change, Evaluation
from incidents.models import Incident
from itsm.home.demo.replay.counts import tally
from itsm.home.demo.replay.history import releases
from itsm.home.demo.replay.incidents import weather

RELEASES = """\
version,sha,released_at,first_parent_commits,kind
1.2.0,ccc,2021-01-18T23:30:00-05:00,2,weekly
1.0.0,aaa,2021-01-04T10:00:00+01:00,1,weekly
1.2.1,ddd,2021-01-19T23:10:00+00:00,1,hotfix/patch
1.1.0,bbb,2021-01-12T09:00:00+02:00,2,weekly
1.3.0,eee,2021-02-01T12:00:00+00:00,1,weekly
"""
CHANGES = """\
in_version,sha,authored_at,committed_at,pr,subject
1.0.0,a1,2021-01-03T10:00:00+01:00,2021-01-03T10:00:00+01:00,1,Faster pages (#1)
1.1.0,b1,2021-01-11T10:00:00+01:00,2021-01-11T10:00:00+01:00,2,Search (#2)
1.1.0,b2,2021-01-12T10:00:00+01:00,2021-01-12T08:00:00+01:00,,Release 1.1.0
1.2.0,c1,2021-01-17T10:00:00+01:00,2021-01-17T10:00:00+01:00,,Straight to main
1.2.0,c2,2021-01-17T11:00:00+01:00,2021-01-17T11:00:00+01:00,3,Migrate users (#3)
1.2.1,d1,2021-01-19T20:00:00+01:00,2021-01-19T20:00:00+01:00,4,Put users back (#4)
1.3.0,e1,2021-01-30T10:00:00+01:00,2021-01-30T10:00:00+01:00,5,Themes (#5)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "releases.csv").write_text(RELEASES)
    (tmp_path / "changes.csv").write_text(CHANGES)
    return tmp_path


def test_history_is_read_in_the_order_in_which_it_happened(folder):
    read = releases(folder)
    assert [release.version for release in read] == ["1.0.0", "1.1.0", "1.2.0", "1.2.1", "1.3.0"]
    assert read[1].at == datetime(2021, 1, 12, 7, 0, tzinfo=UTC)
    assert [release.reviewed for release in read] == [True, True, False, True, True]
    assert [release.version for release in read if release.hurt] == ["1.2.0"]
    assert [release.version for release in read if release.is_fix] == ["1.2.1"]
    assert [release.version for release in read if release.migrates] == ["1.2.0"]


def test_a_bad_release_breaks_the_weather_until_its_fix(folder):
    sky = weather(folder / "nab")
    begin = datetime(2021, 1, 1, tzinfo=UTC)
    sky.breaks(begin, begin + timedelta(minutes=2))
    failed = [sample["total"] - sample["good"] for sample in sky.samples(begin, begin + timedelta(minutes=4))]
    assert failed == [24, 24, 0, 0]
    assert not sky.is_real


@pytest.mark.django_db(transaction=True)
def test_releases_are_answered_through_rest_as_of_their_time(folder):
    out = StringIO()
    call_command("replay_releases", str(folder), stdout=out, stderr=StringIO())
    said = json.loads(out.getvalue())
    assert (said["releases"], said["approved_at_once"], said["sent_to_people"]) == (5, 1, 4)
    assert said["why"]["peer"]["needs_history_known"] == 1
    assert (said["had_to_be_fixed"], said["slipped"], said["deployed"]) == (1, [], 5)
    asked = Evaluation.objects.order_by("asked_at").values_list("asked_at", flat=True)
    assert list(asked) == [release.at for release in releases(folder)]
    fix = Change.objects.get(artifact_version="1.2.1")
    assert (fix.change_class, fix.outcome_code) == ("emergency", "successful")
    assert Incident.objects.get().status in {"resolved", "closed"}, "its reopen window is over by today"
    call_command("replay_decisions", stdout=StringIO())
    with pytest.raises(CommandError, match="empty"):
        call_command("replay_releases", str(folder), stderr=StringIO())


@pytest.mark.django_db
def test_a_folder_without_releases_is_refused(tmp_path):
    with pytest.raises(CommandError, match="No releases"):
        call_command("replay_releases", str(tmp_path), stderr=StringIO())


def test_nothing_replayed_is_nothing_counted():
    assert tally([])["releases"] == 0
