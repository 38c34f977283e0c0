"""Writes discounted.csv: discounted purchases over a horizon and for ever, by 30-digit quadrature over the time of each purchase.

Straight from the story: purchase number n after now is made if n - 1 coins have kept the customer, and comes after n k - j stages, where j < k stages
have elapsed in the silence. For a living customer the rate of stages has a gamma distribution (r + k x + j, alpha + T), j has probabilities in
proportion to (r + k x)_j / j! (silence / (alpha + T))^j, and each purchase counts exp(-discount time).

    python discounted.py
"""

import csv
import itertools
import pathlib

from mpmath import beta, exp, factorial, inf, linspace, log, mp, mpf, nstr, quad, rf

mp.dps = 30
TABLE = pathlib.Path(__file__).with_suffix(".csv")
FIELDS = "tossed k r alpha a b frequency recency age horizon discount_rate discounted dert".split()

# r, alpha, a, b, x, recency, age; then horizons and discounts, from mild to a wait of thousands of discount times.
CUSTOMERS = [
    ("0.5", "10", "0.8", "2.5", 1, "3", "20"),
    ("1.3", "400", "0.7", "3", 0, "0", "30"),
    ("4", "5000", "1.5", "0.4", 6, "90", "120"),
]
TIMES = [("26", "0.02"), ("5", "3"), ("0.4", "60"), ("1000", "1000")]


def alive(tossed, k, r, alpha, a, b, x, recency, age):
    if x == 0 and not tossed:
        return mpf(1)
    shape, rate, silence = r + k * x, alpha + recency, age - recency
    z = silence / (rate + silence)
    silent = sum(rf(shape, j) / factorial(j) * z**j for j in range(k)) * (rate / (rate + silence)) ** shape
    return 1 / (1 + a / (b + x - 1) / silent)


def purchases(k, shape, rate, silence, a, b, end, discount):
    z = silence / rate
    weights = [rf(shape, j) / factorial(j) * z**j for j in range(k)]
    total = mpf(0)
    for n in itertools.count(1):
        part = mpf(0)
        kept = rf(b, n - 1) / rf(a + b, n - 1)
        for j, weight in enumerate(weights):
            m, of = n * k - j, shape + j

            def density(v):
                # v = ln t
                t = exp(v)
                return (t / (rate + t)) ** m * (rate / (rate + t)) ** of / beta(m, of) * exp(-discount * t)

            to = log(end) if end < inf else log(200 / discount)
            # The integrand has one peak, near its m-th part of a discount time or of a wait; below e^-40 of that hardly anything is left.
            peak = min(log(m / (discount + of / rate)), to)
            part += weight * quad(density, linspace(peak - 60 / mpf(m) - 2, peak, 9) + (linspace(peak, to, 9)[1:] if to > peak else []))
        total += kept * part / sum(weights)
        if n > 3 and kept * part < mpf(10) ** -20 * total:
            return total


def main():
    rows = []
    for tossed, k in [(0, 1), (1, 1), (0, 2), (1, 12)]:
        for customer in CUSTOMERS:
            r, alpha, a, b = (mpf(value) for value in customer[:4])
            x, recency, age = customer[4], mpf(customer[5]), mpf(customer[6])
            for horizon, discount in TIMES if alpha > 10 else TIMES[1:]:
                known = (k, r + k * x, alpha + age, age - recency, a, b + tossed + x)
                # In the MBG the first coin has been survived by whoever is alive.
                p = alive(tossed, k, r, alpha, a, b + tossed, x, recency, age)
                within = p * purchases(*known, mpf(horizon), mpf(discount))
                ever = p * purchases(*known, inf, mpf(discount)) if mpf(discount) > 1 else None
                values = [tossed, k, *customer, horizon, discount, nstr(within, 17), "" if ever is None else nstr(ever, 17)]
                rows.append(dict(zip(FIELDS, values)))
                print(values, flush=True)
    with TABLE.open("w", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


main()
