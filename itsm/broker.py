"""Kombu's Redis transport, with two differences where a connection is lost.

An acknowledgement that is lost frees its place and reconnects. Kombu 5.7 calls a message done only once Redis took
the acknowledgement; Celery logs the failure and goes on. So each lost one keeps a place of the prefetch window for
ever, and with as many as the worker has processes it never asks for a message again, while it goes on answering pings
over another connection. Here the place is free whatever the broker said, and the failure reaches the event loop, which
connects anew.

What is acknowledged or given back over a connection that was already given up is left to the broker; Kombu would end
the worker with an AttributeError. In both cases the message stays unacknowledged at the broker and comes back after
the visibility timeout: every task is safe to run twice.
"""

import errno
from collections.abc import Callable
from typing import Any

from kombu.transport import redis


class QoS(redis.QoS):
    def ack(self, delivery_tag: str) -> None:
        self._freed(delivery_tag, lambda: super(QoS, self).ack(delivery_tag))

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        self._freed(delivery_tag, lambda: super(QoS, self).reject(delivery_tag, requeue=requeue))

    def restore_unacked(self, client: Any = None) -> None:
        if self._is_given_up():
            self._delivered.clear()  # type: ignore[union-attr]
        else:
            super().restore_unacked(client)

    def _freed(self, delivery_tag: str, tell_the_broker: Callable[[], None]) -> None:
        if self._is_given_up():
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            return
        try:
            tell_the_broker()
        except self.channel.connection_errors as error:  # type: ignore[attr-defined]
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            # The one failure that kombu's Message.ack_log_error hands on instead of only logging it.
            raise BrokenPipeError(errno.EPIPE, "the acknowledgement was lost") from error

    def _is_given_up(self) -> bool:
        return self.channel.connection is None


class Channel(redis.Channel):
    QoS = QoS


class Transport(redis.Transport):
    Channel = Channel
