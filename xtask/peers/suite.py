"""Runs tests of another project with pytest, and writes what came of each of them.

    SCRIPT SOURCE ENDPOINT_URL RESULTS PATH ... [--exclude NAME ...]

SOURCE is the project's unpacked source distribution, PATHs are folders or files under its `tests`. RESULTS gets one line a
test: what came of it, its name, and, when it failed, why in one line. The NAMEs of what is not run are files, or tests as
pytest names them. All names begin in the folder that the PATHs share.
"""

import argparse
import os
import posixpath
import sys

ORDER = ["passed", "skipped", "failed"]


def asked():
    """What the command line says."""
    parser = argparse.ArgumentParser()
    for argument in ("source", "endpoint_url", "results"):
        parser.add_argument(argument)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--exclude", nargs="*", default=[])
    return parser.parse_args()


class Results:
    """What came of each test: the worst of its set-up, its run and its end."""

    def __init__(self, shared, exclude):
        self.of = {}
        self.shared = shared
        self.left_out = {shared + name for name in exclude}

    def pytest_collection_modifyitems(self, items):
        # By whole names: pytest's own `--deselect` takes what begins with one, too.
        items[:] = [item for item in items if not {item.nodeid, item.nodeid.split("[")[0]} & self.left_out]

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.removeprefix(self.shared)
        outcome = "failed" if report.failed else "skipped" if report.skipped else "passed"
        before, reason = self.of.get(name, ("passed", ""))
        if ORDER.index(outcome) > ORDER.index(before):
            before, reason = outcome, reason_of(report)
        self.of[name] = (before, reason)

    def pytest_collectreport(self, report):
        if report.failed:
            self.of[report.nodeid.removeprefix(self.shared)] = ("failed", reason_of(report))


def reason_of(report):
    """The last line that pytest says of a failure: the exception and its words."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr)
    return " ".join(text.splitlines()[0].split()) if text else ""


def run(asked):
    """Runs the suite in its own source; ends the program."""
    os.chdir(asked.source)
    sys.path.insert(0, asked.source)
    import pytest

    paths = [f"tests/{path}" for path in asked.paths]
    folders = [posixpath.dirname(path) if path.endswith(".py") else path for path in paths]
    shared = posixpath.commonpath(folders) + "/"
    told = Results(shared, asked.exclude)
    arguments = [*paths, "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-r", "", "--color=no"]
    arguments += [f"--ignore={shared}{name}" for name in asked.exclude if "::" not in name]
    arguments += ["--show-capture=no", "--disable-warnings"]
    ended = pytest.main(arguments, plugins=[told])
    with open(asked.results, "w", encoding="utf-8") as file:
        for name, (outcome, reason) in sorted(told.of.items()):
            file.write(f"{outcome}\t{name}\t{reason}\n")
    # 1 says that tests failed, which is for the reader of the results to judge.
    sys.exit(0 if ended in (0, 1) else int(ended))
