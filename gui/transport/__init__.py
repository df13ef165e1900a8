"""The parts of the transport bar."""
