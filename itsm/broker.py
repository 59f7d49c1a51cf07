"""Kombu's Redis transport, with one difference: an acknowledgement that is lost frees its place and reconnects.

Kombu 5.7 calls a message done only once Redis took the acknowledgement; Celery logs the failure and goes on. So
each lost one keeps a place of the prefetch window for ever, and with as many as the worker has processes it never
asks for a message again, while it goes on answering pings over another connection. Here the place is free whatever
the broker said, and the failure reaches the event loop, which connects anew. The message stays unacknowledged at
the broker and comes back after the visibility timeout: every task is safe to run twice.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from kombu.transport import redis


class QoS(redis.QoS):  # type: ignore[misc]
    def ack(self, delivery_tag: str) -> None:
        with self._freed(delivery_tag):
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        with self._freed(delivery_tag):
            super().reject(delivery_tag, requeue=requeue)

    @contextmanager
    def _freed(self, delivery_tag: str) -> Iterator[None]:
        try:
            yield
        except self.channel.connection_errors as error:
            self._quick_ack(delivery_tag)
            if self.channel.closed:  # of a connection that was given up already
                raise
            # The one failure that kombu's Message.ack_log_error hands on instead of only logging it.
            raise BrokenPipeError(errno.EPIPE, "the acknowledgement was lost") from error


class Channel(redis.Channel):  # type: ignore[misc]
    QoS = QoS


class Transport(redis.Transport):  # type: ignore[misc]
    Channel = Channel
