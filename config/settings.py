"""How the platform is run: one file, everything from the environment, nonsense refused at the start.

Every variable is listed in docs/operations.md. `JISR_ENV` is one of development, demo, test, production.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from lms import languages
from lms.observing.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()  # type: ignore[no-untyped-call]  # the library has no types

JISR_ENV = env.str("JISR_ENV", default="development")
if JISR_ENV not in {"development", "demo", "test", "production"}:
    raise ImproperlyConfigured("JISR_ENV must be development, demo, test or production")
PRODUCTION = JISR_ENV == "production"
DEBUG = False

VAR_DIR = Path(env.str("JISR_VAR", default=str(BASE_DIR / "var")))
KEYS_DIR = Path(env.str("JISR_KEYS", default=str(VAR_DIR / "keys")))
if not (KEYS_DIR / "secret").is_file():
    raise ImproperlyConfigured(f"No keys in {KEYS_DIR}: `make run` makes them; production brings its own")
SECRET_KEY = (KEYS_DIR / "secret").read_text().strip().rpartition(":")[2]

PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
CONTENT_ORIGIN = env.str("CONTENT_ORIGIN", default="http://localhost:8000").rstrip("/")
if PRODUCTION and not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("production needs an https PUBLIC_URL")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lms",
    "courses",
    "learners",
    "tasks",
    # The staff's own site; after ours, whose templates stand before theirs.
    "unfold.apps.BasicAppConfig",
    "lms.administration.apps.StaffConfig",
    "django.contrib.messages",
]

MIDDLEWARE = [
    "lms.api.request_id.RequestIdMiddleware",
    "lms.observing.requests.RequestLogMiddleware",
    "lms.api.availability.AvailabilityMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.pages.policy.ContentPolicyMiddleware",
    "lms.api.compression.CompressionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lms.sign_in.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lms.pages.language.LanguageMiddleware",
    "lms.api.plain_text.PlainTextMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lms.api.caching.PrivateAnswersMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / app / "templates" for app in ("lms", "courses", "learners")],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "lms.pages.context.page",
            ],
            "string_if_invalid": "⟪%s⟫" if JISR_ENV == "test" else "",
        },
    },
    # What other packages bring, which ask for names that are not there; ours stand before theirs.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "packages",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# PostgreSQL. The web keeps a pool; workers and tests open one connection each.
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres://jisr@127.0.0.1/jisr")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
# Only the cursors of lms/statements.py can prepare; Django's own put values into the text. PostgreSQL would else plan
# some of them anew each time, for an array of one element that costs less than ten: planning is what costs.
DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 5)
DATABASES["default"]["OPTIONS"].setdefault("options", "-c plan_cache_mode=force_generic_plan")
if env.bool("DATABASE_POOL", default=False):
    # A pool that waits ever longer between its attempts would refuse requests long after the database is back.
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": 8,
        "timeout": 5,
        "reconnect_timeout": 1,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Celery. Messages carry ids only; a lost one is found again by its lease (tasks/relay.py).
BROKER_URL = env.str("BROKER_URL", default="redis://127.0.0.1:6379/0")
CACHE_URL = env.str("CACHE_URL", default="redis://127.0.0.1:6379/1")
CELERY_BROKER_URL = BROKER_URL
# The same server in the words of redis-py.
QUEUES_URL = BROKER_URL.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 55
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Africa/Casablanca"
CELERY_IMPORTS = [
    "tasks.certificates",
    "tasks.courses",
    "tasks.imports",
    "tasks.learners",
    "tasks.media",
    "tasks.messages",
    "tasks.notifications",
    "tasks.reports",
    "tasks.upkeep",
    "tasks.voice",
]
# A claimed delivery that was not closed within this many seconds is due again.
DELIVERY_LEASE = env.int("DELIVERY_LEASE", default=60)
# Worker slots behind each queue (concurrency × workers): the relay keeps four messages a slot waiting.
QUEUE_SLOTS = env.int("QUEUE_SLOTS", default=4)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat")

# Object storage: `STORAGE_ENDPOINT` is ours, `STORAGE_PUBLIC_URL` is what is signed for browsers.
STORAGE_ENDPOINT = env.str("STORAGE_ENDPOINT", default="http://127.0.0.1:8333")
STORAGE_PUBLIC_URL = env.str("STORAGE_PUBLIC_URL", default=STORAGE_ENDPOINT)
STORAGE_BUCKET = env.str("STORAGE_BUCKET", default="jisr")
STORAGE_REGION = env.str("STORAGE_REGION", default="us-east-1")
STORAGE_ACCESS_KEY = env.str("STORAGE_ACCESS_KEY", default="jisr")
STORAGE_SECRET_KEY = env.str("STORAGE_SECRET_KEY", default="jisr-development")
# Bytes that the files of one author, and of all authors of one organisation, may take.
UPLOAD_QUOTA_PERSON = env.int("UPLOAD_QUOTA_PERSON", default=20 * 1024**3)
UPLOAD_QUOTA_ORGANISATION = env.int("UPLOAD_QUOTA_ORGANISATION", default=200 * 1024**3)
STORAGES = {
    "default": {
        "BACKEND": "lms.files.storage.PrivateStorage",
        "OPTIONS": {
            "bucket_name": STORAGE_BUCKET,
            "access_key": STORAGE_ACCESS_KEY,
            "secret_key": STORAGE_SECRET_KEY,
            "region_name": STORAGE_REGION,
            "endpoint_url": STORAGE_ENDPOINT,
            "addressing_style": "path",
            "signature_version": "s3v4",
            "file_overwrite": True,
            "querystring_auth": True,
            "default_acl": None,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if JISR_ENV == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Outside tests and development the files come from STATIC_ROOT, hashed and compressed.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    *Compressor.SKIP_COMPRESS_EXTENSIONS,
    "map",
    "mp4",
    "m4a",
    "mp3",
    "pdf",
]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = JISR_ENV in {"test", "development"}

# Messages to phones: the file adapter writes lines {to, text, at}; the other one posts to a gateway.
SMS_GATEWAY = env.str("SMS_GATEWAY", default="file")
SMS_OUTBOX = Path(env.str("SMS_OUTBOX", default=str(VAR_DIR / "outbox" / "sms.jsonl")))
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", default="")
SMS_SENDER = env.str("SMS_SENDER", default="")
SMS_SENDER_NEUTRAL = env.str("SMS_SENDER_NEUTRAL", default="")
# The host that a phone may fill a code in for, in the last line of the message; empty: no such line.
SMS_CODE_HOST = env.str("SMS_CODE_HOST", default=urlsplit(PUBLIC_URL).hostname or "")
SMS_TIMEOUT = env.float("SMS_TIMEOUT", default=10.0)
if SMS_GATEWAY not in {"file", "http"}:
    raise ImproperlyConfigured("SMS_GATEWAY must be file or http")
if SMS_GATEWAY == "http" and not SMS_GATEWAY_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("SMS_GATEWAY=http needs SMS_GATEWAY_URL")
if SMS_GATEWAY == "http" and PRODUCTION and not SMS_GATEWAY_URL.startswith("https://"):
    raise ImproperlyConfigured("production needs an https SMS_GATEWAY_URL: numbers and codes travel on it")
if SMS_GATEWAY == "http" and JISR_ENV == "demo":
    raise ImproperlyConfigured("a demonstration sends no SMS: its numbers may be somebody's")

# Letters: `filemail:` writes them to a folder, `smtp:`, `smtp+tls:` and `smtp+ssl:` send them.
EMAIL = env.email_url("EMAIL_URL", default=f"filemail:///{(VAR_DIR / 'outbox' / 'mail').absolute()}")
EMAIL_FILE_PATH = EMAIL["EMAIL_FILE_PATH"]
EMAIL_BACKEND = "lms.messages.mail.PrivateFiles" if EMAIL_FILE_PATH else EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT = EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="Jisr <jisr@localhost>")
# For women in discreet mode: neither the name nor the domain may say who writes.
EMAIL_FROM_NEUTRAL = env.str("EMAIL_FROM_NEUTRAL", default="" if PRODUCTION else "post@localhost")

# People and their sessions.
AUTH_USER_MODEL = "lms.Person"
PASSWORD_HASHERS = ["lms.accounts.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SECURE_COOKIES = PUBLIC_URL.startswith("https://")
# The domain that passkeys are made for; it cannot change without making them all useless (W3C WebAuthn, RP ID).
PASSKEY_RP_ID = env.str("PASSKEY_RP_ID", default=urlsplit(PUBLIC_URL).hostname or "")
SESSION_COOKIE = "__Host-session" if SECURE_COOKIES else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "csrf"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lms.pages.views.csrf_failure"

# What a browser may do on our pages. Storage is named because films and uploads go straight to it.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", STORAGE_PUBLIC_URL],
        "media-src": [SELF, STORAGE_PUBLIC_URL],
        "connect-src": [SELF, STORAGE_PUBLIC_URL],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
# What unfold needs under /admin/, and only there: Alpine works its attributes out as text, colours stand in a <style>.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
UNFOLD = {
    "SITE_TITLE": _("Jisr"),
    "SITE_HEADER": _("Jisr"),
    "SITE_SUBHEADER": _("For those who run it"),
    "SITE_ICON": lambda _request: static("lms/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("lms/icon.svg")}
    ],
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "light",
    # From teal-pale to teal-deep, the colours of lms/static/lms/jisr.css.
    "COLORS": {
        "primary": {
            "50": "#E4F0EE",
            "100": "#D2E6E3",
            "200": "#AACFCA",
            "300": "#7DB3AE",
            "400": "#4A918D",
            "500": "#237373",
            "600": "#0F5C5C",
            "700": "#0C4F4F",
            "800": "#0A4040",
            "900": "#083434",
            "950": "#052222",
        }
    },
}
# What a form of /admin/ says after it was sent, in a cookie until it is shown: there are no sessions but ours.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
# /admin/ is entered through our own door, without Django's sessions and users; its templates have the second engine.
SILENCED_SYSTEM_CHECKS = ["admin.E402", "admin.E404", "admin.E408", "admin.E410"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 63_072_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
# Not "no-referrer": with it browsers send our own forms with `Origin: null`, which the CSRF check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
OPERATIONS_NETWORKS = env.list("OPERATIONS_NETWORKS", default=["127.0.0.0/8", "::1/128"])
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "lms.files.receiving.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "lms.files.receiving.Spooled",
]

# Languages and time: days are Africa/Casablanca, everything stored is UTC.
LANGUAGE_CODE = "ar"
LANGUAGES = languages.LANGUAGES
LOCALE_PATHS = [BASE_DIR / "lms" / "locale"]
FORMAT_MODULE_PATH = ["lms.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Africa/Casablanca"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "lms.api.authentication.BearerAuthentication",
        "lms.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["lms.api.permissions.HoldsAbility"],
    "DEFAULT_RENDERER_CLASSES": ["lms.api.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "lms.api.renderers.OursWhateverIsAsked",
    "DEFAULT_PARSER_CLASSES": ["lms.api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "lms.api.schema.OperationSchema",
    "EXCEPTION_HANDLER": "lms.api.problems.answer_refusal",
    "UNAUTHENTICATED_USER": "lms.access.scoping.Nobody",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jisr",
    "DESCRIPTION": "جسر — a distance-learning platform. Refusals are RFC 9457 problems with a stable `code`.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": ["lms.api.schema.add_problem"],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        }
    },
}

LOGGING = logging_settings(
    level=env.str("LOG_LEVEL", default="INFO"),
    shape=env.str("LOG_FORMAT", default="json" if PRODUCTION else "text"),
)
