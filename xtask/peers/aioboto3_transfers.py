"""One piece of the work of `cargo xtask bench transfer`, done by aioboto3 with its own defaults.

Arguments: endpoint, work, path, key or prefix. Prints seconds, and the bytes the process had in memory at most; 0 where
the system does not say.
"""

import asyncio
import pathlib
import sys
import time

import aioboto3

BUCKET = "bench"

# It has no transfers of directories; so many at once is what it does with the parts of one file.
AT_ONCE = 10


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))
    except OSError:
        return 0


async def all_of(transfers):
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(transfer):
        async with slots:
            await transfer

    await asyncio.gather(*map(one, transfers))


async def listed(s3, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return [found["Key"] async for page in pages for found in page["Contents"]]


async def main(endpoint_url, work, path, key):
    path = pathlib.Path(path)
    session = aioboto3.Session(
        aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret", region_name="eu-west-1"
    )
    async with session.client("s3", endpoint_url=endpoint_url) as s3:
        begun = time.perf_counter()
        if work == "upload_file":
            await s3.upload_file(str(path), BUCKET, key)
        elif work == "download_file":
            await s3.download_file(BUCKET, key, str(path))
        elif work == "upload_directory":
            files = sorted(path.iterdir())
            await all_of(s3.upload_file(str(file), BUCKET, key + file.name) for file in files)
        elif work == "download_directory":
            path.mkdir(exist_ok=True)
            keys = await listed(s3, key)
            await all_of(s3.download_file(BUCKET, name, str(path / name.removeprefix(key))) for name in keys)
        else:
            sys.exit(f"there is no work `{work}`")
        print(f"{time.perf_counter() - begun:.4f} {peak_bytes()}")


asyncio.run(main(*sys.argv[1:]))
