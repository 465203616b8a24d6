"""`make models`: a version that lives elsewhere comes whole and verified, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from registry import store
from registry.progress import Progress
from serving.errors import ConfigurationError
from serving.repository import live_version
from tests import graphs
from tests.registry.conftest import Command

MODEL = graphs.total(3).SerializeToString()
LABELS = b"no\nyes\n"
FILES = {"model.onnx": MODEL, "more/labels.txt": LABELS}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def card(url: str, *, live: int = 2, **digests: str) -> str:
    """A card whose version 2 lives at `url`; `digests` replace those of FILES, by stem."""
    files = ", ".join(
        f'"{name}" = "{digests.get(Path(name).stem, sha256(content))}"'
        for name, content in FILES.items()
    )
    return f'live = {live}\n[source.2]\nurl = "{url}"\nfiles = {{ {files} }}\n'


@pytest.fixture
def adder(models: Path) -> Path:
    return models / "adder"


@pytest.fixture
def depot(adder: Path) -> Path:
    """The files in a directory of this machine."""
    for name, content in FILES.items():
        path = adder.parent.parent / "depot" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return adder.parent.parent / "depot"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The files below s3://depot/adder/2, without a region or a profile."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="depot")
        for name, content in FILES.items():
            client.put_object(Bucket="depot", Key=f"adder/2/{name}", Body=content)
        yield


def contents(version: Path) -> dict[str, bytes]:
    return {
        path.relative_to(version).as_posix(): path.read_bytes()
        for path in version.rglob("*")
        if path.is_file()
    }


@pytest.mark.usefixtures("s3")
def test_a_version_comes_from_s3_into_its_directory(command: Command, adder: Path) -> None:
    (adder / "model.toml").write_text(card("s3://depot/adder/2/"))

    outcome = command("fetch")

    assert outcome.code == 0
    assert (
        outcome.out
        == f"{adder}/2: fetched 2 file(s) from s3://depot/adder/2/; it has no golden rows\n"
    )
    assert outcome.err == ""
    assert contents(adder / "2") == FILES
    assert sorted(path.name for path in adder.iterdir()) == ["1", "2", "model.toml"]
    assert live_version(adder).version == 2


def test_a_version_comes_from_a_directory_beside_the_models(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card("../../depot"))

    outcome = command("fetch", "adder")

    assert outcome.code == 0
    assert contents(adder / "2") == contents(depot)


def test_what_is_there_already_is_verified_and_not_fetched_again(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card(str(depot)))
    command("fetch")
    (depot / "model.onnx").unlink()

    outcome = command("fetch")

    assert (outcome.code, outcome.out) == (
        0,
        f"{adder}/2: is as its source says; it has no golden rows\n",
    )


def test_another_version_in_its_place_is_left_alone(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card(str(depot)))
    graphs.save(graphs.total(), adder / "2")
    before = contents(adder / "2")

    outcome = command("fetch")

    assert (outcome.code, contents(adder / "2")) == (2, before)
    assert "model.onnx is another, missing, or none of them; a version never" in outcome.err


def test_a_wrong_hash_brings_nothing_and_the_next_try_starts_afresh(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card(str(depot), model=sha256(b"other")))

    outcome = command("fetch")

    assert outcome.code == 2
    assert f"model.onnx: expected SHA-256 {sha256(b'other')}, got {sha256(MODEL)}" in outcome.err
    assert not (adder / "2").exists()
    assert [*(adder / ".fetching-2").iterdir()] == []


@pytest.mark.usefixtures("s3")
def test_what_was_read_before_an_interruption_is_not_read_again(
    command: Command, adder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (adder / "model.toml").write_text(card("s3://depot/adder/2"))
    (adder / ".fetching-2").mkdir()
    (adder / ".fetching-2" / sha256(MODEL)).write_bytes(MODEL[:50])
    starts: list[int] = []
    read = store.S3Store.chunks

    def chunks(self: store.S3Store, name: str, start: int) -> Iterator[bytes]:
        starts.append(start)
        return read(self, name, start)

    monkeypatch.setattr(store.S3Store, "chunks", chunks)

    outcome = command("fetch")

    assert (outcome.code, contents(adder / "2")) == (0, FILES)
    assert starts == [50, 0]


def test_an_interruption_keeps_what_was_read_and_leaves_no_version(
    command: Command, adder: Path, depot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (adder / "model.toml").write_text(card(str(depot)))

    def interrupted(_: store.DirectoryStore, name: str, start: int) -> Iterator[bytes]:
        yield FILES[name][start:50]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store.DirectoryStore, "chunks", interrupted)
        outcome = command("fetch")
    kept = contents(adder / ".fetching-2")
    again = command("fetch")

    assert (outcome.code, kept) == (130, {sha256(MODEL): MODEL[:50]})
    assert (again.code, contents(adder / "2")) == (0, FILES)


@pytest.mark.parametrize("url", ["s3://depot/adder/2", "../../depot"])
@pytest.mark.usefixtures("s3")
def test_an_empty_file_is_fetched_like_any_other(
    command: Command, adder: Path, depot: Path, url: str
) -> None:
    client = boto3.client("s3", region_name="us-east-1")
    client.put_object(Bucket="depot", Key="adder/2/more/labels.txt", Body=b"")
    (depot / "more" / "labels.txt").write_bytes(b"")
    (adder / "model.toml").write_text(card(url, labels=sha256(b"")))

    outcome = command("fetch")

    assert (outcome.code, contents(adder / "2")) == (0, FILES | {"more/labels.txt": b""})


def test_two_processes_do_not_fetch_one_version_at_once(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card(str(depot)))
    (adder / ".fetching-2").mkdir()
    descriptor = os.open(adder / ".fetching-2", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    refused = command("fetch")
    os.close(descriptor)
    fetched = command("fetch")

    assert refused.code == 2
    assert "expected one fetch at a time, but another fetch is under way; wait" in refused.err
    assert (fetched.code, contents(adder / "2")) == (0, FILES)


def test_what_another_process_fetched_in_the_meantime_stays(
    command: Command, adder: Path, depot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (adder / "model.toml").write_text(card(str(depot)))

    def meanwhile(*_: object) -> None:
        shutil.copytree(depot, adder / "2")

    monkeypatch.setattr(fcntl, "flock", meanwhile)

    outcome = command("fetch")

    assert (outcome.code, contents(adder / "2")) == (0, FILES)
    assert not (adder / ".fetching-2").exists()


def test_what_is_assembled_is_verified(
    command: Command, adder: Path, depot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (adder / "model.toml").write_text(card(str(depot)))

    def damaged(_: Path, target: Path) -> None:
        target.write_bytes(b"damaged")

    monkeypatch.setattr(shutil, "copyfile", damaged)

    outcome = command("fetch")

    assert (outcome.code, (adder / "2").exists()) == (2, False)
    assert "expected model.onnx as it was read, got another; run it again" in outcome.err


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_named(command: Command, adder: Path) -> None:
    (adder / "model.toml").write_text(card("s3://nowhere/adder/2"))

    outcome = command("fetch")

    assert outcome.code == 2
    assert "s3://nowhere/adder/2/model.onnx: " in outcome.err
    assert "whose credentials these are (AWS_PROFILE)" in outcome.err


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://depot/2", "https://depot/2: expected s3://<bucket>/<prefix> or the path"),
        ("nowhere", "nowhere/model.onnx: expected a file, found none"),
        ("http://[x/", "http://[x/: expected s3://<bucket>/<prefix> or the path of a directory,"),
        ("d" * 300, "model.onnx: expected a file, got: File name too long"),
    ],
)
def test_an_address_that_is_no_store_is_refused(
    command: Command, adder: Path, url: str, sentence: str
) -> None:
    (adder / "model.toml").write_text(card(url))

    outcome = command("fetch")

    assert outcome.code == 2
    assert sentence in outcome.err


def test_a_live_version_in_the_repository_needs_no_fetching(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card(str(depot), live=1))

    outcome = command("fetch")

    assert (outcome.code, outcome.out) == (0, f"{adder}: its live version lives here\n")
    assert not (adder / "2").exists()


def test_another_version_is_fetched_by_its_number(
    command: Command, adder: Path, depot: Path
) -> None:
    (adder / "model.toml").write_text(card(str(depot), live=1))

    fetched = command("fetch", "adder", "--version", "2")
    unknown = command("fetch", "adder", "--version", "3")

    assert (fetched.code, contents(adder / "2")) == (0, FILES)
    assert unknown.code == 2
    assert "model.toml: source: expected one of 2, got 3" in unknown.err


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (f"[source.{'2' * 5000}]", "expected a version, which is a whole number, got '2222"),
        (
            f'[source.2]\nurl = "."\nfiles = {{ "model.onnx" = "{"0" * 64}", "{"n" * 300}" = "" }}',
            "source.2.files: expected names of at most 255 bytes, which a file can have, got 'nnnn",
        ),
        ("[source.two]", "source.two.: expected a version, which is a whole number"),
        ("[source.2]", "source.2.url: expected a string, got nothing"),
        ('[source.2]\nurl = "."', "source.2.files: expected a table, got nothing"),
        ('[source.2]\nurl = "."\nfiles = {}', '"model.onnx" among them, got none'),
        (
            '[source.2]\nurl = "."\nfiles = { "model.onnx" = "abc" }',
            "files.\"model.onnx\": expected a SHA-256 in 64 hexadecimal digits, got 'abc'",
        ),
        (
            f'[source.2]\nurl = "."\nfiles = {{ "model.onnx" = "{"0" * 64}", "../x" = "" }}',
            "files: expected paths inside the version directory, got '../x'",
        ),
        (
            f'[source.2]\nurl = "."\nsha = 1\nfiles = {{ "model.onnx" = "{"0" * 64}" }}',
            "source.2.sha: expected only url, files, got an unknown key",
        ),
    ],
)
def test_a_source_that_is_wrong_is_named_by_its_key(
    command: Command, adder: Path, toml: str, sentence: str
) -> None:
    (adder / "model.toml").write_text(f"live = 2\n{toml}\n")

    outcome = command("fetch")

    assert outcome.code == 2
    assert sentence in outcome.err


def test_a_live_version_that_is_not_fetched_says_how_to_fetch_it(adder: Path, depot: Path) -> None:
    (adder / "model.toml").write_text(card(str(depot)))

    with pytest.raises(ConfigurationError, match=r"expected one of 1, got 2; .* by `make models`"):
        live_version(adder)


def test_progress_is_a_bar_of_what_is_done() -> None:
    progress = Progress("model.onnx", 10 * 1024 * 1024, 40 * 1024 * 1024)
    progress.advance(20 * 1024 * 1024)

    assert str(progress) == "model.onnx  ######################........  30.0 of 40.0 MiB"
