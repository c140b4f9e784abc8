"""What a session of aioboto3 with its first S3 client costs: time and memory, each kept open.

The only argument is how many. Prints two numbers: milliseconds and bytes for each of them.
"""

import asyncio
import contextlib
import resource
import sys
import time

import aioboto3


def resident_bytes():
    """What the process has in memory now; where the system does not say, the most it ever had."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


async def open_one(stack):
    session = aioboto3.Session(
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", region_name="eu-west-1"
    )
    await stack.enter_async_context(session.client("s3"))


async def main(count):
    async with contextlib.AsyncExitStack() as stack:
        await open_one(stack)  # what the process pays once is not counted
        memory, begun = resident_bytes(), time.perf_counter()
        for _ in range(count):
            await open_one(stack)
        took = time.perf_counter() - begun
        print(f"{took / count * 1e3:.3f} {(resident_bytes() - memory) / count:.0f}")


asyncio.run(main(int(sys.argv[1])))
