"""Where a session begins: the start page, what was opened lately, and the strip that tells that something opens."""
