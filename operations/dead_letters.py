"""Say what died and why, and send it again."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import orjson

from operations.batch_call import in_batches
from operations.dead_letter import DeadLetter
from operations.dead_letter_reader import DeadLetterReader
from operations.held_messages import HELD_S, HeldMessages
from operations.scoring_queue import find_queue
from operations.site import CONCURRENCY, Site
from operations.wording import counted
from terminal.output import say, sum_up


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL")
    parser.add_argument("--json", action="store_true", help="a JSON object for each letter")
    parser.add_argument(
        "--replay", action="store_true", help="send to the queue again what is not settled"
    )
    parser.add_argument(
        "--discard-settled", action="store_true", help="delete what other deliveries have settled"
    )


def run(site: Site, options: argparse.Namespace) -> int:
    """1 where SQS did not do all that was asked."""
    queue = find_queue(site, options.model)
    with HeldMessages(site.sqs, queue.dead_letters_url) as held:
        hidden = held.hidden()
        letters = _read(site, options.model, held)
        for letter in letters:
            say(orjson.dumps(letter.document()).decode() if options.json else letter.text())
        sum_up(_summary(letters, hidden))
        unsettled = [letter for letter in letters if letter.is_replayable]
        settled = [letter for letter in letters if letter.is_settled]
        failed = 0
        if options.replay:
            failed += _replay(site, queue.url, held, unsettled)
        if options.discard_settled:
            failed += _discard(held, settled)
    return 1 if failed else 0


def _read(site: Site, model: str, held: HeldMessages) -> list[DeadLetter]:
    reader = DeadLetterReader(site, model)
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return list(pool.map(reader.read, held.receive()))


def _summary(letters: Sequence[DeadLetter], hidden: int) -> str:
    settled = sum(letter.is_settled for letter in letters)
    foreign = sum(letter.is_foreign for letter in letters)
    said = f"{counted(len(letters), 'dead letter')}: {settled} settled, {foreign} not ours"
    if letters:
        said += "; --replay sends again what is not settled, --discard-settled deletes what is"
    if hidden:
        minutes = HELD_S // 60
        said += f"; about {hidden} more are held by somebody else, look again in {minutes} minutes"
    return said


def _replay(site: Site, url: str, held: HeldMessages, letters: Sequence[DeadLetter]) -> int:
    """How many could not be sent, or not be deleted then."""
    call = partial(site.sqs.send_message_batch, QueueUrl=url)
    failed = in_batches(call, [{"MessageBody": letter.body} for letter in letters])
    for failure in failed:
        sum_up(f"not sent: {letters[failure.place].message_id}: {failure.reason}")
    unsent = {failure.place for failure in failed}
    sent = [letter.message_id for n, letter in enumerate(letters) if n not in unsent]
    undeleted = held.delete(sent)
    stay = f"; {len(undeleted)} of those stay here, too, which is harmless" if undeleted else ""
    sum_up(f"{len(sent)} of {len(letters)} replayed{stay}")
    return len(failed) + len(undeleted)


def _discard(held: HeldMessages, letters: Sequence[DeadLetter]) -> int:
    failed = held.delete([letter.message_id for letter in letters])
    sum_up(f"{len(letters) - len(failed)} of {len(letters)} discarded")
    return len(failed)
