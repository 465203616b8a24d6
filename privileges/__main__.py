"""`python -m privileges`: what each role is allowed, and what relied on it.

It ends with 1 where something is missing, too wide or unused, and with 2 where that could not be
found out.
"""

from __future__ import annotations

import sys

from iam.errors import IamError
from local.errors import LocalCloudError
from privileges.errors import ScenarioError
from privileges.proof import prove
from privileges.report import report
from terminal.command import exit_code
from terminal.output import say


def main() -> int:
    return exit_code(
        _report,
        errors=(LocalCloudError, IamError, ScenarioError),
        when_stopped="stopped; nothing is left of it",
    )


def _report() -> int:
    verdict = prove().verdict()
    for line in report(verdict):
        say(line)
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
