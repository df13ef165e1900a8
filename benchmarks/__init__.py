"""Measurements that a person can repeat; none of them is a test."""
