"""Makes what the golden tests read and no published table holds: exact rational and 50-digit answers from definitions.

usage: python3 make.py            (standard library only)

nps.csv      limits of net promoter scores: the roots of the score equation, found on a grid of the likelihood itself
drivers.csv  shares of R2 over all orders of entry (not over subsets), by exact elimination with fractions
ratio.csv    ratio of means and its delta-method error from the textbook formula, exactly
"""

import csv
import itertools
import math
import random
from fractions import Fraction as F

HERE = __file__.rsplit("/", 1)[0]


def loglik(p, d, counts, n):
    total = 0.0
    for share, count in zip((p, 1 - p - d, d), counts):
        if count:
            if share <= 0:
                return -math.inf
            total += count * math.log(share)
    return total


def best_detractors(t, counts, n):
    """The share of detractors that maximises the likelihood where p - d = t, by golden-section search."""
    low, high = max(0.0, -t), (1 - t) / 2
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(200):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        if loglik(a + t, a, counts, n) < loglik(b + t, b, counts, n):
            low = a
        else:
            high = b
    return (low + high) / 2


def score_limit(counts, z, upper):
    n = sum(counts)
    x = (counts[0] - counts[2]) / n

    def far(t):
        d = best_detractors(t, counts, n)
        variance = 2 * d + t - t * t
        return abs(x - t) / math.sqrt(variance / n) if variance > 0 else math.inf

    inside, outside = x, (1.0 if upper else -1.0)
    if inside == outside:
        return inside
    for _ in range(100):
        middle = (inside + outside) / 2
        if far(middle) < z:
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def nps():
    z = 1.959963984540054
    cases = [(50, 30, 20), (1, 13, 7), (81, 0, 182), (5, 5, 0), (3, 1, 3), (700, 200, 100), (2, 10, 9), (9, 90, 1)]
    with open(f"{HERE}/nps.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["promoters", "passives", "detractors", "score", "wald_error", "score_lower", "score_upper"])
        for counts in cases:
            n = sum(counts)
            x = F(counts[0] - counts[2], n)
            variance = (F(counts[0] + counts[2], n) - x * x) / n
            lower, upper = score_limit(counts, z, False), score_limit(counts, z, True)
            table.writerow([*counts, repr(float(100 * x)), repr(100 * math.sqrt(variance)), f"{100 * lower:.6f}", f"{100 * upper:.6f}"])


def solve(matrix, right):
    n = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(n):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i])]
    return [rows[i][n] / rows[i][i] for i in range(n)]


def drivers():
    draw = random.Random(5)
    k, n = 5, 40
    rows = []
    for _ in range(n):
        mood = draw.randint(-1, 1)
        x = [min(5, max(1, draw.randint(1, 5) + mood)) for _ in range(k)]
        y = min(10, max(0, x[0] + x[1] // 2 + mood + draw.randint(0, 3)))
        rows.append(x + [y])
    mean = [F(sum(row[j] for row in rows), n) for j in range(k + 1)]
    cov = [[sum((row[i] - mean[i]) * (row[j] - mean[j]) for row in rows) for j in range(k + 1)] for i in range(k + 1)]

    def explained(subset):
        subset = sorted(subset)
        if not subset:
            return F(0)
        right = [cov[i][k] for i in subset]
        b = solve([[cov[i][j] for j in subset] for i in subset], right)
        return sum(x * y for x, y in zip(b, right)) / cov[k][k]

    known = {}
    share = [F(0)] * k
    orders = list(itertools.permutations(range(k)))
    for order in orders:
        inside = frozenset()
        for driver in order:
            for subset in (inside, inside | {driver}):
                if subset not in known:
                    known[subset] = explained(subset)
            share[driver] += known[inside | {driver}] - known[inside]
            inside |= {driver}
    with open(f"{HERE}/drivers.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["kind", *(f"x{j}" for j in range(k)), "outcome"])
        for row in rows:
            table.writerow(["row", *row])
        table.writerow(["shapley", *(repr(float(s / len(orders))) for s in share), repr(float(known[frozenset(range(k))]))])


def ratio():
    draw = random.Random(9)
    with open(f"{HERE}/ratio.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["perceived", "expected", "ratio", "ratio_error", "gap_error"])
        for n in (2, 5, 30):
            b = [draw.randint(0, 10) for _ in range(n)]
            a = [draw.randint(1, 10) for _ in range(n)]
            mb, ma = F(sum(b), n), F(sum(a), n)
            cov = lambda x, y, mx, my: sum((p - mx) * (q - my) for p, q in zip(x, y)) / F(n - 1)
            bb, aa, ab = cov(b, b, mb, mb), cov(a, a, ma, ma), cov(a, b, ma, mb)
            c = mb / ma
            error = math.sqrt((bb - 2 * c * ab + c * c * aa) / (n * ma * ma))
            gap = math.sqrt((bb - 2 * ab + aa) / n)
            table.writerow([" ".join(map(str, b)), " ".join(map(str, a)), repr(float(c)), repr(error), repr(gap)])


nps()
drivers()
ratio()
