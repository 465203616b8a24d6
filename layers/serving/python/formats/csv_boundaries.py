"""Where CSV records end: the one answer for whoever plans, scores or verifies a file.

A quote opens a cell only at its beginning, as Python's csv module has it; elsewhere in an unquoted
cell it is literal. So of a run of quotes only its parity and the byte before it matter: an even run
changes nothing, an odd one at the beginning of a cell opens it (or closes one that ends in a
separator), and any other odd one leaves us outside of quotes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.intp]
Codes = NDArray[np.uint8]

COMMA, QUOTE, LINE_FEED, CARRIAGE_RETURN = b',"\n\r'


def record_ends(data: bytes) -> Positions:
    """The places behind the line feeds that end records, in data that begins with a record."""
    codes = np.frombuffer(data, np.uint8)
    feeds = np.flatnonzero(codes == LINE_FEED)
    if b'"' in data:
        feeds = feeds[~_are_quoted(feeds, codes)]
    return feeds + 1


def _are_quoted(places: Positions, codes: Codes) -> NDArray[np.bool_]:
    quotes = np.flatnonzero(codes == QUOTE)
    runs = _odd_runs(quotes)
    before = codes[runs - 1]
    opening = (before == COMMA) | (before == LINE_FEED) | (runs == 0)
    closing = np.concatenate([[-1], np.flatnonzero(~opening)])
    last = np.searchsorted(runs, places) - 1
    last_closing = closing[np.searchsorted(closing, last, side="right") - 1]
    are_quoted: NDArray[np.bool_] = (last - last_closing) % 2 == 1
    return are_quoted


def _odd_runs(quotes: Positions) -> Positions:
    """Where the runs of an odd number of quotes begin."""
    are_apart = quotes[1:] - quotes[:-1] != 1
    if are_apart.all():
        return quotes
    firsts = np.concatenate([[0], np.flatnonzero(are_apart) + 1])
    lengths = np.diff(firsts, append=len(quotes))
    odd: Positions = quotes[firsts[lengths % 2 == 1]]
    return odd
