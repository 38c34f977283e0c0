"""Writes survival.csv: survival estimates from their definitions, in exact fractions.

Every sum runs over the customers themselves; nothing is grouped or walked through as in the
library. Standard errors are roots of exact variances. Run: python survival.py
"""

import csv
import pathlib
import random
from decimal import Decimal, getcontext
from fractions import Fraction as F

getcontext().prec = 40
HERE = pathlib.Path(__file__).parent


def root(x):
    return (Decimal(x.numerator) / Decimal(x.denominator)).sqrt()


class Customers:
    """Entry, exit, cause (0: still here), group of everybody."""

    def __init__(self, rows):
        self.rows = rows
        self.losses = sorted({t for _, t, c, _ in rows if c})

    def n(self, t, group=None):
        return sum(e < t <= x and group in (None, g) for e, x, _, g in self.rows)

    def d(self, t, cause=None, group=None):
        return sum(x == t and c > 0 and cause in (None, c) and group in (None, g) for _, x, c, g in self.rows)

    def survival(self, t):
        product = F(1)
        for u in self.losses:
            if u <= t:
                product *= 1 - F(self.d(u), self.n(u))
        return product

    def greenwood(self, t):
        parts = [(self.d(u), self.n(u)) for u in self.losses if u <= t]
        return sum(F(d, n * (n - d)) for d, n in parts if n > d)

    def hazard(self, t):
        return sum(F(self.d(u), self.n(u)) for u in self.losses if u <= t)

    def hazard_variance(self, t):
        return sum(F(self.d(u), self.n(u) ** 2) for u in self.losses if u <= t)

    def area(self, start, end):
        cuts = [start] + [u for u in self.losses if start < u < end] + [end]
        return sum(self.survival(a) * (b - a) for a, b in zip(cuts, cuts[1:]))

    def area_variance(self, end):
        parts = [(u, self.d(u), self.n(u)) for u in self.losses if u < end]
        return sum(self.area(u, end) ** 2 * F(d, n * (n - d)) for u, d, n in parts if n > d)

    def incidence(self, cause, t):
        before = lambda u: self.survival(max([v for v in self.losses if v < u], default=-1))
        return sum(before(u) * F(self.d(u, cause), self.n(u)) for u in self.losses if u <= t)

    def log_rank(self, groups):
        excess = {g: F(0) for g in groups}
        covariance = {(g, h): F(0) for g in groups for h in groups}
        for u in self.losses:
            n, d = self.n(u), self.d(u)
            for g in groups:
                share = F(self.n(u, g), n)
                excess[g] += self.d(u, group=g) - d * share
                for h in groups:
                    if n > 1:
                        spread = F(d * (n - d), n - 1)
                        covariance[g, h] += spread * share * ((g == h) - F(self.n(u, h), n))
        return quadratic([[covariance[g, h] for h in groups[1:]] for g in groups[1:]], [excess[g] for g in groups[1:]])


def quadratic(matrix, vector):
    """x' V^-1 x by Cramer's rule."""

    def determinant(m):
        if not m:
            return F(1)
        return sum((-1) ** j * m[0][j] * determinant([row[:j] + row[j + 1 :] for row in m[1:]]) for j in range(len(m)))

    whole = determinant(matrix)
    solved = [
        determinant([row[:j] + [x] + row[j + 1 :] for row, x in zip(matrix, vector)]) / whole for j in range(len(vector))
    ]
    return sum(a * b for a, b in zip(solved, vector))


def cases():
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    rows = [(-1, t, int(i < 9), 0) for i, t in enumerate(weeks)] + [(-1, t, 1, 1) for t in placebo]
    yield "freireich", rows
    draw = random.Random(20261122)
    for case in range(6):
        rows = []
        for _ in range(40):
            exit = draw.randrange(1, 25) if case % 2 else F(draw.randrange(1, 400), 16)
            late = case >= 3 and draw.random() < 0.6
            entry = F(draw.randrange(0, 1000), 1000) * exit * F(1, 2) if late else F(0)
            entry = F(int(entry * 1024), 1024)
            rows.append((entry, exit, draw.choice([0, 1, 1, 2]), draw.randrange(3)))
        yield f"random{case}", rows


def answers():
    for name, rows in cases():
        all = Customers(rows)
        groups = sorted({g for *_, g in rows})
        text = lambda column: " ".join(str(float(max(row[column], 0))) for row in rows)
        data = [name, text(0), text(1), " ".join(str(r[2]) for r in rows), " ".join(str(r[3]) for r in rows)]
        out = []
        last = max(x for _, x, _, _ in rows)
        for t in [F(last * k, 8) for k in range(1, 9)]:
            s = all.survival(t)
            out.append(("survival", t, s))
            out.append(("survival_error", t, s * F(root(all.greenwood(t)))))
            out.append(("hazard", t, all.hazard(t)))
            out.append(("hazard_error", t, F(root(all.hazard_variance(t)))))
            out.append(("incidence1", t, all.incidence(1, t)))
            out.append(("incidence2", t, all.incidence(2, t)))
            out.append(("area", t, all.area(F(0), t)))
            out.append(("area_error", t, F(root(all.area_variance(t)))))
        out.append(("log_rank", F(0), all.log_rank(groups)))
        for quantity, t, value in out:
            yield data + [quantity, float(t), repr(float(value))]


with open(HERE / "survival.csv", "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["case", "entries", "times", "causes", "groups", "quantity", "time", "value"])
    table.writerows(answers())
