import json

import numpy as np
import pytest

from pipelines.errors import UserError
from tests.transcriber import scenes
from tests.transcriber.scenes import SPEC, config
from transcriber import checkpoint
from transcriber.transcriber import Transcriber

FACTS = {"preset": "transcriber_tiny", "recordings": ["one", "two"], "steps": 7}


@pytest.fixture(scope="module")
def transcriber():
    return Transcriber(scenes.network(), config().network, SPEC)


@pytest.fixture(scope="module")
def saved(transcriber, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "new/transcriber.npz"
    checkpoint.save(path, transcriber, FACTS)
    return path


def song():
    return np.random.default_rng(3).uniform(-0.9, 0.4, (30, SPEC.n_mels)).astype(np.float32)


def arrays(path):
    with np.load(path) as stored:
        return dict(stored)


def test_what_is_saved_comes_back(saved, transcriber):
    loaded = checkpoint.load(saved)
    assert (loaded.config, loaded.spec) == (transcriber.config, transcriber.spec)
    for ours, theirs in zip(loaded(song()), transcriber(song()), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert checkpoint.facts(saved) == FACTS
    assert [path.name for path in saved.parent.iterdir()] == ["transcriber.npz"]


def test_a_loaded_transcriber_does_not_learn(saved):
    assert not checkpoint.load(saved).network.trainable_variables


def test_halves_take_half_the_place_and_sound_alike(saved, transcriber, tmp_path):
    checkpoint.save(tmp_path / "half.npz", transcriber, FACTS, dtype="float16")
    loaded = checkpoint.load(tmp_path / "half.npz")
    for ours, theirs in zip(loaded.network.get_weights(), transcriber.network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs.astype(np.float16).astype(np.float32))
    for ours, theirs in zip(loaded(song()), transcriber(song()), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.02)
    assert (tmp_path / "half.npz").stat().st_size < 0.7 * saved.stat().st_size


def refused(path):
    """A file is refused in one sentence."""
    with pytest.raises(UserError) as error:
        checkpoint.load(path)
    assert str(error.value).startswith(f"{path} holds no transcriber")
    assert "\n" not in str(error.value)


DAMAGES = {
    "empty": lambda data: b"",
    "text": lambda data: b"not weights",
    "half": lambda data: data[: len(data) // 2],
    "headless": lambda data: data[100:],
    "zeros": lambda data: data[:2000] + bytes(2000) + data[4000:],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_named(saved, tmp_path, name):
    path = tmp_path / "transcriber.npz"
    path.write_bytes(DAMAGES[name](saved.read_bytes()))
    refused(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for load in (checkpoint.load, checkpoint.facts):
        with pytest.raises(UserError, match=r"none\.npz does not exist: check the name"):
            load(tmp_path / "none.npz")
    with pytest.raises(UserError, match=f"{tmp_path} is a folder: name the transcriber.npz in it"):
        checkpoint.load(tmp_path)


def foreign(path, changes):
    np.savez(path, **changes)
    return path


@pytest.mark.parametrize(
    "change",
    [
        {"card": np.array("{")},
        {"card": np.array(json.dumps({"network": {}}))},
        {"card": np.array(json.dumps([1]))},
        {"000": np.zeros(3, np.float32)},
        {"900": np.zeros(3, np.float32)},
        {"000": np.array([{}], dtype=object)},
    ],
    ids=["no JSON", "no spec", "a list", "another shape", "one too many", "a pickle"],
)
def test_a_file_of_another_kind_is_named(saved, tmp_path, change):
    refused(foreign(tmp_path / "transcriber.npz", arrays(saved) | change))


def test_weights_without_a_card_and_one_array_are_named(saved, tmp_path):
    weights = arrays(saved)
    weights.pop("card")
    refused(foreign(tmp_path / "transcriber.npz", weights))
    np.save(tmp_path / "one.npy", np.zeros(3))
    refused(tmp_path / "one.npy")


def test_a_spec_that_is_none_is_refused_with_the_file_s_name(saved, tmp_path):
    card = json.loads(str(arrays(saved)["card"]))
    card["spec"] = {"sample_rate": 16000, "pitch": 440}
    refused(foreign(tmp_path / "transcriber.npz", arrays(saved) | {"card": np.array(json.dumps(card))}))


def test_a_kill_while_saving_leaves_the_old_one(saved, transcriber, monkeypatch, tmp_path):
    path = tmp_path / "transcriber.npz"
    path.write_bytes(saved.read_bytes())

    def half(file, **weights):
        file.write_bytes(b"PK")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", half)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(path, transcriber, {})
    assert path.read_bytes() == saved.read_bytes()
