"""The graders that are compared: one file each.

A grader has a `name`, `start_up()` (one trivial sample), `measure(samples)` and `verdicts(samples)`: whether a sample
passed, by (task, sample). Each is warmed by `warm()`: whatever it keeps between runs is kept from there on.
"""
