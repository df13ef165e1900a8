"""Networks in the forms that other programs and engines run."""
