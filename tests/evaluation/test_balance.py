import dataclasses

import numpy as np
import pytest

from pipelines.evaluation.balance import with_balance
from pipelines.evaluation.results import Estimate, Method, Row
from pipelines.evaluation.systems import COPY_BAND, COPY_SOURCE


def row(method, songs, **style):
    """A row with these measures of songs, whose means are its estimates, and with these style distances."""
    keys = sorted({key for song in songs.values() for key in song})
    means = {key: Estimate(float(np.mean([song[key] for song in songs.values()]))) for key in keys}
    return Row(method, {**means, **{key: Estimate(value) for key, value in style.items()}}, songs, {})


SOURCE = row(
    COPY_SOURCE,
    {"a": {"onset_f1": 1.0, "melody": 1.0}, "b": {"onset_f1": 1.0, "melody": 1.0}},
    kad_statistics=10.0,
    energy_statistics=4.0,
)
BAND = row(
    COPY_BAND,
    {"a": {"onset_f1": 0.5, "melody": 0.0}, "b": {"onset_f1": 0.3, "melody": 0.0}},
    kad_statistics=2.0,
    energy_statistics=0.0,
)
MODEL = row(
    Method("mine", "mine", "model", ""),
    {"a": {"onset_f1": 0.7, "melody": 0.6}, "b": {"onset_f1": 0.9, "melody": 0.8}},
    kad_statistics=4.0,
    energy_statistics=3.0,
)


def numbers(found):
    return [found.estimates[key].mean for key in ("content_kept", "style_reached", "balance")]


def test_axes_are_scaled_between_the_copies_and_the_balance_is_their_harmonic_mean():
    source, band, model = with_balance([SOURCE, BAND, MODEL])
    assert numbers(source) == [1, 0, 0]
    assert numbers(band) == [0, 1, 0]
    kept, reached = ((0.8 - 0.4) / 0.6 + 0.7) / 2, (6 / 8 + 1 / 4) / 2
    assert numbers(model) == pytest.approx([kept, reached, 2 * kept * reached / (kept + reached)])
    interval = model.estimates["content_kept"]
    assert interval.low == pytest.approx((0.5 + 0.6) / 2)
    assert interval.high == pytest.approx((0.5 / 0.6 + 0.8) / 2)
    of_copy = band.estimates["content_kept"]
    assert (of_copy.low, of_copy.high) == pytest.approx((-1 / 12, 1 / 12))


def test_values_beyond_a_copy_do_not_count_twice():
    better = dataclasses.replace(MODEL, estimates={**MODEL.estimates, "kad_statistics": Estimate(-5.0)})
    assert numbers(with_balance([SOURCE, BAND, better])[2])[1] == pytest.approx((1 + 1 / 4) / 2)


@pytest.mark.parametrize("rows", [[SOURCE, MODEL], [BAND, MODEL], [MODEL]])
def test_without_both_copies_nothing_is_scaled(rows):
    assert with_balance(rows) == rows


def test_a_row_without_one_of_the_measures_has_no_balance():
    """Means over other measures would not compare."""
    lacking = {key: value for key, value in MODEL.estimates.items() if key != "energy_statistics"}
    found = with_balance([SOURCE, BAND, dataclasses.replace(MODEL, estimates=lacking)])
    assert "balance" not in found[2].estimates
    assert "balance" in found[0].estimates


def test_a_measure_that_does_not_tell_the_copies_apart_is_left_out():
    same = dataclasses.replace(BAND, estimates={**BAND.estimates, "kad_statistics": Estimate(10.0)})
    assert numbers(with_balance([SOURCE, same, MODEL])[2])[1] == pytest.approx(1 / 4)
