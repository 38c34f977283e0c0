"""Fills in the last column of pareto_nbd_pmf.csv: P(n purchases in the horizon) by 40-digit quadrature over the time of death.

Straight from the story: given that the customer is alive at the age, the rates of purchases and of death have gamma distributions with
shapes r + x and s and rates alpha + T and beta + T; death may have come before the age, or comes within the horizon, or later.

    python pareto_nbd_pmf.py
"""

import csv
import pathlib

from mpmath import factorial, linspace, mp, mpf, nstr, quad, rf

mp.dps = 40
TABLE = pathlib.Path(__file__).with_suffix(".csv")


def probability(row):
    r, alpha, s, beta, tx, age, t = (
        mpf(row[name]) for name in ("r", "alpha", "s", "beta", "recency", "age", "horizon")
    )
    x, n = int(row["frequency"]), int(row["n"])
    shape, rate, death_rate = r + x, alpha + age, beta + age

    def count(u):
        return rf(shape, n) / factorial(n) * (rate / (rate + u)) ** shape * (u / (rate + u)) ** n

    def death(u):
        return s / death_rate * (death_rate / (death_rate + u)) ** (s + 1)

    within = quad(lambda u: count(u) * death(u), linspace(0, t, 25))
    beyond = count(t) * (death_rate / (death_rate + t)) ** s
    earlier = mpf(0)
    if age > tx:
        density = lambda at: ((alpha + age) / (alpha + at)) ** shape * ((beta + age) / (beta + at)) ** s / (beta + at)
        earlier = s * quad(density, linspace(tx, age, 25))
    alive = 1 / (1 + earlier)
    return alive * (within + beyond) + (1 - alive if n == 0 else 0)


def main():
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["probability"] = nstr(probability(row), 16)
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
