"""A model in OpenVINO's form beside its weights file: which files there are, and whether they are what they should be.

Beside `NAME.safetensors` lies `NAME.openvino.json`, which names an `.xml` for each kind of numbers, the SHA-256 of it
and of its `.bin`, and the checksum of the weights that both were made of. `looktwice export --format openvino` makes
all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from detector.errors import WeightsError
from detector.files import write_atomically
from detector.weights_file import weights_sha256

FORMAT = "looktwice-openvino-1"
Numbers = Literal["f16", "int8"]
"""How a file holds its kernels: halves, from which f32 and bf16 are computed, or int8."""
NUMBERS_OF: Mapping[str, Numbers] = {"f32": "f16", "bf16": "f16", "int8": "int8"}


@dataclass(frozen=True)
class OpenVinoFiles:
    """What lies beside a weights file. weights_sha256: of what it was made of. files: by kind of numbers."""

    weights: Path
    weights_sha256: str
    files: Mapping[Numbers, Mapping[str, str]]

    @property
    def precisions(self) -> tuple[str, ...]:
        """What can be computed from them."""
        return tuple(precision for precision, numbers in NUMBERS_OF.items() if numbers in self.files)

    def checked_xml(self, precision: str) -> Path:
        """The `.xml` for this precision, after checking it, its `.bin` and what they were made of.

        Raises:
            WeightsError: missing, altered, or made of other weights.
        """
        told = self.files.get(NUMBERS_OF[precision])
        again = "`looktwice export --format openvino` makes it anew, or choose the engine torch."
        if told is None:
            raise WeightsError(f"there is no {precision} model for OpenVINO beside {self.weights}; {again}")
        if self.weights_sha256 != weights_sha256(self.weights):
            raise WeightsError(f"the model for OpenVINO beside {self.weights} was made of other weights; {again}")
        xml = self.weights.with_name(told["name"])
        for file, sha256 in ((xml, told["xml_sha256"]), (xml.with_suffix(".bin"), told["bin_sha256"])):
            if not file.is_file():
                raise WeightsError(f"{file} is missing; {again}")
            if file_sha256(file) != sha256:
                raise WeightsError(f"{file} was altered: its checksum does not match; {again}")
        return xml


def list_of(weights: Path) -> Path:
    """The file that names them."""
    return weights.with_name(f"{weights.stem}.openvino.json")


def xml_of(weights: Path, numbers: Numbers) -> Path:
    """Where the `.xml` of one kind lies; its `.bin` lies beside it."""
    return weights.with_name(f"{weights.stem}.{numbers}.xml")


def openvino_files(weights: Path) -> OpenVinoFiles | None:
    """What there is for OpenVINO beside a weights file; None where nothing is. Reads a small file only.

    Raises:
        WeightsError: the list is damaged.
    """
    path = list_of(weights)
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise KeyError("format")
        return OpenVinoFiles(weights, str(told["weights_sha256"]), dict(told["files"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{path} is damaged; `looktwice export --format openvino` makes it anew, or choose the engine torch."
        ) from error


def write_list(weights: Path, kinds: Mapping[Numbers, Mapping[str, str]]) -> Path:
    """Write the list for the files of these kinds, which lie there already, with what is told of how each was made.

    Raises:
        OutputError: it cannot be written.
    """
    files = {}
    for numbers, made in kinds.items():
        xml = xml_of(weights, numbers)
        sums = {"xml_sha256": file_sha256(xml), "bin_sha256": file_sha256(xml.with_suffix(".bin"))}
        files[numbers] = {"name": xml.name, **sums, **made}
    document = {"format": FORMAT, "weights_sha256": weights_sha256(weights), "files": files}
    write_atomically(list_of(weights), json.dumps(document, indent=2) + "\n")
    return list_of(weights)


def file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
