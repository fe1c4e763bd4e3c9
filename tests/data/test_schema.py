import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from pipelines.data.schema import (
    AugmentedCopy,
    DomainManifest,
    Manifest,
    Settings,
    Skipped,
    SongRecord,
    parse_segment,
    serialise_segment,
)
from pipelines.errors import UserError

PCM = np.array([0, 1, -1, 32767, -32768, 12345], np.int16)


def test_segment_round_trip_eagerly_and_in_tf_data():
    record = serialise_segment(PCM, 4)
    pcm, valid = parse_segment(tf.constant(record), 6)
    mapped, _ = next(iter(tf.data.Dataset.from_tensors(record).map(lambda r: parse_segment(r, 6))))
    np.testing.assert_array_equal(pcm, PCM)
    np.testing.assert_array_equal(mapped, PCM)
    assert int(valid) == 4


def test_segment_of_another_length_is_refused():
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        parse_segment(tf.constant(serialise_segment(PCM, 4)), 7)


def test_manifest_round_trip(tmp_path, settings):
    song = SongRecord("a/b.mp3", "train", 12.5, -9.25, -13.75, False, 3, "content/b-0.tfrecord")
    domains = {
        "content": DomainManifest((song,), (Skipped("x.mp3", "is empty: copy it again"),)),
        "band": DomainManifest((song, song)),
    }
    manifest = Manifest(settings, domains)
    manifest.save(tmp_path)
    assert Manifest.load(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_keys_of_augmented_copies_are_those_of_existing_data_folders(tmp_path, settings):
    song = SongRecord("a.mp3", "train", 12.5, -9.25, -13.75, False, 3, "band/a-0.tfrecord")
    copy = AugmentedCopy(**dataclasses.asdict(song), copy_of="a.mp3", semitones=1.0, tempo=0.9)
    domains = {"content": DomainManifest((song,)), "band": DomainManifest((song,), copies=(copy,))}
    Manifest(settings, domains).save(tmp_path)
    band = json.loads((tmp_path / "manifest.json").read_text())["domains"]["band"]
    assert list(band) == ["songs", "skipped", "variants", "stems"]
    values = {**dataclasses.asdict(song), "variant_of": "a.mp3", "semitones": 1.0, "tempo": 0.9}
    assert band["variants"] == [values]
    assert list(band["variants"][0]) == list(values)
    assert Manifest.load(tmp_path).domains == domains


@pytest.mark.parametrize("text", ["", "{}", '{"settings": 1, "domains": {}}', "[1]"])
def test_damaged_manifest(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match=r"manifest\.json is damaged"):
        Manifest.load(tmp_path)


def test_missing_manifest(tmp_path):
    with pytest.raises(UserError, match="coverband prepare"):
        Manifest.load(tmp_path)


def test_segment_length():
    assert Settings().segment_samples == 511 * 512 + 2048
