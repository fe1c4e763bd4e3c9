import json
import socket

import pytest

from pipelines.errors import UserError
from pipelines.training.cluster import VARIABLE, Cluster

WORKERS = ["localhost:1", "localhost:2"]


def environment(**changes):
    config = {"cluster": {"worker": WORKERS}, "task": {"type": "worker", "index": 1}, **changes}
    return {VARIABLE: json.dumps(config)}


def test_it_is_read_from_the_environment():
    cluster = Cluster.of_environment(environment())
    assert cluster == Cluster(tuple(WORKERS), 1)
    assert not cluster.is_chief
    assert Cluster.of_environment(environment(task={"type": "worker", "index": 0})).is_chief


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {VARIABLE: "worker 1"},
        environment(task={"type": "ps", "index": 0}),
        environment(task={"type": "worker", "index": 2}),
        environment(cluster={"worker": ["localhost"]}),
        environment(cluster={"worker": WORKERS, "ps": ["localhost:3"]}),
    ],
)
def test_what_does_not_say_who_trains_is_refused(wrong):
    with pytest.raises(UserError, match="TF_CONFIG does not say which workers there are"):
        Cluster.of_environment(wrong)


def test_those_who_listen_have_come_and_others_are_named():
    with socket.create_server(("localhost", 0)) as there, socket.create_server(("localhost", 0)) as gone:
        addresses = [f"localhost:{server.getsockname()[1]}" for server in (there, gone)]
        gone.close()
        own = addresses[1]
        Cluster((own, addresses[0]), 0).gather(0.0)
        with pytest.raises(UserError) as told:
            Cluster((own, addresses[0], "localhost:1"), 0).gather(0.0)
        assert "the worker at localhost:1 has not come within 0 s: start it with the same" in str(told.value)
        with pytest.raises(UserError, match="a port that cannot be used"):
            Cluster(tuple(addresses), 0).gather(0.0)
