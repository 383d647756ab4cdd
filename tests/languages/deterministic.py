"""Shows what differs from run to run, where nothing makes it the same."""

import asyncio
import datetime
import os
import random
import socket
import time
import uuid

from wit_world import exports

HOUR = 3600


class Run(exports.Run):
    def run(self) -> None:
        print("date:", datetime.datetime.now(datetime.timezone.utc))
        looks = [time.monotonic_ns() for _ in range(3)]
        print("steps:", [later - look for look, later in zip(looks, looks[1:])])
        print("random:", random.random(), random.getrandbits(64))
        print("fresh:", random.Random().random(), random.SystemRandom().random())
        print("bytes:", os.urandom(20).hex())
        print("uuid:", uuid.uuid4())
        names = {f"name-{n}" for n in range(32)}
        print("order:", *names)
        print("hash:", hash("name"))
        started = time.monotonic()
        time.sleep(HOUR)
        print("slept:", time.monotonic() - started)
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(waits())
        try:
            socket.socket().connect(("127.0.0.1", 80))
        except OSError as error:
            print("network:", error.strerror)


class Loop(asyncio.BaseEventLoop):
    """A loop that waits for nothing but time: asyncio's own want a socket."""

    def __init__(self):
        super().__init__()
        self._selector = self

    def select(self, timeout):
        time.sleep(timeout or 0)
        return []

    def _process_events(self, events):
        pass


async def waits():
    started = time.monotonic()
    order = []

    async def wait(hours):
        await asyncio.sleep(hours * HOUR)
        order.append(hours)

    await asyncio.gather(wait(5), wait(1), wait(3))
    print("awaited:", order, time.monotonic() - started)
    try:
        await asyncio.wait_for(asyncio.Event().wait(), HOUR)
    except TimeoutError:
        print("timed out:", time.monotonic() - started)
