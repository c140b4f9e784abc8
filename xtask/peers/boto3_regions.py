"""boto3 and the `regions` example list the same partitions, and for every service the same regions and endpoints.

The only argument is the example's program. Ends with an error at the first list that differs.
"""

import subprocess
import sys

import boto3
from botocore.exceptions import UnknownRegionError


def listed(program):
    """What the example prints: regions, and all endpoints, by service and partition."""
    lists = {}
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    for line in printed.splitlines():
        head, lists_of_line = line.split(": ", 1)
        service, partition = head.split(" in ")
        regions, others = (part.split() for part in lists_of_line.split("|"))
        lists[service, partition] = regions, sorted(regions + others)
    return lists


def partition(session, region):
    """What boto3 says, but that it does not know the regions that stand for a whole partition."""
    try:
        return session.get_partition_for_region(region)
    except UnknownRegionError:
        whole = region.removesuffix("-global")
        return whole if whole != region and whole in session.get_available_partitions() else "none"


def compare_partitions(session, program, names):
    """Every name that occurs, and what looks like it: one letter less, one more, other numbers, other words."""
    tried = set()
    for name in names:
        tried |= {name, name[1:], name[:-1], name + "a", name + "7", f"{name}-1", name.upper()}
        tried |= {name.replace("-1", "-99"), name.replace("west", "we5t"), name.replace("-", "--")}
    tried = sorted(name for name in tried if name)
    printed = subprocess.run([program, "--partition-of", *tried], check=True, capture_output=True, text=True)
    for line in printed.stdout.splitlines():
        region, ours = line.split(": ")
        theirs = partition(session, region)
        assert ours == theirs, f"{region} is in {ours} and not in {theirs}"
    return len(tried)


def main(program):
    session = boto3.session.Session(region_name="eu-west-1")
    ours = listed(program)
    services = session.get_available_services()
    partitions = session.get_available_partitions()
    assert list(dict.fromkeys(partition for _, partition in ours)) == partitions, partitions
    assert sorted({service for service, _ in ours}) == sorted(services), services
    for (service, partition), (regions, endpoints) in ours.items():
        theirs = session.get_available_regions(service, partition)
        assert regions == theirs, f"{service} in {partition}: {regions} and not {theirs}"
        theirs = session.get_available_regions(service, partition, allow_non_regional=True)
        assert endpoints == sorted(theirs), f"{service} in {partition}: {endpoints} and not {theirs}"
    names = {endpoint for _, endpoints in ours.values() for endpoint in endpoints}
    tried = compare_partitions(session, program, names)
    print(f"{tried} names of regions are in the partitions where boto3 has them")
    print(f"{len(services)} services in {len(partitions)} partitions are where boto3 has them")


main(*sys.argv[1:])
