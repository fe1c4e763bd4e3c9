import dataclasses

import numpy as np
import pytest
import soundfile

from pipelines.audio.spec import AudioSpec
from pipelines.data import worker_pool
from pipelines.data.augmented_copies import PitchTimeChange
from pipelines.data.corpus import Corpus
from pipelines.data.normalisation import normalise
from pipelines.data.schema import DOMAINS, DomainManifest, Manifest, Settings
from pipelines.data.shards import PCM_SUFFIX, PreparationTask, write_shard

SPEC = AudioSpec(sample_rate=8000, n_fft=256, hop_length=64, n_mels=40, fmax=4000.0)
SETTINGS = Settings(SPEC, segment_frames=64)
# Hz, one pure tone per song, so that a crop tells which song it is from; the domains differ in size.
TONES = {"content": [300, 700, 1200, 1800, 2600], "band": [450, 950, 1500]}
CHANGE = PitchTimeChange(-2.5, 1.0)


def write_tone(path, hertz, seconds=3.0, rate=8000, channels=1, level=0.1):
    time = np.arange(round(seconds * rate)) / rate
    # A little noise, so that no two segments are equal.
    noise = np.random.default_rng(hertz).normal(scale=0.01, size=len(time))
    tone = level * (np.sin(2 * np.pi * hertz * time) + noise)
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.stack([tone] * channels, axis=1), rate)


def make_shard(source, domain, folder, settings=SETTINGS):
    (folder / domain).mkdir(parents=True, exist_ok=True)
    task = PreparationTask.from_file(source, source.parent, domain, folder, settings)
    return task, write_shard(task, normalise(source, task.path(PCM_SUFFIX), settings))


@pytest.fixture
def in_process(monkeypatch):
    """Decodes in this process: spawning workers takes seconds and has its own test."""

    def run(function, tasks, jobs):
        for task in tasks:
            try:
                yield task, function(task)
            except Exception as error:
                yield task, error

    monkeypatch.setattr(worker_pool, "run", run)


@pytest.fixture
def settings():
    return SETTINGS


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """Five tones of content, three of band; the last of each is its valid split."""
    songs, folder = tmp_path_factory.mktemp("songs"), tmp_path_factory.mktemp("data")
    domains = {}
    for domain in DOMAINS:
        records = []
        for index, hertz in enumerate(TONES[domain]):
            source = songs / domain / f"{hertz}.wav"
            write_tone(source, hertz, seconds=3.0 + 0.7 * index)
            records.append(make_shard(source, domain, folder)[1])
        splits = ["train"] * (len(records) - 1) + ["valid"]
        records = [dataclasses.replace(r, split=s) for r, s in zip(records, splits, strict=True)]
        domains[domain] = DomainManifest(tuple(records))
    Manifest(SETTINGS, domains).save(folder)
    return Corpus.load(folder)


@pytest.fixture(scope="session")
def corpus_with_copy(corpus):
    """The corpus with a copy of the band's first song, two and a half semitones lower."""
    band, folder = corpus.manifest.domains["band"], corpus.folder
    name = band.songs[0].name
    source = folder.parent / "copies" / name
    write_tone(source, TONES["band"][0])
    task = PreparationTask.from_file(source, source.parent, "band", folder, SETTINGS).with_change(CHANGE)
    record = write_shard(task, normalise(source, task.path(PCM_SUFFIX), SETTINGS, CHANGE))
    band = dataclasses.replace(band, copies=(dataclasses.replace(record, split="train"),))
    return Corpus(folder, Manifest(SETTINGS, {**corpus.manifest.domains, "band": band}))
