"""Log-likelihood and P(alive) of the GGompertz/NBD for the cases of ggompertz_nbd.csv, from the story of one customer: the density of death
times and the probability of silence, integrated over the time since the last purchase in many pieces, with 25 digits.

    python ggompertz_nbd.py < ggompertz_nbd.csv > new.csv

It keeps the parameters and histories of the table and computes the answers anew.
"""

import csv
import sys

import mpmath as mp

mp.mp.dps = 25


def pieces(length):
    """Short near 0, where the risk of a purchase is seen first, and even after that."""
    even = [length * i / 48 for i in range(1, 49)]
    short = [length * mp.mpf(2) ** -i for i in range(6, 24)]
    return [mp.mpf(0)] + sorted(even + short)


def answers(r, alpha, s, beta, b, x, recency, age):
    shape, rate, silence = r + x, alpha + recency, age - recency
    # Whoever is alive at the last purchase has a life of the same kind ahead.
    aged = 1 + (beta - 1) * mp.e ** (-b * recency)

    def death(u):
        grown = mp.expm1(b * u) / aged
        return s * b / aged * mp.e ** (b * u) * (1 + grown) ** (-s - 1) * (1 + u / rate) ** -shape

    died = mp.quad(death, pieces(silence), method="gauss-legendre", maxdegree=4) if silence > 0 else mp.mpf(0)
    neither = (1 + mp.expm1(b * silence) / aged) ** -s * (1 + silence / rate) ** -shape
    alive_then = -s * mp.log(1 + mp.expm1(b * recency) / beta)
    density = mp.loggamma(shape) - mp.loggamma(r) + r * mp.log(alpha) - shape * mp.log(rate)
    return density + alive_then + mp.log(died + neither), neither / (died + neither)


rows = csv.DictReader(sys.stdin)
writer = csv.DictWriter(sys.stdout, rows.fieldnames, lineterminator="\n")
writer.writeheader()
for row in rows:
    theta = [mp.mpf(row[name]) for name in ("r", "alpha", "s", "beta", "b")]
    ln, alive = answers(*theta, int(row["frequency"]), mp.mpf(row["recency"]), mp.mpf(row["age"]))
    row["log_likelihood"], row["p_alive"] = mp.nstr(ln, 17), mp.nstr(alive, 17)
    writer.writerow(row)
