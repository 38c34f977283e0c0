"""Writes every_customer.csv: the cell, both groups and the ABC class of every customer of the sample shop and of CDNOW.

The order files are read with pandas, grouped and classified by the routes of make.py, which share nothing with the
library. The table holds one digest a data set (64-bit FNV-1a over lines `id,cell,usual,shop,abc`, sorted by id), so that
one customer in another place shows; `--list` prints the lines.

Run: CRM_DATA=... python every_customer.py (needs numpy, pandas).
"""

import pathlib
import sys

import pandas as pd

import make

EXAMPLES = make.HERE.parents[3] / "examples" / "data"


def cents(text):
    """Exact: the text times 100, in integers; None where it is no amount."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, part = digits.partition(".")
    if not whole.isdigit() or (part and not part.isdigit()):
        return None
    return sign * (int(whole) * 100 + int((part + "00")[:2]))


def customers(path, customer, date, amount, end, roster=None):
    lines = pd.read_csv(path, dtype=str, on_bad_lines="skip")
    lines["day"] = pd.to_datetime(lines[date], format="%Y-%m-%d", errors="coerce")
    lines["cents"] = [cents(text) if isinstance(text, str) else None for text in lines[amount]]
    lines = lines.dropna(subset=[customer, "day", "cents"])
    lines["cents"] = lines.cents.astype("int64")
    # A refund is no purchase; it takes from the spend.
    orders = lines[lines.cents >= 0].groupby(customer).day.agg(["max", "nunique"])
    table = lines.groupby(customer).cents.sum().to_frame().join(orders)
    if roster is not None:
        people = pd.read_csv(roster, dtype=str).customer_id
        table = table.reindex(table.index.union(people))
    table["frequency"] = table["nunique"].fillna(0).astype(int)
    table["cents"] = table.cents.where(table.frequency > 0, 0).astype("int64")
    table["idle"] = (pd.Timestamp(end) - table["max"]).dt.days.fillna(0).astype(int)
    return make.classified(table.reset_index(names="id"))


def lines_of(table):
    cells = [f"{r}{f}{m}" if r else "" for r, f, m in table[["r", "f", "m"]].itertuples(index=False)]
    rows = zip(table.id, cells, table.usual, table.shop, table.abc_better)
    return sorted((",".join(row) for row in rows), key=str.encode)


def digest(lines):
    state = 0xCBF29CE484222325
    for byte in "".join(line + "\n" for line in lines).encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    return f"{state:016x}"


if __name__ == "__main__":
    data = pathlib.Path(make.os.environ["CRM_DATA"])
    sets = {
        "shop": customers(
            EXAMPLES / "orders.csv", "customer_id", "order_date", "amount", "2025-12-31", EXAMPLES / "roster.csv"
        ),
        "cdnow": customers(data / "cdnow_master.csv.gz", "customer_id", "date", "spend_usd", "1998-06-30"),
    }
    with open(make.HERE / "every_customer.csv", "w") as out:
        out.write("data,customers,digest\n")
        for name, table in sets.items():
            lines = lines_of(table)
            if "--list" in sys.argv:
                print(*lines, sep="\n")
            out.write(f"{name},{len(lines)},{digest(lines)}\n")
