import pytest

from coverband.families import FAMILIES
from pipelines.errors import UserError
from tools.benchmarks.speed import families
from tools.benchmarks.speed.setup import PARTS, parts_of


def test_presets_of_families():
    assert list(families.chosen([], [])) == list(FAMILIES)
    assert families.chosen(["vaegan", "cyclegan"], []) == {
        "vaegan": "vaegan_tiny",
        "cyclegan": "cyclegan_tiny",
    }
    assert families.chosen([], ["cyclegan_held"]) == {"cyclegan": "cyclegan_held"}
    assert families.chosen(["content_decoder", "cyclegan"], ["cyclegan_held"]) == {
        "content_decoder": "content_decoder_tiny",
        "cyclegan": "cyclegan_held",
    }


def test_unknown_names_raise():
    with pytest.raises(UserError, match="--families choir: there is no such family; choose from vaegan"):
        families.chosen(["choir"], [])
    with pytest.raises(UserError, match="--presets huge: there is no such preset"):
        families.chosen([], ["huge"])
    with pytest.raises(UserError, match="--parts singing: there is no such part; choose from features"):
        parts_of(["steps", "singing"])
    assert parts_of(list(PARTS)) == set(PARTS)
