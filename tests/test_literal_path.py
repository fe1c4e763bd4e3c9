"""TensorFlow reads and writes in folders of every name."""

import os

import numpy as np
import pytest
import tensorflow as tf

from pipelines.literal_path import literal

NAMES = [
    "plain", "a[b]", "a[b", "b]", "a*", "a?", "{a,b}", "a\\b", "`a`", "a b", " ", "äé", "a\nb", "~a", "#a%41",
    os.fsdecode(b"caf\xe9 [live]"),
]  # fmt: skip


class Module(tf.Module):
    def __init__(self, asset):
        self.weight, self.asset = tf.Variable(3.0), tf.saved_model.Asset(os.fsencode(asset))

    @tf.function(input_signature=[tf.TensorSpec([])])
    def __call__(self, x):
        return self.weight * x


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_checkpoints_and_saved_models_in_a_folder_of_any_name(tmp_path, name):
    folder = tmp_path / name / "inside"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    # What a pattern would find as well.
    for other in ("ab", "a", "b"):
        (tmp_path / other / "inside").mkdir(parents=True, exist_ok=True)
    weight = tf.Variable(2.0)
    with literal(folder) as path:
        tf.train.Checkpoint(weight=weight).write(f"{path}/step-1")
        tf.saved_model.save(Module(folder / "card.json"), f"{path}/model")
    assert {"step-1.index", "model", "card.json"} <= set(os.listdir(folder))
    weight.assign(0.0)
    with literal(folder) as path:
        tf.train.Checkpoint(weight=weight).read(f"{path}/step-1").assert_consumed()
        loaded = tf.saved_model.load(f"{path}/model")
    assert weight.numpy() == 2.0
    assert np.asarray(loaded(2.0)) == 6.0


def test_plain_paths_are_unchanged(tmp_path):
    with literal(tmp_path / "äé {a} b") as path:
        assert path == tmp_path / "äé {a} b"
    with literal(tmp_path / "a*") as path:
        assert path.readlink() == tmp_path / "a*"
    assert not path.parent.exists()
