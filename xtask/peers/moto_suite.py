"""Runs moto's own tests of a service against a server, and writes what came of each of them.

    moto_suite.py SOURCE ENDPOINT_URL RESULTS FOLDER ... [--exclude NAME ...]

SOURCE is moto's unpacked source distribution, FOLDERs are under its `tests`. RESULTS gets one line a test: what came of
it, its name, and, when it failed, why in one line. The NAMEs of what is not run are files, or tests as pytest names them.
All names begin in the folder that the FOLDERs share.
"""

import argparse
import os
import posixpath
import sys
from urllib.parse import urlsplit

parser = argparse.ArgumentParser()
for argument in ("source", "endpoint_url", "results"):
    parser.add_argument(argument)
parser.add_argument("folders", nargs="+")
parser.add_argument("--exclude", nargs="*", default=[])
asked = parser.parse_args()

# moto reads them when it is imported; from then on its decorators send boto3 to the server.
os.environ.update(
    TEST_SERVER_MODE="true",
    MOTO_PORT=str(urlsplit(asked.endpoint_url).port),
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    # Retries of what a server refuses on purpose only take time.
    AWS_MAX_ATTEMPTS="1",
)
os.chdir(asked.source)
sys.path.insert(0, asked.source)

import pytest  # noqa: E402

ORDER = ["passed", "skipped", "failed"]
FOLDERS = [f"tests/{folder}" for folder in asked.folders]
SHARED = posixpath.commonpath(FOLDERS) + "/"


class Results:
    """What came of each test: the worst of its set-up, its run and its end."""

    def __init__(self):
        self.of = {}

    def pytest_collection_modifyitems(self, items):
        # By whole names: pytest's own `--deselect` takes what begins with one, too.
        left_out = {SHARED + name for name in asked.exclude}
        items[:] = [item for item in items if not {item.nodeid, item.nodeid.split("[")[0]} & left_out]

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.removeprefix(SHARED)
        outcome = "failed" if report.failed else "skipped" if report.skipped else "passed"
        before, reason = self.of.get(name, ("passed", ""))
        if ORDER.index(outcome) > ORDER.index(before):
            before, reason = outcome, reason_of(report)
        self.of[name] = (before, reason)

    def pytest_collectreport(self, report):
        if report.failed:
            self.of[report.nodeid.removeprefix(SHARED)] = ("failed", reason_of(report))


def reason_of(report):
    """The last line that pytest says of a failure: the exception and its words."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    return " ".join(text.splitlines()[0].split()) if text else ""


told = Results()
arguments = [*FOLDERS, "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-r", "", "--color=no"]
arguments += [f"--ignore={SHARED}{name}" for name in asked.exclude if "::" not in name]
arguments.append("--show-capture=no")
ended = pytest.main(arguments, plugins=[told])
with open(asked.results, "w", encoding="utf-8") as file:
    for name, (outcome, reason) in sorted(told.of.items()):
        file.write(f"{outcome}\t{name}\t{reason}\n")
# 1 says that tests failed, which is for the reader of the results to judge.
sys.exit(0 if ended in (0, 1) else int(ended))
