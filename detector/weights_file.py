"""Weights on disk: safetensors in half precision, self-describing and check-summed. Nothing is ever unpickled.

The file's metadata holds one JSON document (`looktwice`) and the SHA-256 of all tensors (`sha256`), so that a changed
byte is found wherever it sits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from detector.errors import WeightsError
from detector.files import write_atomically

FORMAT = "looktwice-weights-1"
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class WeightsCard:
    """What a weights file says of itself.

    backbone: rows of (stage entry, channels). trained_s: seconds of training behind it. ap50, ap: on voc20 val, 0-100.
    """

    name: str
    family: str
    class_names: tuple[str, ...]
    backbone_name: str
    backbone: tuple[tuple[str, tuple[int, ...]], ...]
    input_size: int
    preprocessing: str
    data: str
    recipe: Mapping[str, Any]
    trained_s: float
    ap50: float | None = None
    ap: float | None = None
    default_score: float = 0.35
    figures: Mapping[str, Any] = field(default_factory=dict)


def write_weights(path: Path, arrays: Arrays, card: WeightsCard) -> None:
    """Write `arrays` (floats as half precision, batch-norm variances whole) with their card, beside and renamed."""
    slim = {name: _slim(name, array) for name, array in arrays.items()}
    metadata = {"format": FORMAT, "looktwice": json.dumps(asdict(card)), "sha256": _digest(slim, card)}
    write_atomically(path, save(dict(slim), metadata))


def is_ours(path: Path) -> bool:
    """Whether a file is a weights file of this format, as far as its description tells."""
    try:
        with safe_open(path, framework="numpy") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except (SafetensorError, OSError):
        return False


def read_card(path: Path) -> WeightsCard:
    """The card of a weights file, without its tensors.

    Raises:
        WeightsError: the file is missing, damaged or not one of ours.
    """
    with _opened(path) as file:
        return _card(path, file.metadata() or {})


def weights_sha256(path: Path) -> str:
    """The checksum that a weights file tells of its tensors and its card.

    Raises:
        WeightsError: the file is missing, damaged or not one of ours.
    """
    with _opened(path) as file:
        metadata = file.metadata() or {}
        _card(path, metadata)
        return str(metadata.get("sha256", ""))


def read_weights(path: Path) -> tuple[dict[str, NDArray[Any]], WeightsCard]:
    """Tensors by name and the card, after checking the sum.

    Raises:
        WeightsError: the file is missing, damaged, altered or not one of ours.
    """
    with _opened(path) as file:
        metadata = file.metadata() or {}
        card = _card(path, metadata)
        try:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
        except SafetensorError as error:
            raise WeightsError(f"{path} is damaged ({error}); get the file again.") from error
    if _digest(arrays, card) != metadata.get("sha256"):
        raise WeightsError(f"{path} was altered: its checksum does not match; get the file again.")
    return arrays, card


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise WeightsError(f"the weights file {path} does not exist; `looktwice models` lists what is installed.")
    try:
        return safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path} is damaged or no weights file ({error}); get the file again.") from error


def _card(path: Path, metadata: Mapping[str, str]) -> WeightsCard:
    if metadata.get("format") != FORMAT:
        raise WeightsError(f"{path} is not a Looktwice weights file: its metadata does not say {FORMAT}.")
    try:
        raw = json.loads(metadata["looktwice"])
        raw["class_names"] = tuple(raw["class_names"])
        raw["backbone"] = tuple((entry, tuple(channels)) for entry, channels in raw["backbone"])
        return WeightsCard(**raw)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path} has a damaged description ({error!r}); get the file again.") from error


def _slim(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if not np.issubdtype(array.dtype, np.floating):
        return np.ascontiguousarray(array)
    # Half precision cannot hold a variance beyond 65,504 or far below 6e-8.
    return np.ascontiguousarray(array, dtype=np.float32 if name.endswith("running_var") else np.float16)


def _digest(arrays: Arrays, card: WeightsCard) -> str:
    digest = hashlib.sha256(json.dumps(asdict(card), sort_keys=True).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
