import numpy as np
import pytest

from tools.timbre_embedding.triplets import (
    Batches,
    Recording,
    chosen,
    hard_triplets,
    hold_out,
    triplet_accuracy,
    with_virtual,
)

INSTRUMENTS, PIECES = ("harp", "organ", "rock"), ("a", "b", "c", "d")


def recordings() -> list[Recording]:
    """Windows that say who plays (first number) and what (second number)."""
    return [
        Recording(piece, instrument, np.full((3, 2, 2), [i, j], np.float32))
        for i, instrument in enumerate(INSTRUMENTS)
        for j, piece in enumerate(PIECES)
    ]


def test_hold_out_is_a_share_and_does_not_depend_on_the_order():
    names = [f"piece {number}" for number in range(20)]
    held = hold_out(names, 0.25, seed=1)
    assert len(held) == 5
    assert held == hold_out(names[::-1] + names, 0.25, seed=1)
    assert held != hold_out(names, 0.25, seed=2)


def test_chosen():
    picked = chosen(recordings(), {"a", "b"}, {"harp"})
    assert [(each.piece, each.instrument) for each in picked] == [("a", "harp"), ("b", "harp")]


def test_negatives_have_the_anchor_s_notes_and_positives_its_timbre():
    triplets = hard_triplets(recordings(), 100, seed=0)
    assert triplets is not None
    assert triplets.shape == (3, 100, 2, 2)
    (who, what), (who_positive, what_positive), (who_negative, what_negative) = triplets[:, :, 0].swapaxes(
        1, 2
    )
    assert (who == who_positive).all()
    assert (what != what_positive).all()
    assert (who != who_negative).all()
    assert (what == what_negative).all()
    assert len(np.unique(triplets[0], axis=0)) == 12


@pytest.mark.parametrize(("pieces", "instruments"), [({"a"}, set(INSTRUMENTS)), (set(PIECES), {"harp"})])
def test_one_piece_or_one_instrument_has_no_triplets(pieces, instruments):
    assert hard_triplets(chosen(recordings(), pieces, instruments), 10, seed=0) is None


def test_accuracy_of_who_hears_timbre_and_of_who_hears_notes():
    triplets = hard_triplets(recordings(), 50, seed=0)
    assert triplet_accuracy(lambda windows: windows[:, 0, :1], triplets) == 1
    assert triplet_accuracy(lambda windows: windows[:, 0, 1:], triplets) == 0


def test_a_batch_has_every_piece_by_every_instrument_in_it():
    windows, labels = Batches(recordings(), seed=0, instruments=2).take(pieces=3)
    assert windows.shape == (6, 2, 2)
    np.testing.assert_array_equal(windows[:, 0], labels)
    assert len(np.unique(labels, axis=0)) == 6
    assert len(np.unique(labels[:, 0])) == 2


def test_a_batch_leaves_out_what_was_not_played():
    batches = Batches(recordings()[1:], seed=0)
    for _ in range(10):
        labels = batches.take(pieces=4)[1]
        assert labels.tolist().count([0, 0]) == 0
        assert len(labels) == 11


def test_virtual_instruments_are_filtered_players_of_the_same_pieces():
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
