"""Figures of a brand in an NBD-Dirichlet market, as sums over the number of purchases in the category: no Gauss function.

    python nbd_dirichlet.py > nbd_dirichlet.csv
"""

import csv
import random
import sys

import mpmath as mp

mp.mp.dps = 30
random.seed(7)


def figures(m, k, s, share, other, count):
    alpha, beta = s * share, s * other
    z = m / (k + m)
    category = (1 - z) ** k
    # Probabilities that none of n purchases, or all, is of the brand; none of the other; none of either.
    none = all_ = none_other = neither = mp.mpf(1)
    buyers = sole = sole_purchases = of_buyers = both = pmf = mp.mpf(0)
    # P(count of n) grows from (alpha)_count / (s)_count at n = count.
    exactly = mp.rf(alpha, count) / mp.rf(s, count)
    n = 0
    if count == 0:
        pmf += category
    while n < 20 or category * (n + 1) > mp.mpf(10) ** -26:
        category *= (k + n) / (n + 1) * z
        none *= (s - alpha + n) / (s + n)
        all_ *= (alpha + n) / (s + n)
        none_other *= (s - beta + n) / (s + n)
        neither *= (s - alpha - beta + n) / (s + n)
        n += 1
        buyers += category * (1 - none)
        of_buyers += category * n * (1 - none)
        sole += category * all_
        sole_purchases += category * n * all_
        both += category * (1 - none - none_other + neither)
        if n > count:
            exactly *= mp.mpf(n) / (n - count) * (s - alpha + n - 1 - count) / (s + n - 1)
        if n >= count:
            pmf += category * exactly
    return {
        "penetration": buyers,
        "purchases_per_buyer": m * share / buyers,
        "share_of_requirements": m * share / of_buyers,
        "sole_buyers": sole / buyers,
        "purchases_per_sole_buyer": sole_purchases / sole,
        "duplication": both / buyers,
        "probability": pmf,
    }


inputs = ["mean", "exponent", "diversity", "share", "other", "count"]
outputs = list(figures(*map(mp.mpf, [1, 1, 1]), mp.mpf("0.5"), mp.mpf("0.25"), 1))
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow(inputs + outputs)
for row in range(60):
    m = mp.mpf(f"{10 ** random.uniform(-1.5, 1.3):.4g}")
    k = mp.mpf(f"{float(m) / random.uniform(0.2, 25):.4g}")
    s = mp.mpf(f"{10 ** random.uniform(-1, 2):.4g}")
    share, other = mp.mpf(f"{random.uniform(0.01, 0.6):.3f}"), mp.mpf(f"{random.uniform(0.01, 0.39):.3f}")
    count = random.choice([0, 1, 2, 5, 12])
    answer = figures(m, k, s, share, other, count)
    writer.writerow([m, k, s, share, other, count] + [mp.nstr(answer[name], 16) for name in outputs])
