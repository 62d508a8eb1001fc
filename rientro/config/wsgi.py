"""The door for Granian: ``rientro.config.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rientro.config.settings")
application = get_wsgi_application()
