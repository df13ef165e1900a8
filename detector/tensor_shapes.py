"""Names and shapes of the tensors in a weights file, read without torch and without running what a pickle asks for."""

from __future__ import annotations

import pickle
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from safetensors import SafetensorError, safe_open

from detector.errors import WeightsError

Shapes = dict[str, tuple[int, ...]]
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""What files of torch before 1.6 begin with."""
WRAPPERS = ("model", "state_dict", "model_state_dict")
"""Under these names training programs keep the state dict beside their own state."""
MOST_PICKLED_BYTES = 64 << 20
PICKLES = (".pth", ".pt")


def tensor_shapes(path: Path) -> Shapes:
    """Shapes by name of the state dict in a `.safetensors`, `.pth` or `.pt` file.

    Raises:
        WeightsError: the file is missing or damaged, holds no state dict, or more than data.
    """
    if not path.is_file():
        raise WeightsError(f"the weights file {path} does not exist; give the path of one that does.")
    if path.suffix == ".safetensors":
        try:
            with safe_open(path, framework="numpy") as file:
                names = list(file.keys())
                return plain_names({name: tuple(file.get_slice(name).get_shape()) for name in names})
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"{path} is damaged or no weights file ({error}); get the file again.") from error
    shapes = state_dict_in(_read_pickle(path), lambda value: isinstance(value, _Shape))
    if shapes is None:
        raise WeightsError(f"{path} holds no state dict; save one with torch.save(model.state_dict(), ...).")
    return {name: value.shape for name, value in shapes.items()}


def state_dict_in(content: Any, is_tensor: Callable[[Any], bool]) -> dict[str, Any] | None:
    """The tensors by name in what a file held: the whole of it, or what a training program wrapped; else None."""
    if not isinstance(content, Mapping):
        return None
    for mapping in (content, *(content.get(name) for name in WRAPPERS)):
        if isinstance(mapping, Mapping):
            tensors = {name: value for name, value in mapping.items() if isinstance(name, str) and is_tensor(value)}
            if tensors and len(tensors) == len(mapping):
                return plain_names(tensors)
    return None


def plain_names(tensors: dict[str, Any]) -> dict[str, Any]:
    """Without the `module.` that training on several processors puts before every name."""
    if all(name.startswith("module.") for name in tensors):
        return {name.removeprefix("module."): value for name, value in tensors.items()}
    return tensors


class _Shape:
    """Stands for a tensor."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape


class _Inert:
    """Stands for what is of no interest: storages, types, devices, the options of a training."""

    def __init__(self, *_arguments: Any) -> None:
        pass


class _Refused(pickle.UnpicklingError):
    """The pickle asks for something that is more than data."""


def _rebuilt(_storage: Any, _offset: Any, shape: Any, *_rest: Any) -> _Shape:
    return _Shape(tuple(int(side) for side in shape))


def _parameter(data: Any, *_rest: Any) -> Any:
    return data


# A pickle can call only what `find_class` gives it: these, which do nothing.
_ALLOWED: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "Counter"): Counter,
    ("torch._utils", "_rebuild_tensor"): _rebuilt,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "device"): _Inert,
    ("torch", "Size"): tuple,
    # torchvision's training keeps its options beside the weights.
    ("argparse", "Namespace"): _Inert,
}
_TYPES = frozenset(
    ("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "bool"),
)


class _ShapeReader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if module in ("torch", "torch.storage") and (name.endswith("Storage") or name in _TYPES):
            return _Inert
        raise _Refused(f"{module}.{name}")

    def persistent_load(self, _pid: Any) -> Any:
        return _Inert()


def _read_pickle(path: Path) -> Any:
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                return _legacy(path, file)
            with zipfile.ZipFile(file) as archive:
                entry = next((one for one in archive.infolist() if one.filename.endswith("/data.pkl")), None)
                if entry is None or entry.file_size > MOST_PICKLED_BYTES:
                    raise WeightsError(f"{path} is no weights file of torch's; give one that torch.save wrote.")
                with archive.open(entry) as inside:
                    return _ShapeReader(inside).load()
    except _Refused as refused:
        raise WeightsError(
            f"{path} is not opened, because it wants to run code ({refused}) instead of only holding tensors; save it "
            "anew with torch.save(model.state_dict(), ...)."
        ) from refused
    except WeightsError:
        raise
    except Exception as error:
        # What a damaged pickle raises may be anything.
        raise WeightsError(f"{path} is damaged or no weights file ({error!r}); get the file again.") from error


def _legacy(path: Path, file: IO[bytes]) -> Any:
    file.seek(0)
    if _ShapeReader(file).load() != LEGACY_MAGIC:
        raise WeightsError(f"{path} is no weights file of torch's; give one that torch.save wrote.")
    _ShapeReader(file).load()  # the version
    _ShapeReader(file).load()  # the machine it was written on
    return _ShapeReader(file).load()
