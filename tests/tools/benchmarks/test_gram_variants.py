import numpy as np
import pytest
import tensorflow as tf

from styletransfer.deepmix import DeepMix
from tests.styletransfer import tiny
from tools.benchmarks import gram_variants


def clips() -> tuple[np.ndarray, np.ndarray]:
    content, style = tiny.magnitude(tiny.CONTENT, 0.5), tiny.magnitude(tiny.STYLE, 0.5)
    return content, style


def test_both_formulas_agree_and_are_counted():
    content, style = clips()
    rows = gram_variants.compare(tiny.config(iterations=6), content, style)
    assert [row.name for row in rows] == ["textbook", "coverband"]
    assert rows[0].first == pytest.approx(rows[1].first, rel=1e-4)
    assert rows[0].last == pytest.approx(rows[1].last, rel=1e-2)
    assert all(row.last < row.first for row in rows)
    assert all(row.evaluations >= 7 and row.seconds > 0 for row in rows)
    assert str(rows[0]).count("|") == 7


def test_equal_gradients():
    content, style = (np.log1p(clip) for clip in clips())
    config = tiny.config()
    spectrogram = tf.constant(0.5 * (content + style))
    scaled = tiny.config(alpha=config.alpha * 430 / len(content))
    _, expected = gram_variants.textbook(scaled, content, style)(spectrogram)
    _, found = DeepMix(config, [np.expm1(style)]).objective(content)(spectrogram)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
