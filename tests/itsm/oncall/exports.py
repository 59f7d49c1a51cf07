"""Small exports of other systems, each with its own rendering, worked out by hand."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 10, 19, 0, 0, tzinfo=UTC)  # six days before clocks go back in Berlin
PEOPLE = ("ada@larkspur.test", "ben@larkspur.test", "cy@larkspur.test")
A, B, C = PEOPLE


def pagerduty() -> dict[str, Any]:
    """A week each from Monday 09:00, Berlin; above it, on working days 09-17, a day each; one override."""
    users = [{"id": f"P{number}", "email": email} for number, email in enumerate(PEOPLE)]
    days = {
        "id": "L1", "name": "Days", "start": "2026-01-05T09:00:00+01:00", "end": None,
        "rotation_virtual_start": "2026-10-19T09:00:00+02:00", "rotation_turn_length_seconds": 86_400,
        "users": [{"user": {"id": "P1"}}, {"user": {"id": "P2"}}],
        "restrictions": [
            {"type": "weekly_restriction", "start_day_of_week": day, "start_time_of_day": "09:00:00", "duration_seconds": 28_800}
            for day in range(1, 6)
        ],
    }  # fmt: skip
    weeks = {
        "id": "L2", "name": "Weeks", "start": "2026-01-05T09:00:00+01:00", "end": None,
        "rotation_virtual_start": "2026-10-05T09:00:00+02:00", "rotation_turn_length_seconds": 604_800,
        "users": [{"user": {"id": "P0"}}, {"user": {"id": "P2"}}], "restrictions": [],
    }  # fmt: skip
    gone = {**weeks, "id": "L3", "name": "Old", "end": "2026-09-01T00:00:00+02:00"}
    entries = [
        # Monday to Wednesday of the week before clocks go back, then a weekend with the doubled hour.
        ("2026-10-19T09:00:00+02:00", "2026-10-19T17:00:00+02:00", "P1"),
        ("2026-10-19T17:00:00+02:00", "2026-10-20T09:00:00+02:00", "P0"),
        ("2026-10-20T09:00:00+02:00", "2026-10-20T17:00:00+02:00", "P2"),
        ("2026-10-20T17:00:00+02:00", "2026-10-21T09:00:00+02:00", "P0"),
        ("2026-10-21T09:00:00+02:00", "2026-10-21T12:00:00+02:00", "P1"),
        ("2026-10-21T12:00:00+02:00", "2026-10-21T20:00:00+02:00", "P2"),  # the override
        ("2026-10-21T20:00:00+02:00", "2026-10-22T09:00:00+02:00", "P0"),
        ("2026-10-22T09:00:00+02:00", "2026-10-22T17:00:00+02:00", "P2"),
        ("2026-10-22T17:00:00+02:00", "2026-10-23T09:00:00+02:00", "P0"),
        ("2026-10-23T09:00:00+02:00", "2026-10-23T17:00:00+02:00", "P1"),
        ("2026-10-23T17:00:00+02:00", "2026-10-26T09:00:00+01:00", "P0"),
        ("2026-10-26T09:00:00+01:00", "2026-10-26T17:00:00+01:00", "P2"),
        ("2026-10-26T17:00:00+01:00", "2026-10-27T09:00:00+01:00", "P2"),
    ]
    override = {
        "id": "O1", "start": "2026-10-21T12:00:00+02:00", "end": "2026-10-21T20:00:00+02:00", "user": {"id": "P2"},
    }  # fmt: skip
    schedule = {
        "id": "PI7DH85", "name": "Payments primary", "time_zone": "Europe/Berlin", "teams": [{"summary": "Payments"}],
        "schedule_layers": [days, weeks, gone], "overrides": [override],
        "final_schedule": {
            "rendered_schedule_entries": [
                {"start": begin, "end": end, "user": {"id": who}} for begin, end, who in entries
            ]
        },
    }  # fmt: skip
    policy = {
        "id": "PP1", "name": "Payments high", "num_loops": 2, "teams": [{"summary": "Payments"}],
        "escalation_rules": [
            {"escalation_delay_in_minutes": 5, "targets": [{"id": "PI7DH85", "type": "schedule_reference"}]},
            {"escalation_delay_in_minutes": 10, "targets": [{"id": "P0", "type": "user_reference"}]},
        ],
    }  # fmt: skip
    return {"users": users, "schedules": [{"schedule": schedule}], "escalation_policies": [policy]}


def oncall() -> dict[str, Any]:
    """A week each on working days 09-17, Berlin, beginning with the second; an override on Thursday."""
    users = [{"id": f"U{number}", "email": email, "username": email} for number, email in enumerate(PEOPLE)]
    shifts = [
        {
            "id": "S1", "name": "Working days", "type": "rolling_users", "time_zone": "Europe/Berlin", "level": 1,
            "start": "2026-10-05T09:00:00", "rotation_start": "2026-10-05T09:00:00", "duration": 28_800,
            "frequency": "weekly", "interval": 1, "by_day": ["MO", "TU", "WE", "TH", "FR"], "week_start": "MO",
            "rolling_users": [["U0"], ["U1"]], "start_rotation_from_user_index": 1, "until": None,
        },
        {
            "id": "S2", "name": "Thursday", "type": "override", "time_zone": "Europe/Berlin",
            "start": "2026-10-22T10:00:00", "rotation_start": "2026-10-22T10:00:00", "duration": 7_200,
            "rolling_users": [["U2"]], "users": ["U2"],
        },
    ]  # fmt: skip
    final = [
        ("2026-10-19T07:00:00Z", "2026-10-19T15:00:00Z", 1), ("2026-10-20T07:00:00Z", "2026-10-20T15:00:00Z", 1),
        ("2026-10-21T07:00:00Z", "2026-10-21T15:00:00Z", 1), ("2026-10-22T07:00:00Z", "2026-10-22T08:00:00Z", 1),
        ("2026-10-22T08:00:00Z", "2026-10-22T10:00:00Z", 2), ("2026-10-22T10:00:00Z", "2026-10-22T15:00:00Z", 1),
        ("2026-10-23T07:00:00Z", "2026-10-23T15:00:00Z", 1), ("2026-10-26T08:00:00Z", "2026-10-26T16:00:00Z", 0),
    ]  # fmt: skip
    chain = [
        {"type": "notify_on_call_from_schedule", "notify_on_call_from_schedule": "SBM7DV"},
        {"type": "wait", "duration": 300},
        {"type": "notify_persons", "persons_to_notify": ["U0"]}, {"type": "notify_persons", "persons_to_notify": ["U1"]},
        {"type": "wait", "duration": 600}, {"type": "trigger_webhook"}, {"type": "repeat_escalation"},
    ]  # fmt: skip
    return {
        "escalation_chains": [{"id": "F1", "name": "Working hours high"}],
        "escalation_policies": [{**one, "escalation_chain_id": "F1", "position": place} for place, one in enumerate(chain)],
        "users": users, "on_call_shifts": shifts,
        "schedules": [{"id": "SBM7DV", "name": "Working hours", "type": "web", "time_zone": "Europe/Berlin", "shifts": ["S1", "S2"]}],
        "final_shifts": {
            "SBM7DV": [
                {"user_pk": f"U{who}", "user_email": PEOPLE[who], "shift_start": begin, "shift_end": end}
                for begin, end, who in final
            ]
        },
    }  # fmt: skip


def opsgenie() -> dict[str, Any]:
    """Two rotations at once: nights of a day each with nobody every third, and a team through the week."""
    nights = {
        "id": "r1", "name": "Nights", "startDate": "2026-10-19T20:00:00Z", "type": "daily", "length": 1,
        "participants": [{"type": "user", "username": A}, {"type": "user", "username": B}, {"type": "none"}],
        "timeRestriction": {
            "type": "time-of-day", "restriction": {"startHour": 22, "startMin": 0, "endHour": 6, "endMin": 0},
        },
    }  # fmt: skip
    crew = {
        "id": "r2", "name": "Crew", "startDate": "2026-10-18T22:00:00Z", "type": "weekly", "length": 1,
        "participants": [{"type": "team", "name": "Ops"}],
    }  # fmt: skip
    # Clocks go back in the third night, whose turn is nobody's, and the fourth is the first one's again.
    periods = [
        ("2026-10-19T20:00:00Z", "2026-10-20T04:00:00Z", A), ("2026-10-20T20:00:00Z", "2026-10-21T04:00:00Z", B),
        ("2026-10-22T20:00:00Z", "2026-10-23T04:00:00Z", A), ("2026-10-23T20:00:00Z", "2026-10-24T04:00:00Z", B),
        ("2026-10-25T21:00:00Z", "2026-10-26T05:00:00Z", A),
    ]  # fmt: skip
    timeline = [
        {
            "id": "r1", "name": "Nights",
            "periods": [
                {"startDate": begin, "endDate": end, "recipient": {"type": "user", "name": who}}
                for begin, end, who in periods
            ],
        },
        {
            "id": "r2", "name": "Crew",
            "periods": [
                {
                    "startDate": "2026-10-18T22:00:00Z", "endDate": "2026-10-25T23:00:00Z",
                    "recipient": {"type": "team", "name": "Ops"},
                }
            ],
        },
    ]  # fmt: skip
    return {
        "teams": [{"name": "Ops", "members": [{"user": {"username": B}}, {"user": {"username": C}}]}],
        "schedules": [
            {"id": "d8", "name": "Ops", "timezone": "Europe/Berlin", "ownerTeam": {"name": "Payments"}, "rotations": [nights, crew]}
        ],
        "escalations": [
            {
                "name": "Ops high", "ownerTeam": {"name": "Payments"}, "repeat": {"count": 1, "closeAlertAfterAll": True},
                "rules": [
                    _rule(0, "default", {"type": "schedule", "id": "d8"}),
                    _rule(5, "next", {"type": "schedule", "id": "d8"}),
                    _rule(15, "default", {"type": "user", "username": C}),
                    {**_rule(20, "default", {"type": "user", "username": C}), "condition": "if-not-closed"},
                ],
            }
        ],
        "overrides": {}, "timelines": {"d8": {"finalTimeline": {"rotations": timeline}}},
    }  # fmt: skip


def _rule(minutes: int, which: str, recipient: dict[str, str]) -> dict[str, Any]:
    delay = {"timeAmount": minutes, "timeUnit": "minutes"}
    return {"condition": "if-not-acked", "notifyType": which, "delay": delay, "recipient": recipient}


def as_answered(source: str) -> dict[str, Any]:
    """The same, as whoever saves the answers of its API has them: pages around lists, and fields that nobody asks for.

    Shapes as the sources document them: Grafana OnCall's pagination and final_shifts, PagerDuty's references and
    sub-schedules, Opsgenie's data around everything.
    """
    plain = EXPORTS[source]()
    if source == "oncall":
        return {name: _pages_of_oncall(value) for name, value in plain.items()} | {
            "final_shifts": {
                key: {**_PAGE, "count": len(rows), "results": [{**one, "user_username": one["user_email"]} for one in rows]}
                for key, rows in plain["final_shifts"].items()
            },
        }  # fmt: skip
    if source == "pagerduty":
        (schedule,) = (one["schedule"] for one in plain["schedules"])
        overrides = schedule.pop("overrides")
        schedule |= {
            "type": "schedule", "summary": schedule["name"], "self": "https://api.pagerduty.com/schedules/PI7DH85",
            "html_url": "https://larkspur.pagerduty.com/schedules/PI7DH85", "description": None, "web_cal_url": None,
            "escalation_policies": [{"id": "PP1", "type": "escalation_policy_reference", "summary": "Payments high"}],
            "users": [{"id": "P0", "type": "user_reference", "summary": "Ada", "self": None, "html_url": None}],
            "teams": [{"id": "T1", "type": "team_reference", "summary": "Payments", "self": None, "html_url": None}],
            "overrides_subschedule": {
                "name": "Overrides", "rendered_coverage_percentage": None,
                "rendered_schedule_entries": [{name: one[name] for name in ("start", "end", "user")} for one in overrides],
            },
        }  # fmt: skip
        for layer in schedule["schedule_layers"]:
            layer |= {"rendered_schedule_entries": [], "rendered_coverage_percentage": 40.0}
            for one in layer["users"]:
                one["user"] |= {"type": "user_reference", "summary": "Somebody", "self": None, "html_url": None}
        schedule["final_schedule"] |= {"name": "Final Schedule", "rendered_coverage_percentage": 100.0}
        page = {"limit": 25, "offset": 0, "total": None, "more": False}
        users = [{**one, "name": "Somebody", "role": "user", "time_zone": "Europe/Berlin"} for one in plain["users"]]
        return {
            "users": [{**page, "users": users[:2], "more": True}, {**page, "offset": 2, "users": users[2:]}],
            "schedules": [{"schedule": schedule}],
            "escalation_policies": {**page, "escalation_policies": plain["escalation_policies"]},
        }
    answer = {"took": 0.1, "requestId": "f4a1"}
    return {
        name: {key: {**answer, "data": one} for key, one in value.items()}
        if isinstance(value, dict)
        else {**answer, "data": value, "paging": {"last": "https://api.opsgenie.com/v2/"}}
        for name, value in plain.items()
    }


_PAGE = {"count": 0, "next": None, "previous": None, "current_page_number": 1, "page_size": 50, "total_pages": 1}


def _pages_of_oncall(rows: Any) -> Any:
    """The first in a page of its own, the others in a second one."""
    if not isinstance(rows, list):
        return rows
    total = {**_PAGE, "count": len(rows), "total_pages": 2}
    return [{**total, "next": "?page=2", "results": rows[:1]}, {**total, "current_page_number": 2, "results": rows[1:]}]


EXPORTS = {"pagerduty": pagerduty, "oncall": oncall, "opsgenie": opsgenie}
