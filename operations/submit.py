"""Announce files that are in the inbox already, as if they had just landed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from operations.inbox import InboxFile
from operations.scoring_queue import find_queue
from operations.site import Site
from operations.submission import Submission, model_of, plan, send
from operations.wording import amount, counted
from terminal.output import say, sum_up

# How often it is said how far the sending is.
TOLD_FILES = 1000


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="<model>/, or more of the keys")
    parser.add_argument("--send", action="store_true", help="send what is otherwise only counted")
    parser.add_argument(
        "--rescore",
        action="store_true",
        help="under the deployed model, also what another one has scored",
    )


def run(site: Site, options: argparse.Namespace) -> int:
    """1 where SQS did not take some of the messages."""
    queue = find_queue(site, model_of(options.prefix))
    submission = plan(site, options.prefix, rescore=options.rescore)
    say(_described(submission))
    if submission.files and not options.send:
        sum_up("nothing was sent; --send sends a message for each")
    if not submission.files or not options.send:
        return 0
    return _send(site, queue.url, submission.files, rescore=options.rescore)


def _send(site: Site, queue_url: str, files: Sequence[InboxFile], *, rescore: bool) -> int:
    unsent = 0
    for start in range(0, len(files), TOLD_FILES):
        some = files[start : start + TOLD_FILES]
        for file, reason in send(site, queue_url, some, rescore=rescore):
            say(f"not sent: {file.source.key}: {reason}")
            unsent += 1
        sum_up(f"{start + len(some) - unsent:,} of {counted(len(files), 'message')} sent")
    if unsent:
        sum_up("run it again for the rest; what is scored by then is passed over")
    return 1 if unsent else 0


def _described(submission: Submission) -> str:
    to_score = f"{counted(len(submission.files), 'file')} to score, {amount(submission.size_bytes)}"
    settled = submission.succeeded + submission.failed
    if not settled:
        return to_score
    others = counted(settled, "other")
    return (
        f"{to_score}; {others} with a manifest: {submission.succeeded} succeeded, "
        f"{submission.failed} failed"
    )
