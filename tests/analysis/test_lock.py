"""A result folder is written into by one at a time."""

import pytest

from detector.analysis.finish import Wanted, write_results
from detector.analysis.folder import ResultFolder
from detector.analysis.journal import Journal
from detector.analysis.lock import locked
from detector.errors import OutputError
from tests.analysis import made


def test_the_second_one_is_refused_until_the_first_is_done(tmp_path):
    folder = ResultFolder(tmp_path / "out")
    with locked(folder), pytest.raises(OutputError, match=r"another run is writing into .*out"), locked(folder):
        pass
    with locked(folder):
        assert folder.lock.exists()


def test_tables_are_not_written_beside_another_run(tmp_path):
    folder = made.write_journal(tmp_path / "out", [made.frame(0), made.frame(1)])
    with locked(folder), pytest.raises(OutputError, match="another run is writing into"):
        write_results(Journal(folder), Wanted())
    assert not folder.csv.exists()
    write_results(Journal(folder), Wanted())
    assert folder.csv.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(OutputError, match="out cannot be written"), locked(ResultFolder(tmp_path / "out")):
        pass
