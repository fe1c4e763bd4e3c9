import dataclasses
import random

import pytest

from pipelines.errors import UserError
from tests.tools.rendering.paired.fakes import work, works
from tools.rendering.paired import splits


def test_a_work_between_two_tunes_is_left_out():
    one, other = work(0), work(1)
    notes = [n for n in one.piece.notes if n.start < 48]
    between = dataclasses.replace(one.piece, name="between", title="b", notes=tuple(notes))
    titled = dataclasses.replace(other, piece=dataclasses.replace(other.piece, title="b"))
    groups = splits._tunes([one, titled, dataclasses.replace(one, piece=between)])
    assert [[each.piece.name for each in group] for group in groups] == [["chorale0"], ["chorale1"]]


def test_too_few_tunes_is_a_user_error():
    with pytest.raises(UserError, match="too few tunes"):
        splits.draw_excerpts(works(4, 4), {"content": 8, "test": 4}, random.Random(0))
