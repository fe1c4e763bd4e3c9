import dataclasses

from pipelines.data import summary
from pipelines.data.schema import AugmentedCopy, DomainManifest, Manifest, Skipped, SongRecord


def _song(name, split, minutes, loudness, limited=False):
    return SongRecord(name, split, minutes * 60, loudness, 0.0, limited, 1, f"x/{name}.tfrecord")


def _manifest(settings):
    content = [_song("a", "train", 4, -10.0), _song("b", "train", 3, -20.0), _song("c", "valid", 1, -12.0)]
    band = [_song("only", "train", 2, -9.0, limited=True)]
    skipped = (Skipped("x.mp3", "is empty"),)
    return Manifest(
        settings, {"content": DomainManifest(tuple(content), skipped), "band": DomainManifest(tuple(band))}
    )


def test_table(settings):
    rows = [line.split() for line in summary.table(_manifest(settings)).splitlines()]
    assert rows[1] == ["content", "train", "2", "7.0", "-15.0", "(-20..-10)"]
    assert rows[3] == ["content", "test", "0", "0.0", "-"]
    assert rows[4] == ["content", "all", "3", "8.0", "-12.0", "(-20..-10)", "1"]


def test_warnings(settings):
    sentences = list(summary.warnings(_manifest(settings)))
    assert len(sentences) == 3
    assert "band has only one song (only)" in sentences[0]
    assert "band has only 2.0 minutes" in sentences[1]
    assert "peaks would clip (for instance only)" in sentences[2]


def test_augmented_copies_have_a_row_of_their_own(settings):
    manifest = _manifest(settings)
    (song,) = manifest.domains["band"].songs
    values = dataclasses.asdict(song)
    copies = tuple(AugmentedCopy(**values, copy_of="only", semitones=s, tempo=1.0) for s in (-1.0, 0.5))
    band = dataclasses.replace(manifest.domains["band"], copies=copies)
    augmented = dataclasses.replace(manifest, domains={**manifest.domains, "band": band})
    rows = [line.split() for line in summary.table(augmented).splitlines()]
    assert rows[:-1] == [line.split() for line in summary.table(manifest).splitlines()]
    assert rows[-1] == ["band", "copies", "2", "4.0", "-"]
    assert list(summary.warnings(augmented)) == list(summary.warnings(manifest))


def test_damaged_and_short_songs_are_counted(settings):
    manifest = _manifest(settings)
    clips = tuple(
        dataclasses.replace(_song(f"{n}.wav", "train", n / 60, -9.0), damage="") for n in range(1, 5)
    )
    cut = dataclasses.replace(clips[0], damage="is damaged or cut off: 1.0 s of 2.0 s are missing")
    domains = {**manifest.domains, "band": DomainManifest((cut, *clips[1:]))}
    found = Manifest(settings, domains)
    assert (
        "in band, 1 of 4 songs are used in part: for instance 1.wav is damaged"
        in list(summary.warnings(found))[-1]
    )
    frames = round(2.5 * settings.spec.frame_rate)
    assert list(summary.short_song_warnings(found, frames)) == [
        "2 of 4 training songs of band are shorter than a clip (2.5 s): silence follows them"
    ]
