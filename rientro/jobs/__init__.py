"""The clock's door: tasks that load by id and make one call. A task is named like the flow that it calls."""

import pkgutil

from procrastinate import App


def ready(app: App) -> None:
    """Called once by procrastinate when Django is ready: says where the tasks are.

    They are imported when the first job is posted or the worker starts, so that no process loads what it does
    not use, and each module registers its tasks with the app as it is by then.
    """
    app.import_paths = [f"{__name__}.{found.name}" for found in pkgutil.iter_modules(__path__)]
