"""Dispatcher and workers of a data service, run in this process."""

import os
import signal
import socket
import threading

import pytest

from coverband import data_service
from pipelines.errors import UserError
from pipelines.training import addresses


def free_port():
    with socket.create_server(("", 0)) as server:
        return server.getsockname()[1]


def stop_when_it_answers(address, number):
    """Thread target: sends this process the signal `number` as soon as the server at `address` answers."""
    assert addresses.answers_within(address, 60.0)
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_dispatcher_serves_until_it_is_stopped(number, capsys):
    port, before = free_port(), signal.getsignal(number)
    threading.Thread(target=stop_when_it_answers, args=(f"localhost:{port}", number)).start()
    data_service.run_dispatcher(port)
    assert f":{port}\n" in capsys.readouterr().err
    assert not addresses.answers(f"localhost:{port}")
    assert signal.getsignal(number) == before


def test_a_port_that_is_taken_is_one_sentence():
    with socket.create_server(("", 0)) as server, pytest.raises(UserError) as error:
        data_service.run_dispatcher(port := server.getsockname()[1])
    assert str(error.value).startswith(f"--port {port} is not available (Address already in use)")


def test_a_worker_does_not_wait_without_end_for_its_dispatcher():
    with pytest.raises(UserError, match=r"--dispatcher localhost:1 has not answered within 0 s: start it"):
        data_service.run_worker("localhost:1", None, free_port(), 0.0)


@pytest.mark.parametrize("address", ["localhost", "localhost:", ":5000", "http://a:1", "a:70000", "a:b"])
def test_an_invalid_address_is_a_user_error(address):
    with pytest.raises(UserError, match=rf"--data_service {address} is no address: give host:port"):
        addresses.parsed("data_service", address)


def test_an_address_may_have_the_form_that_tensorflow_gives_it():
    assert addresses.parsed("data_service", "grpc://host:5000") == "host:5000"
