"""An image as it was saved: its layers laid over each other."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path, PurePosixPath

from images.archive import Archive

CONFIG = {
    "config": {
        "Labels": {"version": "1"},
        "Env": ["A=b=c"],
        "Entrypoint": ["/run"],
        "Cmd": ["handler"],
    },
    "rootfs": {"diff_ids": ["sha256:base", "sha256:ours", "sha256:last"]},
    "history": [{"created_by": "COPY"}, {"created_by": "ENV", "empty_layer": True}],
}


def tar(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def saved(path: Path) -> Archive:
    manifest = [{"Config": "config.json", "Layers": ["base.tar", "ours.tar", "last.tar"]}]
    path.write_bytes(
        tar(
            {
                "manifest.json": json.dumps(manifest).encode(),
                "config.json": json.dumps(CONFIG).encode(),
                "base.tar": tar({"etc/os-release": b"Debian"}),
                "ours.tar": tar({"opt/a": b"1", "opt/b": b"2"}),
                "last.tar": tar({"opt/.wh.a": b"", "opt/b": b"33"}),
            }
        )
    )
    return Archive(path)


def test_an_image_says_how_it_is_started(tmp_path: Path) -> None:
    archive = saved(tmp_path / "image.tar")

    assert archive.labels == {"version": "1"}
    assert archive.variables == {"A": "b=c"}
    assert archive.command == ["/run", "handler"]
    assert archive.history == ["COPY"]


def test_what_is_above_the_base_is_what_its_last_layer_left(tmp_path: Path) -> None:
    archive = saved(tmp_path / "image.tar")

    entries = archive.entries(above=["sha256:base"])

    assert {path: entry.content for path, entry in entries.items()} == {
        PurePosixPath("/opt/b"): b"33"
    }
