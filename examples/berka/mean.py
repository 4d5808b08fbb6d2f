#!/usr/bin/env python3
"""Means over several studies, one JSON object a line on stdin, as `assay --json credit propagation`
prints them: with the smallest and the largest, and in how many studies the figure is defined."""

import json
import sys

PPB_OF_PERCENT = 10_000_000


def figure(study, path):
    for key in path:
        study = study[key] if study is not None else None
    return study


def line(name, studies, path, decimals):
    found = [value for value in (figure(study, path) for study in studies) if value is not None]
    if not found:
        return f"{name:50} defined in none of {len(studies)}"
    if path[-1].endswith("_ppb"):
        found = [value / PPB_OF_PERCENT for value in found]
    mean, low, high = (f"{value:.{decimals}f}"
                       for value in (sum(found) / len(found), min(found), max(found)))
    of = "" if len(found) == len(studies) else f", defined in {len(found)} of {len(studies)}"
    return f"{name:50} {mean:>7}  ({low} to {high}{of})"


def main():
    studies = [json.loads(text) for text in sys.stdin if text.strip()]
    if not studies:
        sys.exit("mean.py: no study on stdin")
    print(f"means over {len(studies)} studies (smallest to largest)")
    show = [("loans of borrowers without a report", ("distances", 0, "without_own", "loans"), 1),
            ("  bad", ("distances", 0, "without_own", "bad_count"), 1)]
    for at, distance in enumerate(studies[0]["distances"]):
        to = f"to distance {distance['max_distance']}"
        show += [(f"scored by relations {to}", ("distances", at, "lent", "loans"), 1),
                 ("  bad", ("distances", at, "lent", "bad_count"), 1),
                 ("  mean score", ("distances", at, "lent", "mean_score"), 1),
                 ("  percent of all loans scored then",
                  ("distances", at, "scored_share_ppb"), 2),
                 ("  AUC among them", ("distances", at, "lent", "auc", "value"), 3)]
    show += [("score of the fallback", ("fallback_score",), 1),
             ("AUC, own reports (seen in training)", ("own", "auc", "value"), 3),
             ("AUC, withheld reports (not seen)", ("withheld", "auc", "value"), 3)]
    for of, key in (("loans without a report", "without_own"), ("all loans", "all")):
        show.append((f"AUC, {of}: fallback", ("distances", 0, key, "auc_fallback", "value"), 3))
        for at, distance in enumerate(studies[0]["distances"]):
            to = f"to distance {distance['max_distance']}"
            show += [(f"AUC, {of}: lent {to}", ("distances", at, key, "auc_lent", "value"), 3),
                     ("  above the fallback", ("distances", at, key, "gain", "value"), 3)]
            if key == "without_own":
                show.append(("  by having a relation only",
                             ("distances", at, "auc_related", "value"), 3))
    last = len(studies[0]["distances"]) - 1
    likeness = ("distances", last, "likeness")
    show += [("lent less withheld, points of the score", (*likeness, "mean_difference"), 1),
             ("  apart", (*likeness, "mean_absolute_difference"), 1),
             ("  share in the same level", (*likeness, "same_level_share"), 2)]
    for name, path, decimals in show:
        print(line(name, studies, path, decimals))


if __name__ == "__main__":
    main()
