import os
import signal
import subprocess
import sys
import textwrap

import pytest
from django.db import connection

from rientro.host.crash.children import Child
from rientro.kit.locks import LockLost, alive_lock
from tests.environment import ROOT

HOLDER = textwrap.dedent(
    """
    import sys, time, django
    django.setup()
    from rientro.kit.locks import alive_lock
    with alive_lock(sys.argv[1]) as lock:
        print("mine" if lock.mine else "taken", flush=True)
        sys.stdin.readline()
    """
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def holder(test_database):
    """Another process that holds the lock of a name until it is told to stop, or killed."""
    started = []

    def hold(name):
        environ = os.environ | {"DATABASE_URL": test_database.url()}
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, name],
            env=environ,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "mine\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.communicate()


def is_free(name):
    with alive_lock(name) as lock:
        return lock.mine


def test_a_lock_is_held_once_and_given_back(test_database):
    with alive_lock("one") as first:
        assert first.mine
        assert not is_free("one")
        assert is_free("another")

    assert is_free("one")


def session_of(lock):
    return lock._connection.info.backend_pid


def test_a_session_serves_one_holder_after_the_other(test_database):
    with alive_lock("one") as first, alive_lock("two") as second:
        assert session_of(first) != session_of(second)
        used = {session_of(first), session_of(second)}

    with alive_lock("one") as again, alive_lock("two") as also:
        assert {session_of(again), session_of(also)} == used
        assert again.mine
        assert also.mine


def test_a_session_that_the_server_ended_meanwhile_is_replaced(test_database):
    with alive_lock("one") as lock:
        ended = session_of(lock)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [ended])

    with alive_lock("one") as lock:
        assert lock.mine
        assert session_of(lock) != ended
        lock.check()


def test_a_child_leaves_its_parents_session_alone(test_database):
    with alive_lock("one") as lock:
        parents = session_of(lock)

    def live():
        with alive_lock("one") as mine:
            assert mine.mine
            assert session_of(mine) != parents

    assert Child(live).wait() == "0"
    with alive_lock("one") as lock:
        assert session_of(lock) == parents


def test_a_paused_holder_keeps_it_and_a_killed_one_loses_it(holder):
    process = holder("job")

    os.kill(process.pid, signal.SIGSTOP)
    assert not is_free("job")

    process.kill()
    process.wait()
    assert any(is_free("job") for _ in range(200))


def test_a_holder_who_was_cut_off_is_told(test_database):
    with alive_lock("cut") as lock:
        lock.check()
        lock._connection.close()

        with pytest.raises(LockLost):
            lock.check()
