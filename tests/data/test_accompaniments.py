import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pipelines.data.accompaniments import Accompaniments
from pipelines.data.augmented_copies import CopyConfig
from pipelines.data.corpus import Corpus
from pipelines.data.loader import open_song_folders
from pipelines.data.preparation import prepare
from pipelines.data.schema import Manifest
from pipelines.data.shards import PreparationTask
from pipelines.errors import UserError
from pipelines.stems.files import Role, Stem
from pipelines.stems.separation import Separation
from tests.data.conftest import write_tone
from tests.stems import separable
from tests.stems.songs import accompaniment, delayed, voice, write

RATE, SECONDS = 8000, 3.0


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Path]:
    """Band songs with an instrumental, with vocals that are late and quiet, and without a stem."""
    band = tmp_path / "band"
    (band / "live").mkdir(parents=True)
    rest = 0.3 * accompaniment(SECONDS, 2, RATE)
    for seed, name in enumerate(("a", "live/b", "c")):
        singer = 0.5 * voice(SECONDS, 2, seed, RATE)
        write(band / f"{name}.wav", singer + rest, RATE)
        if name == "a":
            write(band / "a.instrumental.wav", 0.5 * rest, RATE)
        if name == "live/b":
            write(band / "live/b.vocals.wav", delayed(0.1 * singer, 200), RATE)
    for hertz in (300, 500):
        write_tone(tmp_path / f"content/{hertz}.wav", hertz)
    return {"content": tmp_path / "content", "band": band}


def similarity(corpus: Corpus, name: str) -> tuple[float, float]:
    """Correlations of a prepared song with the accompaniment and with its singer."""
    song = next(song for song in corpus.manifest.domains["band"].songs if song.name == name)
    pcm = np.concatenate([part[:valid] for part, valid in corpus.read(song)]).astype(np.float64)
    stride = corpus.segment_frames * corpus.spec.hop_length
    first = pcm[:stride]
    seed = ("a.wav", "live/b.wav", "c.wav").index(name)
    truths = accompaniment(SECONDS, 2, RATE), voice(SECONDS, 2, seed, RATE)
    of_rest, of_voice = (np.corrcoef(first, truth.mean(axis=1)[:stride])[0, 1] for truth in truths)
    return of_rest, of_voice


def run(sources: dict[str, Path], out: Path, settings, accompaniments: Accompaniments | None) -> Manifest:
    return prepare(sources, out, settings, jobs=1, accompaniments=accompaniments)


def names(manifest: Manifest) -> list[str]:
    return [song.name for song in manifest.domains["band"].songs]


def test_stems_are_no_songs(sources, tmp_path, settings, in_process, capsys):
    manifest = run(sources, tmp_path / "out", settings, None)
    assert names(manifest) == ["a.wav", "c.wav", "live/b.wav"]
    assert manifest.domains["band"].skipped == ()
    assert "ignored in band: stems: 2 (a.instrumental.wav, live/b.vocals.wav)" in capsys.readouterr().err
    assert similarity(Corpus.load(tmp_path / "out"), "a.wav")[1] > 0.5
    unprepared = open_song_folders(f"{sources['content']},{sources['band']}", settings, jobs=1)
    assert names(unprepared.manifest) == names(manifest)


def test_stems_of_content_songs_are_prepared_for_evaluation(sources, tmp_path, settings, in_process):
    singer = sources["content"] / "300.vocals.wav"
    write_tone(singer, 300)
    manifest = run(sources, tmp_path / "out", settings, None)
    assert run(sources, tmp_path / "out", settings, None) == Manifest.load(tmp_path / "out") == manifest
    content = manifest.domains["content"]
    assert [song.name for song in content.songs] == ["300.wav", "500.wav"]
    (stem,) = content.stems
    assert (stem.name, stem.stem_of, stem.role) == ("300.vocals.wav", "300.wav", "vocals")
    corpus = Corpus.load(tmp_path / "out")
    assert np.abs(corpus.read(stem)[0][0]).max() > 1000
    singer.unlink()
    run(sources, tmp_path / "out", settings, None)
    assert not (tmp_path / "out" / stem.shard).exists()


def test_a_band_without_its_singer(sources, tmp_path, settings, in_process, capsys):
    whole = run(sources, tmp_path / "out", settings, None)
    found = Accompaniments.from_folders(sources["band"], None)
    manifest = run(sources, tmp_path / "out", settings, found)
    assert names(manifest) == ["a.wav", "live/b.wav"]
    assert f"skipped: {sources['band']}/c.wav has no stem: put c.instrumental.wav" in capsys.readouterr().err
    corpus = Corpus.load(tmp_path / "out")
    for name in names(manifest):
        of_rest, of_voice = similarity(corpus, name)
        assert of_rest > 0.999
        assert abs(of_voice) < 0.1
    shards = {song.shard for song in manifest.domains["band"].songs}
    assert not shards & {song.shard for song in whole.domains["band"].songs}
    assert len(list((tmp_path / "out/band").glob("*.tfrecord"))) == len(shards)


def test_a_task_for_other_folders(sources, tmp_path, settings, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = Accompaniments.from_folders(Path("band"), None)
    song = Path("band/a.wav")
    task = PreparationTask.from_file(song, song.parent, "band", Path("out"), settings, found)
    task = dataclasses.replace(task, song_stem=found.require_stem("a.wav", song)).absolute()
    assert task.source == tmp_path / "band/a.wav"
    assert task.song_stem == Stem(tmp_path / "band/a.instrumental.wav", Role.INSTRUMENTAL)


def test_another_stem_prepares_its_song_again(sources, tmp_path, settings, in_process):
    def shards() -> dict[str, str]:
        found = Accompaniments.from_folders(sources["band"], None)
        manifest = run(sources, tmp_path / "out", settings, found)
        return {song.name: song.shard for song in manifest.domains["band"].songs}

    first = shards()
    assert shards() == first
    write(sources["band"] / "a.instrumental.wav", 0.1 * accompaniment(2.0, 1, RATE), RATE)
    second = shards()
    assert second["a.wav"] != first["a.wav"]
    assert second["live/b.wav"] == first["live/b.wav"]


def test_stems_in_a_folder_of_their_own(sources, tmp_path, settings):
    folder = tmp_path / "stems"
    (folder / "live").mkdir(parents=True)
    for name in ("a.vocals.flac", "live/b.instrumental.wav"):
        write(folder / name, accompaniment(SECONDS, 1, RATE), RATE)
    found = Accompaniments.from_folders(sources["band"], folder)
    assert {str(song): stem.path for song, stem in found.stems.items()} == {
        "a": folder / "a.vocals.flac",
        "live/b": folder / "live/b.instrumental.wav",
    }
    (sources["band"] / "stems").mkdir()
    with pytest.raises(UserError, match=r"stems lies inside .*: move it elsewhere"):
        Accompaniments.from_folders(sources["band"], sources["band"] / "stems")
    with pytest.raises(UserError, match="stens does not exist: did you mean"):
        Accompaniments.from_folders(sources["band"], tmp_path / "stens")


def test_the_stem_of_an_only_song_lies_beside_it(sources):
    song = sources["band"] / "a.wav"
    stem = Accompaniments.from_folders(song, None).require_stem("a.wav", song)
    assert stem == Stem(sources["band"] / "a.instrumental.wav", Role.INSTRUMENTAL)


def test_a_stem_of_another_song_is_reported(sources, tmp_path, settings, in_process, capsys):
    stem = write(sources["band"] / "c.vocals.wav", voice(SECONDS, 2, 9, RATE), RATE)
    manifest = run(sources, tmp_path / "out", settings, Accompaniments.from_folders(sources["band"], None))
    assert names(manifest) == ["a.wav", "live/b.wav"]
    assert f"c.wav has a stem that cannot be used: {stem} is no part of" in capsys.readouterr().err


def test_songs_without_a_stem_are_separated_once(tmp_path, settings, in_process):
    for name in ("a", "b", "c"):
        separable.write_song(tmp_path, name, SECONDS, seed=ord(name))
    for hertz in (300, 500):
        write_tone(tmp_path / f"content/{hertz}.wav", hertz)
    folders = {"content": tmp_path / "content", "band": tmp_path / "songs"}
    separation = Separation.from_text(separable.command("fail on b"), "--instrumental_of_band")
    found = Accompaniments.from_folders(folders["band"], None, separation)
    manifest = run(folders, tmp_path / "out", settings, found)
    assert names(manifest) == ["a.wav", "c.wav"]
    assert "cannot be separated: python" in manifest.domains["band"].skipped[0].why
    (tmp_path / "songs/b.wav").unlink()
    assert names(run(folders, tmp_path / "out", settings, found)) == ["a.wav", "c.wav"]
    assert separable.runs(tmp_path) == ["a.wav", "c.wav"]


def test_copies_are_of_the_accompaniment(sources, tmp_path, settings, in_process):
    found = Accompaniments.from_folders(sources["band"], None)
    manifest = prepare(sources, tmp_path / "out", settings, 1, CopyConfig(1, 0.0, 0.05), accompaniments=found)
    copies = manifest.domains["band"].copies
    assert len(copies) == 1
    (original,) = (song for song in manifest.domains["band"].songs if song.name == copies[0].copy_of)
    assert copies[0].loudness == pytest.approx(original.loudness, abs=0.5)
