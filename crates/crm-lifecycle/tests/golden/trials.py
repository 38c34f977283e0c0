"""Writes trials.csv: tests of promotions and funnels from their definitions.

Student's distribution by integrating its density (mpmath), binomials in exact fractions, sample sizes as the least n whose
power, computed from the normal distribution (rates) or the noncentral t (means, scipy), is enough. Run: python trials.py
"""

import csv
import pathlib
import random
from fractions import Fraction as F
from math import comb

import mpmath as mp
from scipy import stats

mp.mp.dps = 30
HERE = pathlib.Path(__file__).parent
ROWS = []


def row(kind, inputs, *outputs):
    text = [str(x) if isinstance(x, int) else mp.nstr(mp.mpf(x), 17) for x in outputs]
    ROWS.append([kind, " ".join(str(x) for x in inputs), " ".join(text)])


def t_density(x, v):
    return mp.gamma((v + 1) / 2) / (mp.sqrt(v * mp.pi) * mp.gamma(v / 2)) * mp.power(1 + x * x / v, -(v + 1) / 2)


def t_outside(t, v):
    t = abs(t)
    return 1 - 2 * mp.quad(lambda x: t_density(x, v), mp.linspace(0, t, 12)) if t > 0 else mp.mpf(1)


def t_point(level, v):
    low, high = mp.mpf(0), mp.mpf(16)
    while high - low > mp.mpf(10) ** -20:
        middle = (low + high) / 2
        low, high = (middle, high) if t_outside(middle, v) > 1 - level else (low, middle)
    return low


def welch(rng, n1, n2):
    a = [F(rng.randrange(0, 20_000), 100) for _ in range(n1)]
    b = [F(rng.randrange(0, 15_000), 100) for _ in range(n2)]
    mean = lambda x: sum(x) / len(x)
    var = lambda x: sum((y - mean(x)) ** 2 for y in x) / (len(x) - 1) / len(x)
    v1, v2 = var(a), var(b)
    freedom = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    v = mp.mpf(freedom.numerator) / freedom.denominator
    error = mp.sqrt(mp.mpf((v1 + v2).numerator) / (v1 + v2).denominator)
    d = mean(a) - mean(b)
    d = mp.mpf(d.numerator) / d.denominator
    half = t_point(mp.mpf("0.95"), v) * error
    cents = lambda x: [int(y * 100) for y in x]
    row("welch", [n1, *cents(a), *cents(b)], d * 100, (d - half) * 100, (d + half) * 100, t_outside(d / error, v))


def two_rates(x1, n1, x2, n2):
    p = mp.mpf(x1 + x2) / (n1 + n2)
    z = (mp.mpf(x1) / n1 - mp.mpf(x2) / n2) / mp.sqrt(p * (1 - p) * (mp.mpf(1) / n1 + mp.mpf(1) / n2))
    row("rates", [x1, n1, x2, n2], mp.erfc(abs(z) / mp.sqrt(2)))


def surely(first, last, deals, certainty):
    p = F(last, first)
    n = deals
    while True:
        fewer = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(deals))
        if 1 - fewer >= F(certainty):
            return n
        n += 1


def size_of_rates(p1, p2, level, power):
    z = stats.norm.isf((1 - level) / 2)
    pooled = (p1 + p2) / 2
    n = 1
    while True:
        reach = abs(p1 - p2) * n**0.5 - z * (2 * pooled * (1 - pooled)) ** 0.5
        if stats.norm.cdf(reach / (p1 * (1 - p1) + p2 * (1 - p2)) ** 0.5) >= power:
            return n
        n += 1


def size_of_means(sd, difference, level, power):
    n = 2
    while True:
        freedom = 2 * n - 2
        point = stats.t.isf((1 - level) / 2, freedom)
        shift = difference / sd * (n / 2) ** 0.5
        if stats.nct.sf(point, freedom, shift) + stats.nct.cdf(-point, freedom, shift) >= power:
            return n
        n += 1


def main():
    rng = random.Random(6)
    for n1, n2 in [(3, 3), (2, 9), (12, 7), (40, 25), (5, 60)]:
        welch(rng, n1, n2)
    for case in [(56, 70, 48, 80), (260, 2000, 200, 2000), (9, 10, 3, 10), (5, 56, 0, 29), (1, 1000, 2, 900)]:
        two_rates(*case)
    for case in [(100, 5, 1, "0.95"), (100, 5, 3, "0.9"), (20, 5, 2, "0.5"), (7, 3, 10, "0.99"), (1000, 1, 1, "0.8")]:
        row("surely", case, surely(*case))
    for case in [(0.5, 0.6, 0.95, 0.8), (0.1, 0.13, 0.95, 0.8), (0.02, 0.03, 0.99, 0.9), (0.3, 0.2, 0.9, 0.5)]:
        row("size_of_rates", case, size_of_rates(*case))
    for case in [(10, 5, 0.95, 0.8), (1, 0.2, 0.95, 0.9), (30, 25, 0.99, 0.8), (100, 10, 0.9, 0.95)]:
        row("size_of_means", case, size_of_means(*case))
    with open(HERE / "trials.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["kind", "inputs", "outputs"])
        out.writerows(ROWS)


main()
