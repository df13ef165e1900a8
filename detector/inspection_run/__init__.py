"""Looking inside a network over a whole source: the pictures and arrays that the command `inspect` writes."""
