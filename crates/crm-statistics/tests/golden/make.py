"""Writes the reference tables of tests/golden.rs by other routes than the library's.

* proportion.csv: mpmath, 30 digits. The score limits are roots found by bisection, the others
  follow their definition.
* quantile.csv: numpy.quantile, all nine methods.
* rank.csv: scipy.stats.rankdata.

Run: python make.py (needs numpy, scipy, mpmath).
"""

import csv
import pathlib
import random

import numpy
from mpmath import erfinv, mp, mpf, sqrt
from scipy.stats import rankdata

HERE = pathlib.Path(__file__).parent
mp.dps = 30


def score(k, n, z, half):
    """Limits where |p - t| - half = z sqrt(t (1 - t) / n), by bisection outwards from p."""
    p = mpf(k) / n

    def gap(t, sign):
        return sign * (p - t) - half - z * sqrt(t * (1 - t) / n)

    def solve(sign, end):
        low, high = end, p - sign * half
        if gap(end, sign) <= 0:
            return end
        for _ in range(200):
            middle = (low + high) / 2
            if gap(middle, sign) > 0:
                low = middle
            else:
                high = middle
        return low

    return (mpf(0) if k == 0 else solve(1, mpf(0)), mpf(1) if k == n else solve(-1, mpf(1)))


def limits(method, k, n, level):
    z = sqrt(2) * erfinv(mpf(level))
    p = mpf(k) / n
    if method == "Wald":
        half = z * sqrt(p * (1 - p) / n)
        low, high = p - half, p + half
    elif method == "Wilson":
        low, high = score(k, n, z, mpf(0))
    elif method == "WilsonCorrected":
        low, high = score(k, n, z, mpf(1) / (2 * n))
    else:
        total = n + z**2
        centre = (k + z**2 / 2) / total
        half = z * sqrt(centre * (1 - centre) / total)
        low, high = centre - half, centre + half
    return max(low, mpf(0)), min(high, mpf(1))


def proportions():
    small = [(0, 1), (1, 1), (0, 7), (7, 7), (1, 29), (15, 148), (81, 263), (500, 1000), (999, 1000)]
    cases = small + [(3, 10000), (12345, 100000), (7, 10**12)]
    for k, n in cases:
        for level in (0.5, 0.9, 0.95, 0.999):
            for method in ("Wald", "Wilson", "WilsonCorrected", "AgrestiCoull"):
                low, high = limits(method, k, n, level)
                yield k, n, level, method, mp.nstr(low, 17), mp.nstr(high, 17)


METHODS = {
    "InvertedCdf": "inverted_cdf",
    "AveragedInvertedCdf": "averaged_inverted_cdf",
    "ClosestObservation": "closest_observation",
    "InterpolatedInvertedCdf": "interpolated_inverted_cdf",
    "Hazen": "hazen",
    "Weibull": "weibull",
    "Linear": "linear",
    "MedianUnbiased": "median_unbiased",
    "NormalUnbiased": "normal_unbiased",
}


def samples():
    draw = random.Random(20261120)
    for size in (1, 2, 3, 10, 37):
        yield [round(draw.lognormvariate(3, 1), 2) for _ in range(size)]
    yield [float(draw.randrange(5)) for _ in range(24)]


def quantiles():
    for values in samples():
        for p in (0.0, 0.05, 0.1371, 0.25, 0.5, 0.7529, 0.9, 0.99, 1.0):
            for name, numpy_name in METHODS.items():
                yield " ".join(map(str, values)), p, name, repr(float(numpy.quantile(values, p, method=numpy_name)))


def ranks():
    for values in samples():
        for name in ("average", "min", "max", "dense", "ordinal"):
            for direction, sign in (("ascending", 1), ("descending", -1)):
                found = rankdata([sign * v for v in values], method=name)
                yield " ".join(map(str, values)), name, direction, " ".join(str(float(r)) for r in found)


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


write("proportion.csv", ["successes", "trials", "level", "method", "lower", "upper"], proportions())
write("quantile.csv", ["values", "p", "method", "quantile"], quantiles())
write("rank.csv", ["values", "ties", "direction", "ranks"], ranks())
