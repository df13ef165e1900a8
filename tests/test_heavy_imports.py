"""Large libraries are imported without waking the collector of garbage."""

import gc
import sys

import pytest

from detector.heavy_imports import import_heavy


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A module that makes enough objects to wake the collector many times, and counts its rounds."""
    name = f"library_of_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(
        "import gc\n"
        "rounds = []\n"
        "hear = lambda phase, about: rounds.append(phase)\n"
        "gc.callbacks.append(hear)\n"
        "things = [[n] for n in range(50_000)]\n"
        "gc.callbacks.remove(hear)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)
    gc.unfreeze()


def test_the_collector_sleeps_meanwhile_and_leaves_it_alone(library):
    import_heavy(library)
    assert sys.modules[library].rounds == []
    assert gc.isenabled()
    frozen = gc.get_freeze_count()
    assert frozen > 50_000
    import_heavy(library)
    assert gc.get_freeze_count() <= frozen


def test_imported_as_usual_it_would_wake(library):
    __import__(library)
    assert sys.modules[library].rounds


def test_what_is_missing_is_told_and_the_collector_is_on_again():
    with pytest.raises(ImportError, match="no_such_library"):
        import_heavy("no_such_library")
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
