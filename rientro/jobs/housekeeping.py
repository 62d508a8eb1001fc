"""The clock's door to what keeps the house itself in order: old rows, old jobs, jobs whose worker died."""

import logging

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from rientro.flows.purge_expired import purge_expired
from rientro.flows.watch_pools import watch_pools
from rientro.kit import clock
from rientro.kit.tenancy import acting_for

log = logging.getLogger(__name__)
STALLED_AFTER_S = 30  # three missed heartbeats
KEEP_JOBS_HOURS = 24 * 14


@app.task(name="purge_expired", queue="default")
def run_purge_expired(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        purge_expired(now=clock.now())


@app.task(name="watch_pools", queue="default")
def run_watch_pools(*, merchant_id: int) -> None:
    with acting_for(merchant_id):
        watch_pools(now=clock.now())


@app.periodic(cron="* * * * * */15")
@app.task(
    name="retry_stalled_jobs",
    queue="default",
    queueing_lock="retry_stalled_jobs",
    pass_context=True,
)
async def run_retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """A killed worker leaves its jobs `doing` for ever (procrastinate, "Retry stalled jobs")."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        try:
            await manager.retry_job(job)
        except ConnectorException:  # its twin waits in the queue under the same queueing lock
            log.info("Job %s is left to its twin.", job.id)
            assert job.id is not None
            await manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=False)


@app.periodic(cron="17 3 * * *")
@app.task(name="purge_jobs", queue="default", queueing_lock="purge_jobs", pass_context=True)
async def run_purge_jobs(context: JobContext, timestamp: int) -> None:
    """Finished jobs go after a day, failed ones after two weeks."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(nb_hours=24)
    await manager.delete_old_jobs(
        nb_hours=KEEP_JOBS_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
