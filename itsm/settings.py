"""Headroom's settings: one file, fixed order, everything from the environment (see .env.example)."""

from datetime import timedelta
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from itsm import collected, env

# --- What this is -----------------------------------------------------------------------------
BASE_DIR = env.BASE_DIR
DEBUG = env.flag("HEADROOM_DEBUG", default=False)
DEMO = env.flag("HEADROOM_DEMO", default=False)
SECRET_KEY = env.text("HEADROOM_SECRET_KEY", "dev-only-not-a-secret") if DEBUG else env.text("HEADROOM_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("HEADROOM_SECRET_KEY_FALLBACKS", "")  # keys of before: what they sealed is still read
ALLOWED_HOSTS = env.words("HEADROOM_ALLOWED_HOSTS", "localhost 127.0.0.1 [::1]")
BASE_URL = env.text("HEADROOM_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
SECURE_ORIGIN = BASE_URL.startswith("https://")

OWN_APPS = [
    "itsm.audit",
    "itsm.configuration",
    "itsm.notifications",
    "itsm.clocks",
    "itsm.accounts",
    "itsm.search",
    "itsm.ui",
    "itsm.api",
    "itsm.approvals",
    "itsm.fields",
    "itsm.oncall",
    "itsm.work",
    "itsm.macros",
    "itsm.bulk",
    "itsm.assignment",
    "itsm.people",
    "itsm.administration",
    "itsm.continuity",
    "itsm.erasure",
    "itsm.audit_trail",
    "itsm.calendars",
    "itsm.files",
    "itsm.mail",
    "itsm.invariants",
    "itsm.retention",
    "itsm.workload_identity",
    "itsm.proposals",
    "itsm.agents",
    "itsm.oauth",
    "itsm.identity",
    "itsm.security",
    "itsm.roles",
    "itsm.second_factors",
    "itsm.single_sign_on",
    "itsm.directory",
    "itsm.scim",
    "itsm.announcements",
    "itsm.webhooks",
    "itsm.paging",
    "itsm.satisfaction",
    "catalog",
    "incidents",
    "slo",
    "changes",
    "itsm.setup",
    "itsm.home",
    "itsm.portal",
    "itsm.statuspage",
]
INSTALLED_APPS = [
    "pgtrigger",  # before all models: it lets them declare triggers
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    *OWN_APPS,
]

MIDDLEWARE = [
    "itsm.statuspage.middleware.ServesSnapshot",
    "itsm.api.proxies.TrustedProxies",
    "itsm.home.middleware.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "itsm.api.middleware.NotStored",
    "itsm.api.middleware.RequestLimits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "itsm.ui.middleware.PersonalTimeZone",
    "itsm.ui.sending.ComesBackToPages",
    "itsm.ui.sending.OneSubmitOneRecord",
    "itsm.ui.middleware.RefusalsBecomePages",
    "itsm.ui.looking.LooksOnly",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "itsm.urls"
WSGI_APPLICATION = "itsm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "itsm.ui.context.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "itsm.ui.loading.Outdenting",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "itsm.ui.templatetags.ui",
                "itsm.ui.templatetags.kept",
                *collected.names(OWN_APPS, "badges"),
            ],
        },
    }
]

# --- The store: PostgreSQL holds the truth ------------------------------------------------------
_AS_OWNER = env.text("HEADROOM_DATABASE_ROLE", "application") == "owner"
_DATABASE_URL = env.text("DATABASE_URL")
DATABASES: dict[str, Any] = {
    "default": {
        **dj_database_url.parse(
            env.text("DATABASE_OWNER_URL", _DATABASE_URL) if _AS_OWNER else _DATABASE_URL,
            conn_max_age=600,
            conn_health_checks=True,
        ),
        "ATOMIC_REQUESTS": False,
    }
}
# No query may hold a web request for long; owner work (migrations) has no such limit. What is read stands in memory or
# on a disk without arms: the planner's own idea of what an index costs has small tables read whole, again for each row.
_LIMITS = (
    ""
    if _AS_OWNER
    else (" -c lock_timeout=4000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000")
)
DATABASES["default"].setdefault("OPTIONS", {})["options"] = f"-c timezone=UTC -c random_page_cost=1.1{_LIMITS}"
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 3)

# As whom the auditor of invariants asks, on the same server: a role that reads and nothing else.
_AUDITOR = dj_database_url.parse(env.text("DATABASE_AUDITOR_URL", "")) if env.text("DATABASE_AUDITOR_URL", "") else {}
AUDITOR_DATABASE: dict[str, Any] = {name: _AUDITOR[name] for name in ("USER", "PASSWORD") if _AUDITOR.get(name)}

# Behind a pooler that changes connections between transactions (pgbouncer's transaction mode), nothing is left with a
# connection: no statement planned once for it, no cursor and no lock that outlasts a transaction.
POOLED = env.flag("HEADROOM_POOLED", default=False)
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = POOLED
# What may be some seconds old is read there (`itsm.replica`).
if _REPLICA_URL := env.text("DATABASE_REPLICA_URL", ""):
    DATABASES["replica"] = {
        **DATABASES["default"],
        **dj_database_url.parse(_REPLICA_URL, conn_max_age=600, conn_health_checks=True),
        "OPTIONS": DATABASES["default"]["OPTIONS"],
    }
REPLICA_LAG = env.number("HEADROOM_REPLICA_LAG", 30)  # seconds behind, from which on it is not read
# Large statements are planned once per connection.
PREPARED_STATEMENTS = env.flag("HEADROOM_PREPARED_STATEMENTS", default=not POOLED)

# --- The broker: Valkey carries nudges, never the truth -----------------------------------------
REDIS_URL = env.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
if REDIS_URL.startswith(("redis://", "rediss://")):
    CELERY_BROKER_TRANSPORT = "itsm.broker:Transport"  # a lost acknowledgement reconnects
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SOFT_TIME_LIMIT = 210
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever
# After a lost connection: tasks go on (each is safe to run twice), and all places are taken again at once.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_ENABLE_PREFETCH_COUNT_REDUCTION = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # above the hard limit, so that a running task is not started again
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "health_check_interval": 5,  # a connection that says nothing for a second more is dropped
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# 0 goes first: whatever else waits in the queue, sweeps are not kept from being finished.
CELERY_TASK_DEFAULT_PRIORITY = 3
CELERY_BEAT_SCHEDULE = collected.entries(OWN_APPS, "beat")  # each app's own, from its apps.py
if DEMO:
    CELERY_BEAT_SCHEDULE["keep the demo alive"] = {
        "task": "itsm.home.tasks.continue_demo",
        "schedule": 60.0,
        "options": {"expires": 55},
    }

# --- People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "itsm.accounts.backends.PeopleOnly",
    "itsm.directory.backends.DirectoryPassword",
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home:desk"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
# Argon2id; what an earlier release kept is verified, and kept anew at the next sign-in.
PASSWORD_HASHERS = [
    "itsm.accounts.hashing.Argon2id",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "itsm.accounts.password_words.WordsOfThisPlace"},
]
# Guessing locks the pair of account and address, so nobody can lock a colleague out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "itsm.api.proxies.client_address"
AXES_USERNAME_CALLABLE = "itsm.accounts.backends.guessed_account"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"

SESSION_ENGINE = "itsm.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
# Behind https no other host of the domain, and no page without encryption, can set these cookies (`__Host-`).
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-session", "__Host-csrf") if SECURE_ORIGIN else ("sessionid", "csrftoken")
)
SESSION_COOKIE_SECURE = SECURE_ORIGIN
CSRF_COOKIE_SECURE = SECURE_ORIGIN
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "itsm.ui.refusals.csrf_failure"

# --- What browsers may do -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_ORIGIN else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_ORIGIN
SECURE_HSTS_PRELOAD = SECURE_ORIGIN
SECURE_SSL_REDIRECT = SECURE_ORIGIN
# Programs are not led on to https: they would have sent their token in the clear, and go on doing so unnoticed.
SECURE_REDIRECT_EXEMPT = [
    r"^livez$", r"^readyz$", r"^metrics$", r"^api/", r"^scim/", r"^mcp$", r"^oauth/(token|register|revoke)$",
]  # fmt: skip
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("HEADROOM_BEHIND_PROXY", False) else None
# Addresses and networks whose X-Forwarded-* headers say who the client is; nobody else's are looked at.
TRUSTED_PROXIES = env.words("HEADROOM_TRUSTED_PROXIES", "")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- The API ------------------------------------------------------------------------------------
FILE_UPLOAD_MAX_BYTES = 8_000_000  # where a body may be a file: `takes_files` on the view
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_500_000  # bodies above it are answered 413; 10,000 samples are about 0.7 MB
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["itsm.api.authentication.Bearer", "itsm.api.authentication.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["itsm.api.permissions.PolicyEntry"],
    "DEFAULT_PARSER_CLASSES": ["itsm.api.parsers.StrictJSON"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "itsm.api.pagination.Cursor",
    "DEFAULT_SCHEMA_CLASS": "itsm.api.described.Described",
    "EXCEPTION_HANDLER": "itsm.api.errors.errors_become_problems",
    "COERCE_DECIMAL_TO_STRING": True,
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Headroom",
    "DESCRIPTION": "The service desk where error budgets approve changes.",
    "VERSION": "1",
    "SERVERS": [{"url": BASE_URL}],
    "OAS_VERSION": "3.1.0",  # there null is a type, and a schema is a JSON Schema
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "itsm.api.schema.refusals_are_listed",
        "itsm.api.schema.null_is_a_type",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": collected.entries(OWN_APPS, "enum_names"),
    # Else `check --deploy` makes the schema: that it comes without a warning is held by tests/api/test_documents.py.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

# --- Outgoing -----------------------------------------------------------------------------------
OUTGOING_ALLOW = env.words("HEADROOM_OUTGOING_ALLOW", "")
METRICS_TOKEN = env.text("HEADROOM_METRICS_TOKEN", "")  # who scrapes /metrics shows it; empty: private networks may
HEARTBEAT_URL = env.text("HEADROOM_HEARTBEAT_URL", "")  # asked by `watch_response` while nothing is late
CA_BUNDLE = env.text("HEADROOM_CA_BUNDLE", "")  # PEM; trusted wherever we connect, beside the public authorities
WEB_PUSH_KEY = env.text("HEADROOM_WEB_PUSH_KEY", "")  # the instance's own, by which push services know it
# Whether programs of agents may be known by the address of a document. A desk of one machine needs no network for them.
CLIENT_DOCUMENTS = env.flag("HEADROOM_CLIENT_DOCUMENTS", SECURE_ORIGIN)
SIGNING_KEY = env.text("HEADROOM_SIGNING_KEY", "")  # what this desk signs decisions with
SECRETS_DIR = env.text("HEADROOM_SECRETS_DIR", "")  # tokens and certificates for data sources, by name
# What people attach, by the hash of its bytes; web and workers share it.
FILES_DIR = env.text("HEADROOM_FILES_DIR", str(BASE_DIR / ".run" / "files"))
# Where the signed heads of the history's chain are laid every five minutes; best on another machine's disk, or copied
# there. Beside it they are sent to an address (POST, a line of JSON) and, once a day, mailed, where these are set.
ANCHORS_DIR = env.text("HEADROOM_ANCHORS_DIR", str(BASE_DIR / ".run" / "anchors"))
ANCHORS_URL = env.text("HEADROOM_ANCHORS_URL", "")
ANCHORS_MAIL = env.text("HEADROOM_ANCHORS_MAIL", "")
# The snapshot of public status pages, which is served without database or broker; web and workers share it.
STATUS_DIR = env.text("HEADROOM_STATUS_DIR", "")  # empty: beside what people attach
FILES_SCANNER = env.text("HEADROOM_FILES_SCANNER", "")  # see itsm/files/scanning.py; empty: nothing is scanned
# How long a process goes by what it read last of the settings made on the desk; None: the defaults below alone.
CONFIGURATION_SECONDS: float | None = 1.0
DEFAULT_FROM_EMAIL = env.text("HEADROOM_EMAIL_FROM", "Headroom <headroom@localhost>")
EMAIL_BACKEND = "itsm.notifications.mail.AsConfigured"
EMAIL_HOST = env.text("HEADROOM_EMAIL_HOST", "")
EMAIL_PORT = env.number("HEADROOM_EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("HEADROOM_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("HEADROOM_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("HEADROOM_EMAIL_TLS", default=False)
POSTMORTEM_BUDGET_PERCENT = env.number("HEADROOM_POSTMORTEM_BUDGET_PERCENT", 20)  # an outage that needs a postmortem
DUTY_MANAGER = env.text("HEADROOM_DUTY_MANAGER", "")  # user names: who decides about major incidents at any hour
EMAIL_TIMEOUT = 10

# --- Language, time, files ----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "itsm" / "ui" / "static", ("vendor", BASE_DIR / "itsm" / "ui" / "vendor")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "itsm.ui.finders.ThirdPartyApps",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Logs: one line each, on stderr, no secrets -------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_secrets": {"()": "itsm.api.redaction.NoSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_secrets"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "celery.beat": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
}
SILENCED_SYSTEM_CHECKS = (
    []
    if SECURE_ORIGIN
    # Plain http on the loopback is what `make run` is for; behind https each of these is on.
    else ["security.W004", "security.W008", "security.W012", "security.W016"]
)
