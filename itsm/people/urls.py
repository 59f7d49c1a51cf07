"""Signing in and out, one's own account, people and teams."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from itsm.accounts.views import SignIn, SignOut
from itsm.people.views import (
    account,
    coming_in,
    keeping,
    locations,
    notification_rules,
    people,
    push,
    queues,
    sessions,
    teams,
    wishes,
)
from itsm.ui.context import Entry, offers

app_name = "accounts"

_LOGIN = r"people/(?P<login>[\w.@+-]{1,150})/"

urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-in/unknown/<str:token>/", coming_in.not_me, name="not_me"),
    path("sign-out/", SignOut.as_view(), name="sign_out"),
    path("forgotten/", coming_in.forgotten, name="forgotten"),
    path("new-password/<str:token>/", coming_in.new_password, name="new_password"),
    path("welcome/<str:token>/", coming_in.welcome, name="welcome"),
    path("profile/", account.profile, name="profile"),
    path("profile/prove/", account.prove_again, name="prove"),
    path("profile/edit/", account.edit_profile, name="edit_profile"),
    path("profile/notifications/", wishes.what_reaches_me, name="wishes"),
    path("profile/devices/", push.devices, name="devices"),
    path("profile/devices/add/", push.add, name="add_device"),
    re_path(
        r"^profile/devices/(?P<number>[0-9]{1,18})/(?P<action>end|try|titles|no-titles)/$",
        push.change,
        name="change_device",
    ),
    path("push/shown/", push.shown, name="push_shown"),
    path("profile/password/", account.change_password, name="change_password"),
    path("profile/sessions/<slug:reference>/end/", account.end_session, name="end_session"),
    path("profile/tokens/", account.issue_token, name="issue_token"),
    path("profile/tokens/<slug:prefix>/revoke/", account.revoke_token, name="revoke_token"),
    path("profile/addresses/", account.add_address, name="add_address"),
    re_path(
        r"^profile/addresses/(?P<number>[0-9]{1,18})/(?P<action>primary|remove)/$",
        account.change_address,
        name="change_address",
    ),
    path("profile/verify/<str:token>/", account.verify_address, name="verify_address"),
    path("settings/notifications/", notification_rules.notification_rules, name="notification_rules"),
    path("people/", people.people, name="people"),
    path("new-person/", people.new, name="new_person"),
    path("import-people/", keeping.bring_in, name="people_import"),
    path("locked-sign-ins/", keeping.locked, name="locked"),
    re_path(r"^locked-sign-ins/(?P<number>[0-9]{1,18})/lift/$", keeping.lift_lock, name="lift_lock"),
    path("sessions/", sessions.by_door, name="doors"),
    path("sessions/end/", sessions.end_door, name="end_door"),
    re_path(rf"^{_LOGIN}sessions/$", sessions.of_person, name="sessions"),
    re_path(rf"^{_LOGIN}$", people.person, name="person"),
    re_path(rf"^{_LOGIN}edit/$", people.edit, name="edit_person"),
    re_path(rf"^{_LOGIN}invite/$", people.invite, name="invite"),
    re_path(rf"^{_LOGIN}deactivate/$", people.deactivate, name="deactivate"),
    re_path(rf"^{_LOGIN}merge/$", people.merge, name="merge_person"),
    re_path(rf"^{_LOGIN}reactivate/$", people.reactivate, name="reactivate"),
    re_path(rf"^{_LOGIN}rights/$", people.rights, name="rights"),
    path("locations/", locations.locations, name="locations"),
    path("new-location/", locations.new, name="new_location"),
    path("locations/<slug:slug>/", locations.edit, name="location"),
    path("teams/", teams.teams, name="teams"),
    path("new-team/", teams.new, name="new_team"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("teams/<slug:slug>/rename/", teams.rename, name="rename_team"),
    path("teams/<slug:slug>/members/", teams.add_member, name="add_member"),
    re_path(
        r"^teams/(?P<slug>[\w-]{1,63})/members/(?P<login>[\w.@+-]{1,150})/(?P<action>lead|member|remove)/$",
        teams.change_member,
        name="change_member",
    ),
    path("teams/<slug:slug>/queue/", queues.edit_queue, name="edit_queue"),
    path("teams/<slug:slug>/queue/triage/", queues.make_triage, name="make_triage"),
    path("teams/<slug:slug>/grants/", queues.give, name="give_right"),
    path("teams/<slug:slug>/grants/<int:number>/withdraw/", queues.withdraw, name="withdraw_grant"),
    path("teams/<slug:slug>/merge/", teams.merge, name="merge_team"),
    path("teams/<slug:slug>/retire/", teams.retire, name="retire_team"),
    path("teams/<slug:slug>/revive/", teams.revive, name="revive_team"),
]

offers(Entry(_("People"), "accounts:people", "users", "p", place=70, for_requesters=False, marked_in=("erasure",)))
