"""Tests of the listening test's files: everything is there, and nothing shows which system is which."""

import base64
import io
import json
import re

import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from pipelines.evaluation.listening.key import Key
from pipelines.evaluation.listening.writer import write_listening_test
from tests.evaluation.listening import small
from tests.evaluation.reports import Page

VERSIONS = [*small.SYSTEMS, "truth"]


def decoded(page, name):
    """Samples of a sound, from its script."""
    found = re.fullmatch(
        r'clip\("([0-9a-f]{12})", "(.*)"\);\n', (page.parent / "clips" / f"{name}.js").read_text()
    )
    assert found[1] == name
    return soundfile.read(io.BytesIO(base64.b64decode(found[2])))[0]


def hertz(samples):
    """Frequency of the strongest partial, Hz."""
    windowed = samples * np.hanning(len(samples))
    return np.argmax(np.abs(np.fft.rfft(windowed))) * small.RATE / len(samples)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return small.write_test(tmp_path_factory.mktemp("listening"))


@pytest.fixture(scope="module")
def key(page):
    return Key.load(page.parents[1])


def test_both_questions_are_asked_of_every_song_and_system(key):
    names = {method.key: method.name for method in key.systems}
    assert list(names.values()) == VERSIONS
    found = {
        (trial.question, trial.song): {names[key.sounds[sound].system] for sound in trial.sounds}
        for trial in key.trials.values()
    }
    for question in ("content", "style"):
        assert found[question, small.SONGS[0]] == set(VERSIONS)
        assert found[question, small.SONGS[1]] == set(VERSIONS)
        assert found[question, small.SONGS[2]] == {"copy the source", "EQ match"}
    assert len(found) == 6
    assert all(
        key.sounds[sound].song == trial.song for trial in key.trials.values() for sound in trial.sounds
    )


def test_the_hidden_reference_is_the_source_for_content_and_the_truth_for_style(key):
    found = {(t.question, t.song): t.hidden_reference for t in key.trials.values()}
    for song in small.SONGS:
        assert key.sounds[found["content", song]].system == "key of copy the source"
    assert [key.sounds[found["style", song]].system for song in small.SONGS[:2]] == ["truth", "truth"]
    assert found["style", small.SONGS[2]] is None


def test_every_sound_is_what_the_key_says(page, key):
    places = [*(f"key of {name}" for name in small.SYSTEMS), "truth"]
    for name, sound in key.sounds.items():
        expected = 300 + 100 * places.index(sound.system) + 10 * small.SONGS.index(sound.song)
        assert hertz(decoded(page, name)) == pytest.approx(expected, abs=1)


def test_open_references_are_the_source_and_two_songs_of_the_band(page, key):
    found = {
        (t.question, t.song): [hertz(decoded(page, r)) for r in t.references] for t in key.trials.values()
    }
    for number, song in enumerate(small.SONGS):
        assert found["content", song] == pytest.approx([300 + 10 * number], abs=1)
        expected = [900 + 50 * (each % 3) for each in (2 * number, 2 * number + 1)]
        assert found["style", song] == pytest.approx(expected, abs=1)


def test_all_sounds_are_equally_loud(page):
    """The evaluation's files differ by 22 dB; sines have the loudness of their root mean square nearly."""
    levels = [np.std(decoded(page, path.stem)) for path in (page.parent / "clips").iterdir()]
    assert len(levels) == 10 + 3 + 6
    assert 20 * np.log10(max(levels) / min(levels)) < 3
    assert min(levels) > 0.03


def test_no_name_is_in_the_page_or_in_a_file_name(page, key):
    text = re.sub(r"<style>.*?</style>", "", page.read_text(), flags=re.DOTALL)
    for secret in (
        *VERSIONS,
        *(method.key for method in key.systems),
        "allegro",
        "blues",
        "baseline",
        "oracle",
    ):
        assert secret not in text
    assert {path.name for path in page.parent.iterdir()} == {"index.html", "clips"}
    assert all(re.fullmatch(r"[0-9a-f]{12}\.js", path.name) for path in (page.parent / "clips").iterdir())
    assert "key.json" not in text
    assert "<script" in text


def test_the_page_knows_the_trials_but_no_order_shows_the_systems(page, key):
    text = page.read_text()
    public = json.loads(re.search(r'<script id="test" type="application/json">(.*?)</script>', text)[1])
    assert public["test"] == key.test
    assert {trial["name"] for trial in public["trials"]} == set(key.trials)
    for trial in public["trials"]:
        assert trial["sounds"] == sorted(key.trials[trial["name"]].sounds)
        assert trial["hidden"] is (key.trials[trial["name"]].hidden_reference is not None)
        assert set(trial) == {"name", "question", "sounds", "references", "hidden"}
    names = [trial["name"] for trial in public["trials"]]
    assert names == sorted(names)


def test_the_page_loads_nothing_from_elsewhere(page):
    text = page.read_text()
    assert not re.search(r"https?:|//[a-z]", text)
    parsed = Page(text)
    assert not any({"src", "href"} & set(attributes) for _, attributes in parsed.elements)
    policy = parsed.all("meta", http_equiv="Content-Security-Policy")[0]["content"]
    assert policy.startswith("default-src 'none';")


def test_a_second_run_gives_the_same_files_and_removes_older_ones(page, tmp_path):
    again = small.write_test(tmp_path)
    for path in (path for path in page.parents[1].rglob("*") if path.is_file()):
        assert (tmp_path / "test" / path.relative_to(page.parents[1])).read_bytes() == path.read_bytes()
    (again.parent / "clips" / "0123456789ab.js").write_text("")
    (again.parent / "clips" / "mine.txt").write_text("")
    evaluation = small.evaluation(tmp_path / "evaluation")
    write_listening_test(evaluation, tmp_path / "evaluation", tmp_path / "test", small.band(), 1)
    names = {path.stem for path in (again.parent / "clips").iterdir()}
    key = Key.load(tmp_path / "test")
    assert key.songs == [small.SONGS[1]]
    assert names == {*key.sounds, *(r for t in key.trials.values() for r in t.references), "mine"}
    assert key.test != Key.load(page.parents[1]).test


def test_long_songs_give_ten_seconds_from_their_middle(tmp_path):
    evaluation = small.evaluation(tmp_path, seconds=15.0)
    page = write_listening_test(evaluation, tmp_path, tmp_path / "test", small.band(), 1)
    sounds = [decoded(page, name) for name in Key.load(tmp_path / "test").sounds]
    assert {len(each) for each in sounds} == {10 * small.RATE}


def test_more_than_twelve_sounds_are_a_warning(tmp_path, capsys):
    evaluation = small.evaluation(tmp_path)
    rows = [
        small.reports.row(f"system-{number}", "model", {}, audio=evaluation.rows[2].audio)
        for number in range(12)
    ]
    many = small.reports.evaluation([*evaluation.rows, *rows], songs=evaluation.songs)
    write_listening_test(many, tmp_path, tmp_path / "test", small.band(), 1)
    assert capsys.readouterr().err.count("BS.1534 recommends 12 at most") == 1


def test_a_file_that_is_missing_is_left_out_with_a_warning(tmp_path, capsys):
    evaluation = small.evaluation(tmp_path)
    (tmp_path / evaluation.rows[1].audio[small.SONGS[0]]).unlink()
    write_listening_test(evaluation, tmp_path, tmp_path / "test", small.band())
    assert "it is not part of the listening test" in capsys.readouterr().err
    systems = [sound.system for sound in Key.load(tmp_path / "test").sounds.values()]
    assert systems.count("key of EQ match") == 2


def test_bad_input_is_one_sentence(tmp_path):
    evaluation = small.evaluation(tmp_path)
    with pytest.raises(UserError, match="needs a song of the band"):
        write_listening_test(evaluation, tmp_path, tmp_path / "test", [])
    single = small.reports.evaluation(evaluation.rows[:1], songs=evaluation.songs[2:3])
    with pytest.raises(UserError, match="no song with two sounds"):
        write_listening_test(single, tmp_path, tmp_path / "test", small.band())
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_listening_test(evaluation, tmp_path, tmp_path / "file", small.band())
    with pytest.raises(UserError, match="does not exist: name a folder"):
        Key.load(tmp_path / "nowhere")
    (tmp_path / "key.json").write_text("[]")
    with pytest.raises(UserError, match="is no key"):
        Key.load(tmp_path)
