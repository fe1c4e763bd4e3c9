import csv

import pytest

from pipelines.audio.song_files import find_songs
from pipelines.data import splits
from pipelines.errors import UserError
from tests.tools.benchmarks.real import debs
from tools.benchmarks.real import command
from tools.benchmarks.real.packages import BANDS, CONTENT

pytestmark = debs.needs_dpkg

WESNOTH = CONTENT[0]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Folder with two of the packages, of which one has songs that are not expected."""
    folder = tmp_path_factory.mktemp("given debs")
    music = {f"music/0{index}_-_Víz {index}.ogg": 31.0 for index in range(7)}
    debs.build(
        folder, "marsshooter-data", {**music, "menu.ogg": 33.0, "toon/horn.ogg": 1.0}, BANDS["obsidian"].root
    )
    debs.build(folder, WESNOTH.name, {f"tune {index}.ogg": 32.0 for index in range(9)}, WESNOTH.root)
    debs.build(folder, "asc-music", {"readme.ogg": 31.0}, "usr/share/doc")
    return folder


@pytest.fixture
def run(given, tmp_path, monkeypatch):
    """Function that runs the command without a network."""
    debs.program(tmp_path / "bin", "apt-get", "echo 'E: no network' >&2; exit 100")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(band, *arguments):
        out = tmp_path / "the corpus"
        command.main(["corpus", f"--band={band}", f"--out={out}", f"--debs={given}", *arguments])
        return out

    return run


def _list(out):
    with open(out / "songs.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_makes_folders_that_prepare_splits_alike(run, capsys, tmp_path):
    out = run("obsidian")
    captured = capsys.readouterr()
    rows = _list(out)
    for domain, count in (("content", 9), ("band", 8)):
        found = find_songs(out / domain)
        names = [found.name(song) for song in found.songs]
        assigned = {f"{domain}/{name}": split for name, split in splits.assign_splits(names).items()}
        assert assigned == {row["file"]: row["split"] for row in rows if row["file"].startswith(domain)}
        assert len(names) == count
        assert set(assigned.values()) == {"train", "valid", "test"}
    assert (
        "| band | marsshooter-data | 4 songs, 2.1 min | 2 songs, 1.0 min | 2 songs, 1.0 min |" in captured.out
    )
    assert (
        f"Next: coverband prepare --content '{out}/content' --band '{out}/band' --out '{out}/data'"
        in captured.out
    )
    assert "hyperrogue-music: cannot be fetched (no network)" in captured.err
    assert "asc-music: version 1:2-3 holds no song of 30 s" in captured.err
    assert "without asc-music, fillets-ng-data, hyperrogue-music the splits differ" in captured.err
    assert (tmp_path / "cache" / "coverband" / "real" / "unpacked").is_dir()


def test_a_second_run_gives_an_equal_list_and_another_seed_another(run, tmp_path):
    first = (run("obsidian", f"--cache={tmp_path / 'c'}") / "songs.csv").read_bytes()
    assert (run("obsidian", f"--cache={tmp_path / 'd'}") / "songs.csv").read_bytes() == first
    assert (run("obsidian", "--seed=1", f"--cache={tmp_path / 'c'}") / "songs.csv").read_bytes() != first


def test_lists_artist_licence_and_version(run):
    row = next(row for row in _list(run("obsidian")) if row["file"].endswith("05_-_Víz 5.ogg"))
    assert (row["artist"], row["title"], row["licence"]) == ("Obsidian Shell", "Víz 5", "CC-BY-SA-3.0")
    assert (row["package"], row["version"], row["seconds"]) == ("marsshooter-data", "1:2-3", "31.000")


def test_a_band_that_cannot_be_had(run, capsys, tmp_path):
    with pytest.raises(UserError, match="no songs for band"):
        run("singularity")
    assert "singularity-music: cannot be fetched (no network)" in capsys.readouterr().err
    assert not (tmp_path / "the corpus").exists()


def test_debs_must_be_a_folder(run):
    with pytest.raises(UserError, match="--debs nowhere is no folder"):
        run("obsidian", "--debs=nowhere")


@pytest.mark.parametrize("flag", ["out", "cache"])
def test_folders_that_are_files_are_refused_before_anything_is_fetched(run, capsys, tmp_path, flag):
    (tmp_path / "a file").write_text("mine")
    with pytest.raises(UserError, match=rf"a file is no folder: name another with --{flag}$"):
        run("obsidian", f"--{flag}={tmp_path / 'a file'}")
    assert capsys.readouterr().err == ""
    assert not (tmp_path / "cache").exists()
