"""Settings: one PostgreSQL database, for the invoices and for the ledger."""

import os

from sqlalchemy import make_url

_url = make_url(os.environ["ALTEGIO_LEDGER_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url.database,
        "USER": _url.username,
        "PASSWORD": _url.password,
        "HOST": _url.host or _url.query.get("host"),
        "PORT": _url.port,
    }
}
INSTALLED_APPS = ["django_invoices"]
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "an example: it signs nothing")
TIME_ZONE = "Europe/Berlin"
