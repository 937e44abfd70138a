"""What `make bench` says of a goal."""

from __future__ import annotations

from benchmarks import report


def test_a_ratio_above_its_goal_is_missed() -> None:
    line = report.at_most("page", "1021 us", "1000 us", 1.021, 1.02)
    assert not line.passed
    assert str(line).endswith("MISSED")


def test_a_ratio_at_its_goal_is_met() -> None:
    assert report.at_most("page", "1020 us", "1000 us", 1.02, 1.02).passed


def test_a_miss_with_a_measured_reason_is_told_and_fails_nothing() -> None:
    line = report.at_most("check", "2 s", "1 s", 2.0, 1.05, reason="loading takes 1 s")
    assert line.passed
    assert str(line).endswith("missed: loading takes 1 s")


def test_a_count_must_be_exact() -> None:
    assert [report.counted("calls", found, "-", 1).passed for found in (0, 1, 2)] == [False, True, False]


def test_a_count_may_stay_below_its_bound() -> None:
    assert [report.no_more("connections", found, "-", 64).passed for found in (63, 64, 65)] == [True, True, False]
