"""Perturbed views: what stays without perturbation, which groups are absent, and how often."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from pipelines.nn import source_view
from pipelines.nn.source_view import RISES
from tests.transcriber.content_decoder import tiny
from transcriber.config import ViewConfig
from transcriber.content import CONTENT, PRESENCES, levels_presence, presence, view_size
from transcriber.perturbation import with_perturbed_view

MELS = tiny.SPEC.n_mels
STILL = ViewConfig(
    equalizer=0.0,
    noise=0.0,
    gain=0.0,
    contrast_noise=0.0,
    drop_notes=0.0,
    drop_contrast=0.0,
    drop_rises=0.0,
    partial=1e-6,
    drop_levels=0.0,
    partial_levels=1e-6,
    level=0.0,
    group_level=0.0,
    level_noise=0.0,
)


def seeds(root=1):
    return iter(tf.unstack(tf.random.split([root, 2], 20)))


def clips(batch=64):
    generator = np.random.default_rng(0)
    log_mel = generator.uniform(-1, 0.5, (batch, 16, MELS, 1)).astype(np.float32)
    return tf.constant(generator.normal(size=(batch, 16, CONTENT, 1)).astype(np.float32)), tf.constant(
        log_mel
    )


def parts(content):
    """Notes and level, contrast, rises and presences."""
    ends = np.cumsum([CONTENT, source_view.contrast_bands(MELS), RISES])
    return np.split(content.numpy()[..., 0], ends, axis=2)


def test_without_perturbation_only_blur_and_upper_cut_are_left():
    content, log_mel = clips()
    found = with_perturbed_view(content, log_mel, STILL, seeds())
    assert found.shape == (64, 16, view_size(MELS), 1)
    notes, contrast, rises, presences = parts(found)
    np.testing.assert_array_equal(notes, content[..., 0])
    np.testing.assert_allclose(rises, source_view.rises(log_mel[..., 0]), atol=1e-6)
    np.testing.assert_array_equal(presences, np.ones((64, 16, len(PRESENCES))))
    sharp = source_view.contrast(log_mel[..., 0]).numpy()
    cut = contrast == 0
    same = [
        np.allclose(one[~zero], other[~zero], atol=1e-5)
        for one, other, zero in zip(contrast, sharp, cut, strict=True)
    ]
    assert 0 < np.mean(same) < 0.5  # one blur of six is none
    # An upper cut leaves nothing above it.
    assert all((np.diff(zero.all(axis=0).astype(int)) >= 0).all() for zero in cut)
    assert 0.2 < np.mean([zero.all(axis=0).any() for zero in cut]) < 0.8


@pytest.mark.parametrize("group", range(3))
def test_groups_are_absent_as_often_as_stated(group):
    fields = ("drop_notes", "drop_contrast", "drop_rises")
    config = dataclasses.replace(STILL, **{fields[group]: 0.5})
    content, log_mel = clips(400)
    presences = parts(with_perturbed_view(content, log_mel, config, seeds()))[3]
    absent = (presences == 0).all(axis=1).mean(axis=0)
    share = 1 / 3 if fields[group] == "drop_contrast" else 0.5
    assert absent[group] == pytest.approx(share, abs=0.08)
    assert np.delete(absent, group).max() == 0


def test_the_presence_of_the_contrast_is_partial_in_some_clips_and_constant_within_one():
    content, log_mel = clips(400)
    config = dataclasses.replace(STILL, drop_contrast=0.25, partial=0.5)
    presences = parts(with_perturbed_view(content, log_mel, config, seeds()))[3][:, :, 1]
    assert (presences == presences[:, :1]).all()
    first = presences[:, 0]
    assert (first == 0).mean() == pytest.approx(0.2, abs=0.06)
    assert (first == 1).mean() == pytest.approx(0.4, abs=0.07)


def test_equal_seeds_perturb_alike_in_a_graph_too():
    content, log_mel = clips(4)

    def perturb(root):
        drawn = iter(tf.unstack(tf.random.split(tf.stack([root, 2]), 20)))
        return with_perturbed_view(content, log_mel, ViewConfig(), drawn, tf.zeros([4, 16, RISES]))

    graph = tf.function(perturb, autograph=False)
    one, other = (perturb(tf.constant(root)).numpy() for root in (1, 2))
    np.testing.assert_allclose(graph(tf.constant(1)), one, atol=1e-5)
    assert np.abs(one - other).mean() > 0.1
    assert np.isfinite(one).all()


def test_levels_have_offsets_that_hide_the_balance_of_their_groups():
    content, log_mel = clips(400)
    levels = tf.constant(np.random.default_rng(3).normal(size=(400, 16, RISES)).astype(np.float32))
    still = with_perturbed_view(content, log_mel, STILL, seeds(), levels)
    assert still.shape == (400, 16, view_size(MELS, levels=True), 1)
    found = levels_of(still)
    np.testing.assert_allclose(found, levels, atol=1e-6)
    # The other parts are where they are without levels.
    np.testing.assert_array_equal(parts(still)[0], content[..., 0])
    np.testing.assert_allclose(
        still.numpy()[:, :, -RISES - len(PRESENCES) : -len(PRESENCES), 0],
        source_view.rises(log_mel[..., 0]),
        atol=1e-6,
    )
    config = dataclasses.replace(STILL, level=2.0, group_level=1.0)
    offsets = levels_of(with_perturbed_view(content, log_mel, config, seeds(), levels)) - levels
    np.testing.assert_allclose(offsets, np.broadcast_to(offsets[:, :1], offsets.shape), atol=1e-5)
    # Deviations of uniform numbers: 2 / sqrt(3) over clips, and 1 / sqrt(3) over the groups of one.
    assert np.mean(offsets, axis=(1, 2)).std() == pytest.approx(2 / 3**0.5, rel=0.1)
    assert np.std(offsets[:, 0], axis=1).mean() == pytest.approx(1 / 3**0.5, rel=0.1)


def test_the_presence_of_levels_is_drawn_beside_that_of_the_contrast():
    content, log_mel = clips(400)
    config = dataclasses.replace(STILL, drop_contrast=0.5, drop_levels=0.25, partial_levels=0.5)
    found = with_perturbed_view(content, log_mel, config, seeds(), tf.ones([400, 16, RISES]))
    np.testing.assert_array_equal(levels_of(found), 1.0)  # decoders multiply, not the perturbation
    presences = levels_presence(found, MELS).numpy()
    assert (presences == presences[:, :1]).all()
    assert (presences[:, 0] == 0).mean() == pytest.approx(0.2, abs=0.06)
    assert (presences[:, 0] == 1).mean() == pytest.approx(0.4, abs=0.07)
    of_contrast = presence(found, "contrast").numpy()[:, 0]
    assert (of_contrast == 0).mean() == pytest.approx(1 / 3, abs=0.08)
    assert abs(np.corrcoef(presences[:, 0], of_contrast)[0, 1]) < 0.15


def levels_of(content):
    """Levels of content with a view that has some."""
    start = CONTENT + source_view.contrast_bands(MELS)
    return content.numpy()[:, :, start : start + RISES, 0]
