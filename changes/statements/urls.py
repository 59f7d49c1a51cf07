"""Where the public keys stand, by a name that the whole world knows to look under (RFC 8615)."""

from django.urls import path

from changes.statements.views import signing_keys

app_name = "statements"
urlpatterns = [path("headroom-signing-keys.json", signing_keys, name="keys")]
