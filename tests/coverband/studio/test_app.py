"""The API: songs, bands, runs, covers, and what it refuses."""

import asyncio
import errno
import io
import json
import os
from pathlib import Path

import pytest
import soundfile

import tools
from coverband.studio import process
from coverband.studio.home import Home
from coverband.studio.work import Translate
from pipelines.serving import uploads
from tests.coverband.studio.client import Client, studio
from tests.coverband.studio.scene import BAND, add_run, add_songs, covered, song


def test_bands(client: Client):
    assert client.post("/api/bands", {"name": "the band"}).error == "there is a band the band already"
    for name in ("../x", "", None, 3):
        assert client.post("/api/bands", {"name": name}).status == 400
    overview = client.get("/api/studio").json
    assert overview["bands"] == [{"name": "The Band", "songs": 0, "runs": [], "covers": 0}]
    assert client.get("/api/bands/Other").error == "there is no band Other"


def test_songs_are_added_removed_and_restored(client: Client, home: Home):
    add_songs(client)
    assert client.get(f"{BAND}/songs").json == {"songs": ["a.wav"], "removed": []}
    assert (home.path / "bands/The Band/songs/a.wav").read_bytes() == song()
    assert client.post(f"{BAND}/remove", {"name": "a.wav"}).status == 200
    assert client.get(f"{BAND}/songs").json == {"songs": [], "removed": ["a.wav"]}
    assert client.post(f"{BAND}/remove", {"name": "a.wav"}).error == "there is no song a.wav"
    assert client.post(f"{BAND}/restore", {"name": "a.wav"}).status == 200
    assert client.get("/api/generic/songs").json["songs"] == ["b.wav"]


def test_twenty_uploads_at_the_same_time(client: Client):
    answers = client.put_all([(f"{BAND}/songs/a.wav", song(frequency=300 + 10 * n)) for n in range(20)])
    assert [answer.status for answer in answers] == [201] * 20
    assert len(client.get(f"{BAND}/songs").json["songs"]) == 20


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("a.wav", b"these are words", 415, "a.wav is not a readable audio file"),
        ("a.mp3", b"", 415, "a.mp3 is empty"),
        (
            "a.wav",
            bytes((1 << 20) + 1),
            413,
            "larger than the 1 MB that are accepted (coverband studio",
        ),
        ("a.exe", song(), 400, "a.exe is no song"),
    ],
)
def test_other_uploads_are_refused(
    client: Client, home: Home, name: str, content: bytes, status: int, words: str
):
    answer = client.put(f"{BAND}/songs/{name}", content)
    assert answer.status == status
    assert words in answer.error
    assert list((home.path / "bands/The Band/songs").iterdir()) == []
    answer = client.put(f"{BAND}/covers/{name}", content)
    assert answer.status == status
    assert client.get(f"{BAND}/covers").json["songs"] == []
    assert not any((home.path / "bands/The Band").glob("covers/*"))


@pytest.mark.parametrize("name", ["..%2Fa.wav", "..%5Ca.wav", "%00a.wav", "...wav", "~root.wav"])
def test_no_name_leads_out_of_the_folder(client: Client, home: Home, name: str):
    before = sorted(home.path.parent.rglob("*"))
    answer = client.put(f"{BAND}/songs/{name}", song())
    new = [path for path in home.path.parent.rglob("*") if path not in before]
    assert all(path.parent == home.path / "bands/The Band/songs" for path in new)
    assert answer.status == (201 if new else 404)
    for path in (f"/api/bands/{name}", f"{BAND}/runs/{name}", f"{BAND}/covers/{name}/sounds/source.wav"):
        assert client.get(path).status in (400, 404)


def test_a_full_disk_is_one_sentence(client: Client, home: Home, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    client.put(f"{BAND}/covers/song.wav", song())
    client.put(f"{BAND}/covers/song/stems/vocals/a.wav", song())
    folder = home.band("The Band").path
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    paths = ("songs/a.wav", "covers/other.wav", "covers/song/stems/vocals/b.wav")
    for module, name in ((os, "replace"), (uploads, "_save_body")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, full)
            for path in paths:
                answer = client.put(f"{BAND}/{path}", song())
                assert (answer.status, answer.error) == (
                    507,
                    "the disk is full: free some space and try again",
                )
            assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    for path in paths:
        assert client.put(f"{BAND}/{path}", song()).status == 201


def test_folders_are_named_on_this_computer_only(home: Home, tmp_path: Path):
    music = tmp_path / "examples/content"
    music.mkdir(parents=True)
    (music / "a.wav").write_bytes(song())
    local = Client(studio(home.path))
    assert local.post("/api/generic/songs", {"folder": str(music)}).json == {"added": 1}
    assert local.post("/api/generic/songs", {"folder": "/nowhere"}).status == 400
    local.post("/api/bands", {"name": "The Band"})
    assert "no example songs" in local.post(f"{BAND}/songs", {"examples": True}).error
    remote = Client(studio(tmp_path / "other", is_local=False, examples=tmp_path / "examples"))
    assert "only on the computer" in remote.post("/api/generic/songs", {"folder": str(music)}).error
    assert remote.post("/api/generic/songs", {"examples": True}).json == {"added": 1}


def test_generic_songs_come_with_the_studio(client: Client, home: Home):
    assert client.get("/api/studio").json["examples"] == ["content"]
    demo = Path(tools.__file__).parent / "demo_songs/content"
    assert client.post("/api/generic/songs", {"examples": True}).json == {"added": 21}
    assert client.get("/api/generic/songs").json["songs"] == sorted(path.name for path in demo.iterdir())
    for name in ("bwv278-piano.ogg", "bwv434-vibraphone.ogg"):
        copy = home.generic.songs / name
        assert not copy.is_symlink()
        info, original = soundfile.info(copy), soundfile.info(demo / name)
        assert (info.channels, info.samplerate) == (1, original.samplerate)
        assert info.frames == original.frames


def test_other_sites_change_nothing_and_see_nothing(client: Client):
    for headers in ({"origin": "http://evil.example"}, {"sec_fetch_site": "cross-site"}, {"origin": "null"}):
        assert client.post("/api/bands", {"name": "x"}, **headers).status == 403
    assert client.post("/api/bands", {"name": "x"}, origin="http://localhost:8600").status == 201
    assert client.get("/api/studio", host="evil.example").status == 400
    answer = client.get("/api/studio")
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b"1" * 70_000])
def test_other_bodies_are_refused(client: Client, body: bytes):
    answer = asyncio.run(client.send("POST", "/api/bands", body))
    assert answer.status in (400, 413)


def test_properties_are_named_in_the_sentence(client: Client):
    for values, words in (
        ({}, "name is missing"),
        ({"name": "x", "nam": 1}, "'nam' is unknown: this takes name"),
        ({"name": ["x"]}, "name has to be a text"),
        ({"name": "\ud800"}, "the name of a band cannot"),
    ):
        answer = client.post("/api/bands", values)
        assert answer.status == 400
        assert words in answer.error
    assert client.post("/api/generic/songs", {"examples": "yes"}).error == "examples has to be true or false"
    for folder in ("~nobody-of-this-name", "~\0", "\ud800", ""):
        assert "is no folder on this computer" in client.post("/api/generic/songs", {"folder": folder}).error


def test_names_of_files_need_not_be_unicode(client: Client, home: Home, tmp_path: Path):
    music = tmp_path / "music"
    music.mkdir()
    (music / os.fsdecode(b"caf\xe9.wav")).write_bytes(song())
    assert client.post("/api/generic/songs", {"folder": str(music)}).json == {"added": 1}
    (name,) = client.get("/api/generic/songs").json["songs"]
    assert client.post("/api/generic/remove", {"name": name}).status == 200
    assert client.get("/api/generic/songs").json == {"songs": [], "removed": [name]}


def test_a_survey_needs_both_kinds_of_songs(client: Client):
    assert "add songs" in client.post(f"{BAND}/survey").error
    add_songs(client)
    assert client.post(f"{BAND}/survey").json == {"id": "00000001"}
    shown = client.get(BAND).json
    assert shown["task"]["state"] == "queued"
    assert shown["survey"] is None


def test_a_survey_is_shown_without_what_was_removed(client: Client, home: Home):
    add_songs(client)
    client.put(f"{BAND}/songs/c.wav", song(frequency=500))
    domain = {"songs": 1, "minutes": 1.0, "usable_songs": 1, "usable_minutes": 1.0, "amount": "little"}
    songs = [("band", "a.wav"), ("band", "c.wav"), ("content", "b.wav")]
    report = {
        "domains": {
            "content": {**domain, "unreadable": []},
            "band": {**domain, "unreadable": []},
        },
        "songs": [{"domain": where, "name": name, "seconds": 0.5} for where, name in songs],
        "excluded": {"content": {}, "band": {"c.wav": "is the same recording as band/a.wav"}},
        "advice": {"learned": ["louder"]},
    }
    home.band("The Band").survey.write_text(json.dumps({"songs": []}))  # of another version
    assert client.get(BAND).json["survey"] is None
    home.band("The Band").survey.write_text(json.dumps(report))
    survey = client.get(BAND).json["survey"]
    assert not survey["stale"]
    assert survey["remove"] == [
        {"domain": "band", "name": "c.wav", "why": "is the same recording as band/a.wav"}
    ]
    assert survey["seconds"]["content"] == {"b.wav": 0.5}
    client.post(f"{BAND}/remove", {"name": "c.wav"})
    survey = client.get(BAND).json["survey"]
    assert survey["stale"]
    assert survey["remove"] == []


def test_training_is_queued_paused_and_goes_on(client: Client, home: Home):
    assert "add songs" in client.post(f"{BAND}/runs", {"run": "first", "minutes": 1}).error
    add_songs(client)
    for minutes in (0, -1, 1e9, "ten", True, None):
        assert client.post(f"{BAND}/runs", {"run": "first", "minutes": minutes}).status == 400
    assert client.post(f"{BAND}/runs", {"run": "../first", "minutes": 1}).status == 400
    (id_,) = client.post(f"{BAND}/runs", {"run": "first", "minutes": 1}).json.values()
    assert "trained already" in client.post(f"{BAND}/runs", {"run": "first", "minutes": 1}).error
    (run,) = client.get(f"{BAND}/runs").json["runs"]
    assert (run["name"], run["trained"], run["task"]["state"]) == ("first", False, "queued")
    (home.tasks / id_ / process.RESULT).write_text('{"code": 143}')
    add_run(home)
    (run,) = client.get(f"{BAND}/runs").json["runs"]
    assert (run["trained"], run["steps"], run["task"]["state"], run["best"]) == (True, 7, "stopped", None)
    assert client.post(f"{BAND}/runs", {"run": "first", "minutes": 2}).json == {"id": "00000002"}
    assert client.post("/api/tasks/00000002/stop").status == 202
    client.post(f"{BAND}/runs", {"run": "second", "minutes": 2})
    (home.tasks / "00000002" / process.RESULT).write_text('{"code": 1}')
    _, run = client.get(f"{BAND}/runs").json["runs"]
    assert (run["name"], run["exists"], run["task"]["state"]) == ("second", False, "failed")
    assert client.post("/api/tasks/00000002/stop").status == 202
    assert client.post("/api/tasks/00000002/stop").error == "there is no such task"


def test_a_run_without_logs_has_nothing_to_show(client: Client, home: Home):
    add_run(home)
    shown = client.get(f"{BAND}/runs/first").json
    assert (shown["scores"], shown["clips"], shown["findings"], shown["checked"]) == ({}, [], [], False)
    assert client.get(f"{BAND}/runs/first/clips/cover/0/0").error == "there is no such clip"
    assert client.get(f"{BAND}/runs/first/clips/config/0/0").error == "there is no such clip"
    assert client.get(f"{BAND}/runs/first/report").error == "there is no report yet"
    assert client.post(f"{BAND}/runs/first/report").status == 202
    assert client.post(f"{BAND}/runs/first/export").status == 202
    assert client.post(f"{BAND}/runs/other/export").status == 400


def test_covers(client: Client, home: Home):
    add_run(home)
    add_run(home, "plain", closeness=False)
    client.post("/api/bands", {"name": "Other"})
    assert client.put("/api/bands/Other/songs/a.wav", song()).status == 201
    assert client.put(f"{BAND}/covers/my%20song.flac", song(container="FLAC")).json == {"title": "my song"}
    assert client.put(f"{BAND}/covers/my%20song.wav", song()).json == {"title": "my song (2)"}
    place = f"{BAND}/covers/my%20song"
    for values, words in (
        ({"run": "none"}, "learnt nothing yet"),
        ({"run": "first", "strength": 2}, "strength has to be a number from 0 to 1"),
        ({"run": "plain", "closeness": 0.2}, "no dial of closeness"),
        ({"run": "first", "vocoder": "../x"}, "vocoder has to be one of 'default', 'shipped'"),
        ({"run": "first", "style": "Nobody"}, "there is no band Nobody"),
        ({"run": "first", "style": "The Band"}, "has no songs"),
        ({"run": "first", "style": "Other"}, "has no style encoder"),
        ({"style": "The Band"}, "has no songs"),
        ({}, "The Band has no songs"),
        ({"run": "first", "vocals_level": 3}, "needs the singer alone"),
    ):
        assert words in client.post(f"{place}/translate", values).error
    assert client.put(f"{place}/stems/bass/x.wav", song()).error == "a stem is the vocals or the instrumental"
    assert client.put(f"{place}/stems/vocals/x.wav", song()).status == 201
    assert client.post(f"{place}/translate", {"run": "first", "vocals_level": 3}).status == 202
    (home.band("The Band").run("first") / "translator/style.keras").touch()
    (waiting,) = covered(client, "my song")["tasks"]
    assert (waiting["cover"], waiting["state"]) == ("first, singer +3 dB", "queued")
    values = {"run": "first", "vocoder": "shipped", "style": "Other"}
    assert client.post(f"{place}/translate", values).status == 202
    assert covered(client, "my song")["tasks"][1]["cover"] == "first, style of Other, neural vocoder"
    assert client.post(f"{place}/translate", {"style": "Other", "closeness": 1}).status == 202
    assert covered(client, "my song")["tasks"][2]["cover"] == "at once, closeness 100%, style of Other"
    folder = home.band("The Band").path / "covers/my song"
    assert sorted(path.name for path in folder.iterdir()) == ["source.flac", "source.vocals.wav"]
    (folder / "first.wav").write_bytes(song())
    shown = covered(client, "my song")
    assert (shown["covers"], shown["stem"]) == (["first"], "vocals")


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3"])
def test_covers_and_sources_are_downloaded_in_any_format(client: Client, home: Home, suffix: str):
    client.put(f"{BAND}/covers/song.ogg", song(container="OGG"))
    (home.band("The Band").path / "covers/song/first.wav").write_bytes(song())
    for name in ("source", "first"):
        answer = client.get(f"{BAND}/covers/song/sounds/{name}.{suffix}")
        assert answer.status == 200
        assert f"song%20%28{name}%29.{suffix}" in answer.headers["content-disposition"]
        samples, rate = soundfile.read(io.BytesIO(answer.body))
        assert len(samples) / rate == pytest.approx(0.5, abs=0.06)
    for name in ("second.wav", "first.exe", "source", "..%2Fsource.wav"):
        assert client.get(f"{BAND}/covers/song/sounds/{name}").status in (400, 404)


def test_a_failed_translation_is_dismissed(client: Client, home: Home):
    state = studio(home.path)
    client.put(f"{BAND}/covers/song.wav", song())
    task = state.tasks.add(Translate("The Band", "first", "song"))
    (task.folder / process.LOG).write_text("coverband: the song is damaged\n")
    (task.folder / process.RESULT).write_text('{"code": 1}')
    (shown,) = client.get(f"{BAND}/covers").json["songs"][0]["tasks"]
    assert (shown["state"], shown["message"]) == ("failed", "the song is damaged")
    client.post(f"/api/tasks/{task.id}/stop")
    assert client.get(f"{BAND}/covers").json["songs"][0]["tasks"] == []


def test_the_page_loads_nothing_from_elsewhere(client: Client):
    page = client.get("/")
    assert b"/studio.js" in page.body
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert client.get("/studio.css").headers["content-type"].startswith("text/css")
    assert client.get("/player.js").status == 200
    assert client.get("/text.py").status == 404
