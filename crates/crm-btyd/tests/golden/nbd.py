"""Makes nbd.csv: the NBD by 40-digit quadrature over one customer's purchase rate, from the story alone.

    python nbd.py
"""

import csv
import pathlib

from mpmath import exp, factorial, gamma, linspace, log, mp, mpf, nstr, quad

mp.dps = 40
CASES = [
    # r, alpha, frequency, recency, age, horizon, n
    (0.3848, 12.072, 0, 0, 38.86, 39, 0),
    (0.3848, 12.072, 2, 30.43, 38.86, 39, 1),
    (0.3848, 12.072, 29, 38, 39, 52, 20),
    (0.05, 0.3, 1, 0.5, 10, 4, 2),
    (7.5, 2, 3, 9, 9, 100, 60),
    (1, 1, 0, 0, 0, 1, 5),
    (2.5, 40, 120, 300, 365, 30, 12),
    (0.9, 300, 5, 1, 2, 1000, 1),
]


def main():
    rows = []
    for case in CASES:
        r, alpha, x, recency, age, horizon, n = map(mpf, map(str, case))

        def likelihood(rate):
            return rate**x * exp(-rate * age) * alpha**r * rate ** (r - 1) * exp(-alpha * rate) / gamma(r)

        middle = log((r + x) / (alpha + age))
        # rate = e^w takes the pole of a small r away.
        points = [middle - 4000 / min(r, 1), middle - 60, middle - 20] + linspace(middle - 6, middle + 6, 121)

        def over(f):
            return quad(lambda w: f(exp(w)) * exp(w), points)

        whole = over(likelihood)
        expected = over(lambda rate: likelihood(rate) * rate) * horizon / whole
        count = over(lambda rate: likelihood(rate) * exp(-rate * horizon) * (rate * horizon) ** n) / factorial(n) / whole
        rows.append([*case, *(nstr(value, 16) for value in (log(whole), expected, count))])
    with pathlib.Path(__file__).with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("r alpha frequency recency age horizon n log_likelihood expected_purchases probability".split())
        writer.writerows(rows)


if __name__ == "__main__":
    main()
