"""The clock's door: tasks that load by id and make one call. A task is named like the flow that it calls."""

import importlib
import pkgutil

from procrastinate import App
from procrastinate.contrib.django import procrastinate_app


def ready(app: App) -> None:
    """Called once by procrastinate when Django is ready: importing the modules registers their tasks."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    # Until this returns, `procrastinate.contrib.django.app` is a board where tasks wait to be moved over.
    board = procrastinate_app.current_app
    if not set(board.tasks) & set(app.tasks):
        app.add_tasks_from(board, namespace="")
