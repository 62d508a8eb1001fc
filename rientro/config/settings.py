"""Every setting of the house, in one file. What differs between machines comes from the environment."""

from pathlib import Path
from urllib.parse import urlsplit

from rientro.config import environment

PACKAGE = Path(__file__).resolve().parents[1]
DATA_DIR = Path(environment.text("RIENTRO_DATA", "data")).absolute()
BASE_URL = environment.text("RIENTRO_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
DEMO = environment.flag("RIENTRO_DEMO")
DEBUG = environment.flag("RIENTRO_DEBUG")
TRUSTED_PROXIES = environment.number("RIENTRO_TRUSTED_PROXIES", 0)
API_LIMITS = environment.text("RIENTRO_API_LIMITS", "on").lower() != "off"
ALLOW_PRIVATE_TARGETS = environment.flag("RIENTRO_ALLOW_PRIVATE_TARGETS")
# Each merchant reads files from a sub-folder of its own (its id) and from nowhere else on this machine.
IMPORT_DIR = environment.text("RIENTRO_IMPORT_DIR")
SECRET_KEY, *SECRET_KEY_FALLBACKS = environment.secret_keys(DATA_DIR)

_HOST = urlsplit(BASE_URL).hostname or "127.0.0.1"
_HTTPS = BASE_URL.startswith("https:")
# A house on a loopback address is met under both of its names.
ALLOWED_HOSTS = [_HOST, "127.0.0.1", "localhost", "[::1]"] if not DEBUG else ["*"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
RESERVED_SLUGS = frozenset(
    [
        "panel",
        "accounts",
        "api",
        "hooks",
        "health",
        "static",
        "media",
        "admin",
        "rientro",
        "login",
        "favicon",
        "robots",
    ]
)

# --- what the house is made of

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "rientro.config.apps.RientroConfig",
]
MIDDLEWARE = [
    "rientro.config.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "rientro.config.urls"
WSGI_APPLICATION = "rientro.config.wsgi.application"
APPEND_SLASH = False  # the API answers with and without; a redirected POST would lose its body
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {
                "words": "rientro.kit.template_words",
                "schemas": "rientro.api.template_schemas",
            },
        },
    }
]

# --- the database

_OWNER = environment.text("RIENTRO_DB_ROLE", "app") == "owner"
_APP_URL = environment.text("DATABASE_URL", "postgresql://rientro_app@localhost/rientro")
_OWNER_URL = environment.text("DATABASE_OWNER_URL")
_database = environment.database(_OWNER_URL if _OWNER and _OWNER_URL else _APP_URL)
if not _OWNER and not _OWNER_URL and environment.text("DATABASE_URL"):
    # One address only: its role owns the tables, so step down to the one that row security binds.
    _database["OPTIONS"]["assume_role"] = "rientro_app"
# Migrations run without server-side binding: PostgreSQL takes no parameters in DDL.
_database["OPTIONS"]["server_side_binding"] = not _OWNER
if not _OWNER:
    _database["OPTIONS"]["prepare_threshold"] = (
        1  # measured: a third of the server's work per query
    )
DATABASES = {
    "default": {
        "ENGINE": "rientro.kit.pg",
        **_database,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_ON_APP_READY = "rientro.jobs.ready"
# In whose words a webhook speaks: the sending knows no field of theirs (docs/decisions/0010-webhook-signing.md).
WEBHOOK_WORDS = {
    "standard": "rientro.api.webhooks.standard.WORDS",
    "integration": "rientro.api.webhooks.sendcloud.WORDS",
    "connection": "rientro.api.webhooks.connections.WORDS",
}

# --- people

AUTH_USER_MODEL = "rientro.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/panel/returns/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an operator makes accounts; sign-up comes with its own page
ACCOUNT_ADAPTER = "rientro.panel.account.AccountAdapter"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CACHES = {  # limits must hold over all processes, so the cache is PostgreSQL's
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "rientro_cache",
    }
}

# --- the wire

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- words, time, mail

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("it", "Italiano")]
LANGUAGE_COOKIE_NAME = "rientro_language"
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
for _name, _value in environment.mail(environment.text("RIENTRO_MAIL", "console:")).items():
    globals()[_name] = _value
DEFAULT_FROM_EMAIL = environment.text("RIENTRO_MAIL_FROM", f"Rientro <returns@{_HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- stylesheets, scripts, pictures

STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("RIENTRO_STATIC", str(DATA_DIR / "static")))
STATICFILES_DIRS = [PACKAGE / "static"]
_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # files live in PostgreSQL
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if _COLLECTED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_MAX_AGE = 3600 if _COLLECTED else 0

# --- what is written to the log

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "rientro": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        # Writes whole addresses, whatever the root says; one carrier wants its password in the query.
        "httpx": {"level": "WARNING"},
    },
}
