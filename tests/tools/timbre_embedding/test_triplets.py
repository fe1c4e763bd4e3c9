import numpy as np
import pytest

from tools.timbre_embedding.triplets import (
    Batches,
    Recording,
    hard_triplets,
    hold_out,
    select,
    triplet_accuracy,
    with_virtual,
)

INSTRUMENTS, PIECES = ("harp", "organ", "rock"), ("a", "b", "c", "d")


def recordings() -> list[Recording]:
    """Recordings whose windows contain the indices of instrument and piece."""
    return [
        Recording(piece, instrument, np.full((3, 2, 2), [i, j], np.float32))
        for i, instrument in enumerate(INSTRUMENTS)
        for j, piece in enumerate(PIECES)
    ]


def test_hold_out_is_a_share_independent_of_the_order():
    names = [f"piece {number}" for number in range(20)]
    held = hold_out(names, 0.25, seed=1)
    assert len(held) == 5
    assert held == hold_out(names[::-1] + names, 0.25, seed=1)
    assert held != hold_out(names, 0.25, seed=2)


def test_select():
    selected = select(recordings(), {"a", "b"}, {"harp"})
    assert [(each.piece, each.instrument) for each in selected] == [("a", "harp"), ("b", "harp")]


def test_negatives_have_the_anchor_s_notes_and_positives_its_timbre():
    triplets = hard_triplets(recordings(), 100, seed=0)
    assert triplets is not None
    assert triplets.shape == (3, 100, 2, 2)
    (instrument, piece), (positive_instrument, positive_piece), (negative_instrument, negative_piece) = (
        triplets[:, :, 0].swapaxes(1, 2)
    )
    assert (instrument == positive_instrument).all()
    assert (piece != positive_piece).all()
    assert (instrument != negative_instrument).all()
    assert (piece == negative_piece).all()
    assert len(np.unique(triplets[0], axis=0)) == 12


@pytest.mark.parametrize(("pieces", "instruments"), [({"a"}, set(INSTRUMENTS)), (set(PIECES), {"harp"})])
def test_one_piece_or_one_instrument_has_no_triplets(pieces, instruments):
    assert hard_triplets(select(recordings(), pieces, instruments), 10, seed=0) is None


def test_accuracy_of_timbre_and_of_note_embeddings():
    triplets = hard_triplets(recordings(), 50, seed=0)
    assert triplet_accuracy(lambda windows: windows[:, 0, :1], triplets) == 1
    assert triplet_accuracy(lambda windows: windows[:, 0, 1:], triplets) == 0


def test_batch_has_every_piece_by_every_instrument():
    windows, labels = Batches(recordings(), seed=0, instruments=2).next_batch(pieces=3)
    assert windows.shape == (6, 2, 2)
    np.testing.assert_array_equal(windows[:, 0], labels)
    assert len(np.unique(labels, axis=0)) == 6
    assert len(np.unique(labels[:, 0])) == 2


def test_batch_omits_missing_recordings():
    batches = Batches(recordings()[1:], seed=0)
    for _ in range(10):
        labels = batches.next_batch(pieces=4)[1]
        assert labels.tolist().count([0, 0]) == 0
        assert len(labels) == 11


def test_virtual_instruments_are_filtered_instruments():
    random = np.random.default_rng(0)
    windows = random.standard_normal((6, 5, 12)).astype(np.float32)
    labels = np.array([[0, 0], [0, 1], [3, 0], [3, 1], [5, 0], [5, 1]], np.int32)
    found, names = with_virtual(windows, labels, np.full(12, 10.0), random)
    np.testing.assert_array_equal(found[:6], windows)
    np.testing.assert_array_equal(names[:6], labels)
    np.testing.assert_array_equal(names[6:, 1], labels[:, 1])
    assert not set(names[6:, 0]) & set(labels[:, 0])
    filters = found[6:] - windows
    np.testing.assert_allclose(filters, np.broadcast_to(filters[:, :1], filters.shape), atol=1e-5)
    np.testing.assert_allclose(filters[0, 0], filters[1, 0], atol=1e-5)
    assert np.abs(filters[0, 0] - filters[2, 0]).max() > 1
    assert filters[::2, 0].std() == pytest.approx(10, rel=0.4)
