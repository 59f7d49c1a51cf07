"""A lost acknowledgement over a real Valkey that is stopped by a signal: the place is free, and the worker reconnects."""

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Queue
from redis.exceptions import TimeoutError as RedisTimeout

from itsm.run.valkey import Valkey

QUEUE = Queue("lost", durable=True)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    server = Valkey(tmp_path)
    server.start()
    yield server
    assert server.child.process
    os.kill(server.child.process.pid, signal.SIGCONT)
    server.stop()


def taken(connection: Any) -> tuple[Any, Any]:
    """A channel with one place, and the message that takes it."""
    channel = connection.channel()
    channel.basic_qos(0, 1, False)
    bound = QUEUE(channel)
    bound.declare()
    connection.Producer(channel).publish({"n": 1}, routing_key="lost", declare=[bound])
    message = bound.get()
    assert message is not None
    assert not channel.qos.can_consume()
    return channel, message


def opened(valkey: Valkey, transport: str) -> Any:
    options = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3}
    return Connection(valkey.url, transport=transport, transport_options=options)


def stopped(valkey: Valkey) -> None:
    assert valkey.child.process
    os.kill(valkey.child.process.pid, signal.SIGSTOP)


def test_a_lost_acknowledgement_frees_its_place_and_reaches_the_event_loop(valkey: Valkey) -> None:
    with opened(valkey, "itsm.broker:Transport") as connection:
        channel, message = taken(connection)
        stopped(valkey)
        with pytest.raises(BrokenPipeError):  # what ends the event loop, so that it connects anew
            message.ack_log_error(logging.getLogger("tests"), connection.connection_errors)
        assert channel.qos.can_consume()
        assert valkey.child.process
        os.kill(valkey.child.process.pid, signal.SIGCONT)


def test_kombu_alone_would_keep_the_place_for_ever(valkey: Valkey) -> None:
    """Why there is a transport of ours: when this fails, it can go."""
    with opened(valkey, "kombu.transport.redis:Transport") as connection:
        channel, message = taken(connection)
        stopped(valkey)
        with pytest.raises(RedisTimeout):
            message.ack()
        assert not channel.qos.can_consume()
        assert valkey.child.process
        os.kill(valkey.child.process.pid, signal.SIGCONT)


def test_what_is_acknowledged_over_a_connection_that_was_given_up_harms_nobody(valkey: Valkey) -> None:
    with opened(valkey, "itsm.broker:Transport") as connection:
        channel, message = taken(connection)
        channel.connection = None
        message.ack()
        channel.qos.restore_unacked()
        assert channel.qos.can_consume()


def test_the_settings_choose_this_transport_and_put_sweeps_first(settings) -> None:
    assert settings.CELERY_BROKER_TRANSPORT == "itsm.broker:Transport"
    sweeps = {"itsm.clocks.tasks.sweep", "itsm.notifications.tasks.relay"}
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        first = entry["task"] in sweeps
        assert (entry.get("options", {}).get("priority") == 0) is first
    assert settings.CELERY_TASK_DEFAULT_PRIORITY > 0
