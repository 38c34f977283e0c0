"""Writes the reference tables of tests/golden.rs with pandas, by other routes than the library's.

* customers.csv: a made-up shop of 400 people (fixed seed), with the score, group and class of each.
* wide.csv: amounts of 1 to 28 digits with 0 to 10 decimals and many ties, with the ABC class under both rules, the
  fifth, and the tier (best fifth, lowest half) of each, in Python's fractions.
* public_groups.csv: customers and value of every group of two public data sets (folder $CRM_DATA): aggregates only.

Scores come from ranks instead of cut points: a value with L smaller ones among n is above k of the b - 1 quantiles,
k = floor(b L / n). ABC classes come from running sums over a full sort, in Python's unbounded integers.

Run: CRM_DATA=... python make.py (needs numpy, pandas), or python make.py wide for the second table alone.
"""

import os
import pathlib
import random
import sys
from fractions import Fraction

import numpy as np
import pandas as pd

HERE = pathlib.Path(__file__).parent

USUAL = {
    "Champions": "555, 554, 544, 545, 454, 455, 445",
    "Loyal": "543, 444, 435, 355, 354, 345, 344, 335",
    "Potential Loyalist": "553, 551, 552, 541, 542, 533, 532, 531, 452, 451, 442, 441, 431, 453, 433, 432, 423, 353, "
    "352, 351, 342, 341, 333, 323",
    "New Customers": "512, 511, 422, 421, 412, 411, 311",
    "Promising": "525, 524, 523, 522, 521, 515, 514, 513, 425, 424, 413, 414, 415, 315, 314, 313",
    "Need Attention": "535, 534, 443, 434, 343, 334, 325, 324",
    "About to Sleep": "331, 321, 312, 221, 213, 231, 241, 251",
    "At Risk": "255, 254, 245, 244, 253, 252, 243, 242, 235, 234, 225, 224, 153, 152, 145, 143, 142, 135, 134, 133, "
    "125, 124",
    "Cannot Lose Them": "155, 154, 144, 214, 215, 115, 114, 113",
    "Hibernating": "332, 322, 233, 232, 223, 222, 132, 123, 122, 212, 211",
    "Lost": "111, 112, 121, 131, 141, 151",
}
GROUP = {int(code): name for name, codes in USUAL.items() for code in codes.split(", ")}


def shop_platform(r, f, m):
    history = (f + m) / 2
    if r <= 2:
        for least, name in ((4, "PREVIOUSLY_LOYAL"), (3, "AT_RISK"), (2, "ALMOST_LOST")):
            if history >= least:
                return name
        return "DORMANT"
    if history >= 4:
        return "CHAMPIONS" if r == 5 else "LOYAL"
    if history >= 2.5:
        return "ACTIVE" if r > 3 else "NEEDS_ATTENTION"
    return "NEW" if r == 5 else "PROMISING"


def above(values, bins=5):
    """How many quantiles lie below each value."""
    smaller = values.rank(method="min").astype(int) - 1
    return smaller * bins // len(values)


def rfm(table):
    buyers = table[table.frequency > 0]
    scores = pd.DataFrame(
        {"r": 5 - above(buyers.idle), "f": 1 + above(buyers.frequency), "m": 1 + above(buyers.cents)}
    )
    scores["usual"] = (100 * scores.r + 10 * scores.f + scores.m).map(GROUP)
    scores["shop"] = [shop_platform(*row) for row in scores[["r", "f", "m"]].itertuples(index=False)]
    scores = scores.reindex(table.index)
    scores[["r", "f", "m"]] = scores[["r", "f", "m"]].fillna(0).astype(int)
    return table.join(scores.fillna({"usual": "No Order Yet", "shop": "PROSPECTS"}))


def abc(cents, crossing):
    positive = cents[cents > 0]
    whole = int(positive.sum())
    classes = pd.Series("non-positive", index=cents.index)
    before = 0
    for value, tied in positive.groupby(positive).count().sort_index(ascending=False).items():
        upto = before + int(value) * int(tied)
        within = [(100 * before < t * whole) if crossing == "better" else (100 * upto <= t * whole) for t in (80, 95)]
        classes[cents == value] = "A" if within[0] else "B" if within[1] else "C"
        before = upto
    return classes


def xyz(demand):
    demand = demand.to_numpy(dtype=float)
    mean = demand.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variation = demand.std(axis=1) / mean
    return np.select([mean <= 0, variation <= 0.5, variation <= 1.0], ["no demand", "X", "Y"], "Z")


def made_up_shop():
    draw = random.Random(20261121)
    rows = []
    for number in range(400):
        orders = 0 if draw.random() < 0.1 else min(30, 1 + int(draw.expovariate(0.5)))
        idle = draw.randrange(0, 720, 3) if orders else 0
        periods = [0] * 6
        for _ in range(orders):
            periods[draw.randrange(6)] += draw.choice((999, 1500, 2500, 4000, 12000))
        if draw.random() < 0.3:
            periods = [sum(periods) // 6 + draw.randrange(-3, 4) if orders else 0] * 5 + [sum(periods) // 6 if orders else 0]
        if orders and draw.random() < 0.05:
            periods[5] -= draw.choice((sum(periods), 5000))
        rows.append((number, idle, orders, sum(periods), *periods))
    return pd.DataFrame(rows, columns=["customer", "idle", "frequency", "cents", *(f"p{n}" for n in range(1, 7))])


def classified(table):
    table = rfm(table)
    table["abc_better"] = abc(table.cents, "better")
    table["abc_worse"] = abc(table.cents, "worse")
    return table


def public(path, customer, date, amount, end):
    orders = pd.read_csv(path, dtype={amount: str}, parse_dates=[date])
    whole, _, part = zip(*(text.partition(".") for text in orders[amount]))
    orders["cents"] = [int(w) * 100 + int((p + "00")[:2]) for w, p in zip(whole, part)]
    table = orders.groupby(customer).agg(last=(date, "max"), frequency=(date, "nunique"), cents=("cents", "sum"))
    table["idle"] = (pd.Timestamp(end) - table["last"]).dt.days
    return classified(table.reset_index())


def aggregates():
    folder = pathlib.Path(os.environ["CRM_DATA"])
    sets = {
        "cdnow": public(folder / "cdnow_sample.csv", "customer_id", "date", "spend_usd", "1998-06-30"),
        "rfm_example": public(folder / "rfm_orders_example.csv", "customer_id", "order_date", "revenue", "2006-12-31"),
    }
    for name, table in sets.items():
        for scheme in ("usual", "shop", "abc_better", "abc_worse"):
            found = table.groupby(scheme).agg(
                customers=("cents", "size"), cents=("cents", "sum"), idle=("idle", "sum"), orders=("frequency", "sum")
            )
            for group, row in found.iterrows():
                yield name, scheme, group, *row


def wide_amounts():
    """Texts: most digits at the ends of what a decimal holds, some losses, some zeros, and ties written differently."""
    draw = random.Random(20261130)
    texts = []
    for _ in range(240):
        digits, places = draw.randint(1, 28) if draw.random() < 0.4 else draw.randint(27, 28), draw.randint(0, 10)
        places = min(places, 28 - 1, 28 - digits if digits > 18 else places)
        number = str(draw.randrange(10 ** (digits - 1), 10**digits)).rjust(places + 1, "0")
        text = number[:-places] + "." + number[-places:] if places else number
        texts.append(("-" if draw.random() < 0.1 else "") + text)
    texts += ["0", "0.00", "79228162514264337593543950335", "-79228162514264337593543950335", "0.0000000001"]
    for text in draw.sample(texts[:240], 30):
        texts.append(text if "." not in text or len(text) > 27 else text + "0")
    draw.shuffle(texts)
    return texts


def wide():
    texts = wide_amounts()
    values = [Fraction(text) for text in texts]
    n = len(values)
    whole = sum(value for value in values if value > 0)
    ranked = sorted(values)

    def abc_of(value, better):
        if value <= 0:
            return "non-positive"
        before = sum(other for other in values if other > value)
        upto = sum(other for other in values if other >= value and other > 0)
        within = [(100 * before < t * whole) if better else (100 * upto <= t * whole) for t in (80, 95)]
        return "A" if within[0] else "B" if within[1] else "C"

    high, low = ranked[n - -(-n // 5)], ranked[-(-n // 2) - 1]
    with open(HERE / "wide.csv", "w") as out:
        out.write("amount,abc_better,abc_worse,fifth,tier\n")
        for text, value in zip(texts, values):
            fifth = 1 + 5 * sum(other < value for other in values) // n
            tier = "high" if value >= high else "low" if value <= low else "middle"
            out.write(f"{text},{abc_of(value, True)},{abc_of(value, False)},{fifth},{tier}\n")


if __name__ == "__main__":
    wide()
    if sys.argv[1:] == ["wide"]:
        sys.exit()
    shop = classified(made_up_shop())
    shop["xyz"] = xyz(shop[[f"p{n}" for n in range(1, 7)]])
    shop.to_csv(HERE / "customers.csv", index=False, lineterminator="\n")
    pd.DataFrame(aggregates(), columns=["data", "scheme", "group", "customers", "cents", "idle", "orders"]).to_csv(
        HERE / "public_groups.csv", index=False, lineterminator="\n"
    )
