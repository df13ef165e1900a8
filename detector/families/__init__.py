"""One file per kind of model: how its input is prepared and its output becomes candidates."""
