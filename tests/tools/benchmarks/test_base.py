import numpy as np
import pytest

from pipelines.metrics.distances import log_mel_error_db
from tests.contracts import randomize
from tests.transcriber.content_decoder.tiny import transcriber
from tests.vaegan.base import tiny
from tools.benchmarks import base
from vaegan.base.pairs import Pairs


@pytest.fixture(scope="module")
def batches():
    pairs = Pairs(tiny.recordings(), tiny.FRAMES, tiny.STYLE_FRAMES)
    return base.draw(pairs, 32)


def test_every_row_is_the_error_to_the_target(batches):
    model = tiny.model()
    randomize(model.decoder)
    found = base.errors(transcriber(), model, batches)
    (first, *_) = batches
    expected = [
        log_mel_error_db(tiny.SPEC, x, y) for x, y in zip(first["band"], first["content"], strict=True)
    ]
    np.testing.assert_allclose(found["the source itself"][:16], expected, rtol=1e-5)
    assert {len(values) for values in found.values()} == {32}
    changed = [name for name in found if not np.allclose(found[name], found[base.TRANSLATED])]
    assert len(changed) == len(found) - 1
    again = base.errors(transcriber(), model, batches, (base.TRANSLATED,))
    np.testing.assert_allclose(again[base.TRANSLATED], found[base.TRANSLATED], rtol=1e-5)
    assert f"| {base.TRANSLATED} |" in str(base.table(found, "Base"))


def test_a_matched_source_has_the_band_s_mean_and_deviation(batches):
    matched = base.matched(batches[0])
    mean, deviation = np.moveaxis(batches[0]["statistics"], 1, 0)
    np.testing.assert_allclose(matched.mean(axis=1)[..., 0], mean, atol=1e-4)
    lively = batches[0]["content"].std(axis=1)[..., 0] > 0.05
    np.testing.assert_allclose(matched.std(axis=1)[..., 0][lively], deviation[lively], rtol=1e-3)
