"""Runs moto's own tests of S3 against a server, and writes what came of each of them.

    moto_s3.py SOURCE ENDPOINT_URL RESULTS [EXCLUDED ...]

SOURCE is moto's unpacked source distribution. RESULTS gets one line a test: what came of it, its name, and, when it
failed, why in one line. EXCLUDED are files, or tests as pytest names them, that are not run.
"""

import os
import sys
from urllib.parse import urlsplit

source, endpoint_url, results, *excluded = sys.argv[1:]
# moto reads them when it is imported; from then on its decorators send boto3 to the server.
os.environ.update(
    TEST_SERVER_MODE="true",
    MOTO_PORT=str(urlsplit(endpoint_url).port),
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    # Retries of what a server refuses on purpose only take time.
    AWS_MAX_ATTEMPTS="1",
)
os.chdir(source)
sys.path.insert(0, source)

import pytest  # noqa: E402

ORDER = ["passed", "skipped", "failed"]


class Results:
    """What came of each test: the worst of its set-up, its run and its end."""

    def __init__(self):
        self.of = {}

    def pytest_collection_modifyitems(self, items):
        # By whole names: pytest's own `--deselect` takes what begins with one, too.
        left_out = {f"tests/test_s3/{name}" for name in excluded}
        items[:] = [item for item in items if not {item.nodeid, item.nodeid.split("[")[0]} & left_out]

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.removeprefix("tests/test_s3/")
        outcome = "failed" if report.failed else "skipped" if report.skipped else "passed"
        before, reason = self.of.get(name, ("passed", ""))
        if ORDER.index(outcome) > ORDER.index(before):
            before, reason = outcome, reason_of(report)
        self.of[name] = (before, reason)

    def pytest_collectreport(self, report):
        if report.failed:
            self.of[report.nodeid.removeprefix("tests/test_s3/")] = ("failed", reason_of(report))


def reason_of(report):
    """The last line that pytest says of a failure: the exception and its words."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    return " ".join(text.splitlines()[0].split()) if text else ""


told = Results()
arguments = ["tests/test_s3", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-r", "", "--color=no"]
arguments += [f"--ignore=tests/test_s3/{name}" for name in excluded if "::" not in name]
arguments.append("--show-capture=no")
ended = pytest.main(arguments, plugins=[told])
with open(results, "w", encoding="utf-8") as file:
    for name, (outcome, reason) in sorted(told.of.items()):
        file.write(f"{outcome}\t{name}\t{reason}\n")
# 1 says that tests failed, which is for the reader of the results to judge.
sys.exit(0 if ended in (0, 1) else int(ended))
