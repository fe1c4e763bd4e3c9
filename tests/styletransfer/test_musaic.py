import dataclasses

import numpy as np
import pytest
from scipy import special

from styletransfer import musaic
from styletransfer.config import MusaicConfig
from styletransfer.musaic import Musaic
from tests.styletransfer import tiny

NOTHING = np.zeros((0, tiny.SPEC.n_bins), np.float32)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def ignore(_):
    pass


def config(**changes):
    how = dataclasses.replace(MusaicConfig(templates=100, stretch=20), **changes)
    return tiny.config(method="musaic", alpha=0.0, iterations=12, musaic=how)


def test_an_update_lowers_the_divergence_and_is_lee_and_seung_s():
    magnitude, fixed, found = noise(9, 14), noise(5, 14, seed=1), noise(9, 5, seed=2)
    expected = np.zeros((9, 5))
    for frame, template in np.ndindex(9, 5):
        ratio = magnitude[frame] / (found[frame] @ fixed)
        expected[frame, template] = found[frame, template] * (fixed[template] @ ratio) / fixed[template].sum()
    np.testing.assert_allclose(musaic.updated(found, magnitude, fixed), expected, rtol=1e-4)
    divergences = []
    for _ in range(5):
        divergences.append(special.kl_div(magnitude, found @ fixed).sum())
        found = musaic.updated(found, magnitude, fixed)
    assert all(np.diff(divergences) < 0)


def test_a_template_is_kept_where_it_is_largest():
    found = np.array([[1, 5], [3, 5], [2, 1], [2.5, 0]], np.float32)
    expected = [[0.5, 5], [3, 5], [1, 0.5], [2.5, 0]]
    np.testing.assert_allclose(musaic.repetition(found, 1, np.float32(0.5)), expected)


def test_only_the_largest_of_a_frame_are_kept():
    found = np.array([[1, 5, 4], [3, 2, 9]], np.float32)
    np.testing.assert_allclose(musaic.polyphony(found, 2, np.float32(0)), [[0, 5, 4], [3, 0, 9]])
    np.testing.assert_array_equal(musaic.polyphony(found, 3, np.float32(0)), found)


def test_the_diagonal_supports_itself():
    found = noise(6, 7)
    expected = np.zeros((6, 7))
    for frame, template in np.ndindex(6, 7):
        for shift in (-2, -1, 0, 1, 2):
            if 0 <= frame + shift < 6 and 0 <= template + shift < 7:
                expected[frame, template] += found[frame + shift, template + shift]
    np.testing.assert_allclose(musaic.continuity(found, 2), expected, rtol=1e-5)


def test_a_clip_of_the_style_is_played_by_itself():
    style = tiny.magnitude(tiny.STYLE, 0.7)
    content = 3 * style[25:60]
    activations = Musaic(config(polyphony=3), [style]).activations(content, ignore)
    place = activations.argmax(axis=1)  # in a held chord, an earlier frame of it does as well
    assert (np.diff(place) == 1).mean() > 0.85
    assert (place == np.arange(25, 60)).mean() > 0.5


def test_a_musaic_is_made_of_the_style_and_follows_the_content():
    content, style = tiny.magnitude(tiny.CONTENT, 0.8), tiny.magnitude(tiny.STYLE, 1.2)
    ticks: list[int] = []
    found = Musaic(config(), [style])(content, NOTHING, ticks.append)
    assert (found.shape, found.dtype, sum(ticks)) == (content.shape, np.float32, 12)
    assert found.min() >= 0
    likeness = np.corrcoef(found.sum(axis=1), content.sum(axis=1))[0, 1]
    assert likeness > 0.8
    assert np.count_nonzero(Musaic(config(), [style]).activations(content, ignore)[20] > 1e-6) <= 10 * 7


def test_alpha_one_keeps_the_content():
    content, style = tiny.magnitude(tiny.CONTENT, 0.5), tiny.magnitude(tiny.STYLE, 0.5)
    kept = Musaic(dataclasses.replace(config(), alpha=1.0), [style])(content, NOTHING, ignore)
    np.testing.assert_allclose(kept, content)


def test_templates_are_all_frames_or_equally_spaced_stretches():
    songs = [np.arange(60, dtype=np.float32)[:, None], np.arange(60, 100, dtype=np.float32)[:, None]]
    np.testing.assert_array_equal(musaic.templates(songs, 100, 20)[:, 0], np.arange(100))
    chosen = musaic.templates(songs, 45, 20)[:, 0]
    np.testing.assert_array_equal(chosen, [*range(20), *range(80, 100)])
    assert len(musaic.templates(songs, 8, 20)) == 8


@pytest.mark.parametrize("level", [1e-3, 1.0])
def test_templates_are_equally_loud_but_for_silence(level):
    style = np.concatenate([level * noise(30, 129), noise(30, 129), np.zeros((5, 129), np.float32)])
    sums = Musaic(config(), [style])._templates.sum(axis=1)
    np.testing.assert_allclose(sums[30:60], 1, rtol=1e-4)
    assert np.all(sums[:30] < 0.3) if level < 0.01 else np.allclose(sums[:30], 1)
    assert np.all(sums[60:] == 0)
