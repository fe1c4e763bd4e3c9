import dataclasses
import random

import pytest

from pipelines.errors import UserError
from tests.tools.bench.scenes import work, works
from tools.bench import dealing


def test_a_work_between_two_tunes_is_left_out():
    one, other = work(0), work(1)
    notes = [n for n in one.piece.notes if n.start < 48]
    between = dataclasses.replace(one.piece, name="between", title="b", notes=tuple(notes))
    titled = dataclasses.replace(other, piece=dataclasses.replace(other.piece, title="b"))
    groups = dealing._tunes([one, titled, dataclasses.replace(one, piece=between)])
    assert [[each.piece.name for each in group] for group in groups] == [["chorale0"], ["chorale1"]]


def test_too_few_tunes_is_one_sentence():
    with pytest.raises(UserError, match="too few tunes"):
        dealing.deal(works(4, 4), {"content": 8, "test": 4}, random.Random(0))
