"""The API: bands, models and covers are renamed, moved out and put back."""

from coverband.studio import process
from coverband.studio.home import Home
from coverband.studio.work import Translate
from tests.coverband.studio.client import Client, studio
from tests.coverband.studio.scene import BAND, add_run, add_songs, covered, song


def test_bands_are_renamed_moved_out_and_put_back(client: Client, home: Home):
    add_songs(client)
    client.post("/api/bands", {"name": "Other"})
    assert client.patch(BAND, {"name": "other"}).error == "there is a band other already"
    assert client.patch("/api/bands/None", {"name": "x"}).error == "there is no band None"
    assert client.patch(BAND, {"name": "../x"}).status == 400
    assert client.patch(BAND, {"name": "THE BAND"}).json == {"name": "THE BAND"}
    assert client.get("/api/bands/THE%20BAND").json["songs"] == ["a.wav"]
    assert client.delete("/api/bands/THE%20BAND").json == {"name": "THE BAND"}
    shown = client.get("/api/studio").json
    assert ([each["name"] for each in shown["bands"]], shown["removed"]) == (["Other"], ["THE BAND"])
    client.post("/api/bands", {"name": "THE BAND"})
    assert client.post("/api/bands/restore", {"name": "THE BAND"}).json == {"name": "THE BAND (2)"}
    assert (home.path / "bands/THE BAND (2)/songs/a.wav").read_bytes() == song()
    assert "there is no band" in client.post("/api/bands/restore", {"name": "THE BAND"}).error


def test_models_move_with_reports_exports_and_tasks(client: Client, home: Home):
    add_songs(client)
    add_run(home)
    (id_,) = client.post(f"{BAND}/runs", {"run": "first", "minutes": 3}).json.values()
    for refused in (
        client.patch(f"{BAND}/runs/first", {"name": "x"}),
        client.delete(f"{BAND}/runs/first"),
        client.patch(BAND, {"name": "x"}),
        client.delete(BAND),
    ):
        assert "is at work" in refused.error
    (home.tasks / id_ / process.RESULT).write_text('{"code": 143}')
    client = Client(studio(home.path))
    band = home.band("The Band")
    for name in ("reports/first/report.html", "exports/first/saved_model.pb"):
        (band.path / name).parent.mkdir(parents=True)
        (band.path / name).touch()
    assert client.patch(f"{BAND}/runs/first", {"name": "better"}).json == {"name": "better"}
    (run,) = client.get(f"{BAND}/runs").json["runs"]
    assert (run["name"], run["minutes"], run["report"], bool(run["export"])) == ("better", 3, True, True)
    assert client.delete(f"{BAND}/runs/better").status == 200
    shown = client.get(f"{BAND}/runs").json
    assert (shown["runs"], shown["removed"]) == ([], ["better"])
    assert (band.path / "removed_runs/better/reports/report.html").exists()
    assert client.post(f"{BAND}/runs/restore", {"name": "better"}).status == 200
    (run,) = client.get(f"{BAND}/runs").json["runs"]
    assert (run["name"], run["steps"], run["report"]) == ("better", 7, True)


def test_a_band_whose_style_is_awaited_stays(client: Client, home: Home):
    add_songs(client)
    client.post("/api/bands", {"name": "Other"})
    assert client.put("/api/bands/Other/songs/a.wav", song()).status == 201
    client.put(f"{BAND}/covers/song.wav", song())
    (id_,) = client.post(f"{BAND}/covers/song/translate", {"style": "Other"}).json.values()
    for refused in (client.patch("/api/bands/Other", {"name": "x"}), client.delete("/api/bands/Other")):
        assert "is at work" in refused.error
    (home.tasks / id_ / process.RESULT).write_text('{"code": 1}')
    client = Client(studio(home.path))
    assert client.patch("/api/bands/Other", {"name": "Better"}).status == 200
    (task,) = covered(client, "song")["tasks"]
    assert (task["state"], task["style"], task["cover"]) == ("failed", "Better", "at once, style of Better")
    assert client.delete("/api/bands/Better").status == 200
    assert covered(client, "song")["tasks"] == []


def test_covers_and_their_songs_are_renamed_moved_out_and_put_back(client: Client, home: Home):
    client.put(f"{BAND}/covers/song.wav", song())
    folder = home.band("The Band").path / "covers/song"
    (folder / "first.wav").write_bytes(song(0.2))
    for name in ("source", "Source 2", "../x", ""):
        assert client.patch(f"{BAND}/covers/song/covers/first", {"name": name}).status == 400
    assert client.delete(f"{BAND}/covers/song/covers/source").status == 400
    assert client.patch(f"{BAND}/covers/song/covers/first", {"name": "loud"}).status == 200
    assert client.delete(f"{BAND}/covers/song/covers/loud").status == 200
    shown = covered(client, "song")
    assert (shown["covers"], shown["removed"]) == ([], ["loud"])
    assert client.patch(f"{BAND}/covers/song", {"name": "hit"}).json == {"name": "hit"}
    assert client.post(f"{BAND}/covers/hit/covers/restore", {"name": "loud"}).status == 200
    assert client.delete(f"{BAND}/covers/hit").status == 200
    assert client.get(f"{BAND}/covers").json == {"songs": [], "removed": ["hit"]}
    assert client.post(f"{BAND}/covers/restore", {"name": "hit"}).status == 200
    assert covered(client, "hit")["covers"] == ["loud"]
    assert (folder.with_name("hit") / "loud.wav").read_bytes() == song(0.2)


def test_a_model_called_like_the_song_does_not_replace_it(client: Client):
    assert Translate("The Band", "source", "song").cover == "by source"
