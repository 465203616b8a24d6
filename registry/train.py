"""Train the next version, compare it with the live one, and propose it: it does not go live."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from admission.gate import admit
from registry.download import sha256_of
from registry.errors import TrainingError
from registry.quality import FILE_NAME as QUALITY
from registry.quality import Quality, compare
from registry.report import write_report
from registry.selection import load, model_directory, next_version
from registry.training_script import FILE_NAME as SCRIPT
from registry.training_script import TrainingScript
from serving import golden
from serving.card import FILE_NAME as CARD
from serving.digest import version_files
from serving.repository import MODEL_FILE, ModelVersion, live_version, versions_of
from terminal.output import say, sum_up


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model")
    parser.add_argument("--seed", type=int, help="default: the script's own")
    parser.add_argument(
        "--python",
        type=Path,
        default=Path(sys.executable),
        help="the interpreter that has what training needs (default: this one)",
    )


def run(options: argparse.Namespace) -> int:
    directory = model_directory(options.models_dir, options.model)
    script = TrainingScript(directory / SCRIPT, options.python)
    live = live_version(directory)
    # Beside the versions, so that the trained one is moved to its place in one step.
    with TemporaryDirectory(prefix=".training-", dir=directory) as staging:
        trained = live._replace(
            version=next_version(directory),
            directory=Path(staging) / str(next_version(directory)),
        )
        shutil.copyfile(directory / CARD, Path(staging) / CARD)
        script.train(trained.directory, seed=options.seed)
        same = _same_version(directory, trained)
        if same is not None:
            sum_up(f"{same}: is what training makes today; nothing was written")
            return 0
        quality = _require_fit(trained)
        comparisons = compare(script.evaluate(live.directory), quality)
        report = write_report(
            live,
            trained,
            comparisons,
            held_out_rows=quality.held_out_rows,
            python=options.python,
        )
        shutil.move(trained.directory, directory)
    say(report.read_text(encoding="utf-8"))
    sum_up(f"{directory / trained.directory.name}: written, with {report}; it is not live")
    return 0


def _same_version(model_directory: Path, trained: ModelVersion) -> Path | None:
    """The version that predicts with the very same files, if there is one."""
    files = _predicting_files(trained.directory)
    versions = versions_of(model_directory).values()
    return next((v for v in versions if _predicting_files(v) == files), None)


def _predicting_files(version: Path) -> dict[str, str]:
    """The hashes of what is not about the version, but the version itself."""
    return {
        path.relative_to(version).as_posix(): sha256_of(path)
        for path in version_files(version)
        if path.name not in {golden.FILE_NAME, QUALITY}
    }


def _require_fit(trained: ModelVersion) -> Quality:
    """What the script wrote is a version that may serve; its quality."""
    for name in (MODEL_FILE, golden.FILE_NAME, QUALITY):
        if not (trained.directory / name).is_file():
            raise TrainingError(f"{SCRIPT} --out: expected it to write {name}, found none")
    admit(trained.directory, trained.card)
    golden.require_golden(load(trained), trained.directory)
    return Quality.parse((trained.directory / QUALITY).read_bytes(), source=QUALITY)
