import itertools
from collections import Counter

import librosa
import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.features import log_mel
from pipelines.data import batching
from pipelines.data.batching import ALL_STEPS, StepShard, unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.crops import CropSource
from pipelines.data.schema import DOMAINS, serialise_segment
from pipelines.errors import UserError
from tests.data.conftest import TONES

FRAMES, BATCH = 32, 4


def _take(corpus, count, seed=1, first_step=0, **options):
    dataset = unpaired_batches(
        corpus, frames=FRAMES, batch_size=BATCH, seed=seed, first_step=first_step, **options
    )
    return [{name: value.numpy() for name, value in batch.items()} for batch in dataset.take(count)]


def _equal(left, right, domains=DOMAINS):
    pairs = zip(left, right, strict=True)
    return all(np.array_equal(one[name], other[name]) for one, other in pairs for name in domains)


def _tones(corpus, batches, domain):
    """Song of every crop, identified by its loudest mel band."""
    centres = librosa.mel_frequencies(n_mels=corpus.spec.n_mels + 2, fmin=0, fmax=4000)[1:-1]
    crops = np.concatenate([batch[domain] for batch in batches])[..., 0].mean(axis=1)
    nearest = {hertz: int(np.argmin(np.abs(centres - hertz))) for hertz in TONES[domain]}
    loudest = crops.argmax(axis=1)
    return [min(nearest, key=lambda hertz: abs(nearest[hertz] - band)) for band in loudest]


@pytest.fixture(scope="module")
def reference(corpus):
    return _take(corpus, 40)


def test_shape_and_range(corpus, reference):
    for name in DOMAINS:
        assert reference[0][name].shape == (BATCH, FRAMES, corpus.spec.n_mels, 1)
        assert reference[0][name].dtype == np.float32
        assert -1 <= reference[0][name].min() < reference[0][name].max() < 1


# An epoch of the band has 14 segments (3.5 batches), one of the content 33: boundaries are crossed.
@pytest.mark.parametrize("first_step", [1, 5, 8, 36])
def test_from_a_step_equals_skipping_to_it(corpus, reference, first_step):
    assert _equal(_take(corpus, 3, first_step=first_step), reference[first_step : first_step + 3])


def test_log_mels_are_features_of_the_waveforms(corpus, reference):
    waveforms = _take(corpus, 2, waveforms=True)
    for batch, wanted in zip(waveforms, reference, strict=False):
        assert batch["band"].shape == (BATCH, corpus.spec.span(FRAMES))
        for name in DOMAINS:
            found = log_mel(corpus.spec, tf.constant(batch[name]), center=False)
            np.testing.assert_allclose(found, wanted[name], atol=1e-4)


def test_neither_the_global_seed_nor_an_earlier_iteration_matters(corpus, reference):
    try:
        tf.random.set_seed(99)
        assert _equal(_take(corpus, 3), reference[:3])
    finally:
        tf.random.set_seed(None)


def test_another_seed_and_another_domain_give_another_order(corpus, reference):
    other = _take(corpus, 40, seed=2)
    assert not _equal(other[:1], reference[:1])
    content, band = (_tones(corpus, reference, domain) for domain in DOMAINS)
    assert content != _tones(corpus, other, "content")
    ranks = [
        [sorted(TONES[d]).index(tone) for tone in tones]
        for d, tones in zip(DOMAINS, (content, band), strict=True)
    ]
    assert abs(np.corrcoef(*ranks)[0, 1]) < 0.35


def test_a_domain_does_not_depend_on_the_size_of_the_other(corpus, reference):
    content = corpus.manifest.domains["content"]
    fewer = type(content)(content.songs[:2])
    manifest = type(corpus.manifest)(corpus.manifest.settings, {**corpus.manifest.domains, "content": fewer})
    batches = _take(Corpus(corpus.folder, manifest), 6)
    assert _equal(batches, reference[:6], domains=["band"])
    assert not _equal(batches, reference[:6], domains=["content"])


@pytest.mark.parametrize("domain", DOMAINS)
def test_crops_come_from_every_training_song_and_from_no_other(corpus, reference, domain):
    counts = Counter(_tones(corpus, reference, domain))
    assert set(counts) == set(TONES[domain][:-1])
    songs = {float(song.name[:-4]): song.segments for song in corpus.songs(domain, "train")}
    for hertz, segments in songs.items():
        assert counts[hertz] / 160 == pytest.approx(segments / sum(songs.values()), abs=0.1)


def _hertz(crops):
    return [
        np.fft.rfftfreq(len(crop), 1 / 8000)[np.abs(np.fft.rfft(crop * np.hanning(len(crop)))).argmax()]
        for crop in crops
    ]


@pytest.mark.slow
def test_augmented_copies_are_cropped_for_training_unless_disabled(corpus, corpus_with_copy):
    lower = TONES["band"][0] * 2 ** (-2.5 / 12)

    def share(**options):
        hertz = _hertz(
            np.concatenate(
                [batch["band"] for batch in _take(corpus_with_copy, 20, waveforms=True, **options)]
            )
        )
        return np.mean(np.abs(np.array(hertz) - lower) < 8)

    segments = [song.segments for song in corpus_with_copy.songs("band", "train", augmented_copies=True)]
    assert share() == pytest.approx(segments[-1] / sum(segments), abs=0.1)
    assert share(augmented_copies=False) == 0
    assert share(split="valid") == 0
    assert _equal(_take(corpus_with_copy, 3, augmented_copies=False), _take(corpus, 3))


def _shifted(batch, seed):
    """Adds one random number to the band."""
    return {**batch, "band": batch["band"] + tf.random.stateless_uniform([], seed)}


def test_augmentation_is_a_function_of_the_step(corpus, reference):
    augmented = _take(corpus, 9, augment=_shifted)
    assert _equal(augmented, reference[:9], domains=["content"])
    offsets = [np.ptp(one["band"] - plain["band"]) for one, plain in zip(augmented, reference, strict=False)]
    np.testing.assert_allclose(offsets, 0, atol=1e-6)
    numbers = [float((one["band"] - p["band"]).mean()) for one, p in zip(augmented, reference, strict=False)]
    assert len({round(number, 4) for number in numbers}) == 9
    assert _equal(_take(corpus, 3, augment=_shifted, first_step=6), augmented[6:])
    assert not _equal(_take(corpus, 3, augment=_shifted, seed=2), augmented[:3])


def test_step_shards_partition_the_steps(corpus):
    plain = _take(corpus, 8, augment=_shifted, first_step=2)
    for number in range(3):
        step_shard = StepShard(tf.constant(number, tf.int64), 3)
        assert _equal(
            _take(corpus, 2, augment=_shifted, first_step=2, step_shard=step_shard), plain[number:6:3]
        )
        assert [int(step) for step in step_shard.steps(2).take(2)] == [2 + number, 5 + number]


def _records(corpus, epoch):
    base, source = np.array([1, 2], np.int32), CropSource(corpus, "train", FRAMES, None)
    addresses, ranges = source.addresses("band"), source.record_ranges("band")
    records = batching._epoch(addresses, ranges, corpus.records, base, tf.constant(epoch, tf.int64))
    return [record.numpy()[0] for record in records]


def test_an_epoch_contains_every_segment_once_in_its_own_order(corpus, monkeypatch):
    monkeypatch.setattr(batching, "SHUFFLE_SEGMENTS", 4)
    monkeypatch.setattr(batching, "OPEN_SHARDS", 2)
    first, second = _records(corpus, 0), _records(corpus, 1)
    assert len(set(first)) == len(first) == sum(song.segments for song in corpus.songs("band", "train"))
    assert first != second
    assert set(first) == set(second)


def test_shards_are_opened_lazily(corpus, tmp_path, monkeypatch):
    """Unreadable shards raise no error before they are opened."""
    monkeypatch.setattr(batching, "SHUFFLE_SEGMENTS", 2)
    monkeypatch.setattr(batching, "OPEN_SHARDS", 1)
    good = CropSource(corpus, "train", FRAMES, None).addresses("content")[0][0]
    bad = tmp_path / "bad.tfrecord"
    bad.write_bytes(b"no record" * 100)
    base = np.array([1, 2], np.int32)
    monkeypatch.setattr(tf.random.experimental, "stateless_shuffle", lambda values, seed: values)
    addresses = [[good], *[[str(bad)]] * 20]
    ranges = [(0, 100)] * len(addresses)
    records = batching._epoch(addresses, ranges, corpus.records, base, tf.constant(0, tf.int64))
    assert len(list(itertools.islice(records, 4))) == 4
    with pytest.raises(tf.errors.DataLossError):
        list(records)


def test_log_mels_of_crops_equal_librosa(corpus):
    (crop,) = batching._crops(CropSource(corpus, "train", FRAMES, None), "band", 1, 1, 0, ALL_STEPS).take(1)
    waveform = crop["pcm"].numpy().astype(np.float32) / 32768
    spec = corpus.spec
    mel = librosa.feature.melspectrogram(
        y=waveform, sr=8000, n_fft=256, hop_length=64, n_mels=40, fmax=4000, power=1, center=False
    )
    decibels = 20 * np.log10(np.maximum(mel, spec.floor) / spec.floor) / spec.range_db * 2 - 1
    batch = _take(corpus, 1)[0]["band"][0, ..., 0]
    assert len(waveform) == spec.span(FRAMES)
    np.testing.assert_allclose(batch, decibels.T, atol=1e-4)


def test_a_song_shorter_than_the_crop_is_padded(corpus):
    pcm = np.arange(1, corpus.manifest.settings.segment_samples + 1).astype(np.int16)
    pcm[1000:] = 0
    record = tf.constant(serialise_segment(pcm, 1000))
    crop = CropSource(corpus, "train", FRAMES, None).crop(record[None], tf.constant([1, 2]))
    np.testing.assert_array_equal(crop["pcm"], pcm[: corpus.spec.span(FRAMES)])


def test_crops_longer_than_a_segment(corpus):
    with pytest.raises(UserError, match="crops of 65 frames"):
        unpaired_batches(corpus, frames=65, batch_size=1, seed=0)
