"""Runs the same work on the same data here and in other packages, checks that the answers agree, and prints the ratios.

    python run.py --bins ../../target/release [--data FOLDER] [--runs 5] [TASK ...]

`peers_data` writes the made-up customers of our benchmarks as columns; `peers_time` does our side. Either side does every
task once to warm up and then `--runs` times; the middle time counts. What a peer is given is what it is fastest with: typed
columns in memory, equal rows collapsed before a fit, the query that we found to be quickest.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import time
import warnings

import duckdb
import numpy as np
import pandas as pd
import polars as pl

TYPES = {"u8": "<u1", "u64": "<u8", "i64": "<i8", "i32": "<i4", "u32": "<u4", "f64": "<f8"}
# r, alpha, a, b: those that the predictions of peers_time are made with.
TRUTH = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
PARETO_TRUTH = {"r": 0.5533, "alpha": 10.5777, "s": 0.6062, "beta": 11.6687}


def columns(folder):
    """The columns of a data set by name."""
    return {path.stem: np.fromfile(path, dtype=TYPES[path.suffix[1:]]) for path in sorted(folder.iterdir())}


# Order columns to one row a customer: first and last day, days with an order, spend, and spend of the first day.


def summary_polars(data):
    orders = pl.DataFrame({name: data[name] for name in ("id", "day", "cents")})
    end = 20_088

    def work():
        return (
            orders.lazy()
            .group_by("id", "day")
            .agg(pl.col("cents").sum())
            .group_by("id")
            .agg(
                first=pl.col("day").min(),
                last=pl.col("day").max(),
                purchases=pl.len(),
                spend=pl.col("cents").sum(),
                first_spend=pl.col("cents").min_by("day"),
            )
            .collect(engine="streaming")
        )

    def answer(made):
        return {
            "customers": made.height,
            "purchases": int(made["purchases"].sum()),
            "recency": int((made["last"] - made["first"]).cast(pl.Int64).sum()),
            "age": int((end - made["first"].cast(pl.Int64)).sum()),
            "spend": int(made["spend"].sum()),
            "first_spend": int(made["first_spend"].sum()),
        }

    return work, answer


def summary_duckdb(data):
    connection = duckdb.connect()
    connection.register("frame", pd.DataFrame({name: data[name] for name in ("id", "day", "cents")}))
    connection.execute("create table orders as select * from frame")
    query = """
        create or replace temp table made as
        select id, min(day) as first, max(day) as last, count(*) as purchases,
               sum(cents)::bigint as spend, arg_min(cents, day)::bigint as first_spend
        from (select id, day, sum(cents)::bigint as cents from orders group by id, day)
        group by id
    """
    total = """
        select count(*) as customers, sum(purchases)::bigint as purchases, sum(last - first)::bigint as recency,
               sum(20088 - first)::bigint as age, sum(spend)::bigint as spend, sum(first_spend)::bigint as first_spend
        from made
    """

    def answer(_):
        return connection.execute(total).df().iloc[0].astype(int).to_dict()

    return lambda: connection.execute(query), answer


# Quintile scores of three columns, the group of every cell, and ABC classes by value.


def rfm_polars(data, rules):
    shop = pl.DataFrame(data)
    groups = pl.Series("group", rules, dtype=pl.Enum(sorted(set(rules) - {None})))
    # The amount at place ceil(n k / 5), as our quintiles are.
    places = [-(-shop.height * k // 5) - 1 for k in range(1, 5)]

    def above(name):
        points = pl.col(name).sort().gather(places)
        return pl.sum_horizontal([(pl.col(name) > points.get(k)).cast(pl.Int32) for k in range(4)])

    def work():
        scored = shop.lazy().select(
            r=4 - above("idle_days"), f=above("frequency"), m=above("monetary"), monetary="monetary"
        )
        scored = scored.collect()
        cell = scored["r"] * 25 + scored["f"] * 5 + scored["m"]
        value = scored["monetary"].sort(descending=True)
        running = value.cum_sum()
        whole = int(running[-1])
        a, b = (value[int((running * 100).search_sorted(share * whole))] for share in (80, 95))
        money = scored["monetary"]
        return groups.gather(cell), 2 - (money >= a).cast(pl.Int8) - (money >= b).cast(pl.Int8)

    def answer(made):
        by_group = made[0].value_counts()
        by_class = made[1].value_counts()
        return {
            "groups": {group: count for group, count in by_group.iter_rows()},
            "classes": {"ABC"[place]: count for place, count in by_class.iter_rows()},
        }

    return work, answer


def rfm_duckdb(data, rules):
    connection = duckdb.connect()
    connection.register("frame", pd.DataFrame(data))
    connection.execute("create table shop as select * from frame")
    names = sorted(set(rules) - {None})
    connection.register(
        "rule_frame", pd.DataFrame({"cell": range(125), "rule": [names.index(rule) for rule in rules]})
    )
    connection.execute("create table rules as select cell::int as cell, rule::tinyint as rule from rule_frame")

    def above(name):
        return " + ".join(f"({name} > {name}_points[{k}])::int" for k in range(1, 5))

    points = ", ".join(
        f"quantile_disc({name}, [0.2, 0.4, 0.6, 0.8]) as {name}_points"
        for name in ("idle_days", "frequency", "monetary")
    )
    # Running sums over distinct amounts: ties share a class, and there are fewer of them than customers.
    query = f"""
        create or replace temp table made as
        with points as (select {points} from shop),
        running as (
            select monetary, sum(monetary * number) over (order by monetary desc) as upto, monetary * number as own
            from (select monetary, count(*) as number from shop group by monetary)
        ),
        whole as (select max(upto) as total from running),
        marks as (
            select min(monetary) filter ((upto - own) * 100 < total * 80) as a,
                   min(monetary) filter ((upto - own) * 100 < total * 95) as b
            from running, whole
        )
        select rule, (2 - (monetary >= a)::tinyint - (monetary >= b)::tinyint)::tinyint as class
        from shop, points, marks
        join rules on cell = (4 - ({above("idle_days")})) * 25 + ({above("frequency")}) * 5 + {above("monetary")}
    """

    def answer(_):
        groups = connection.execute("select rule, count(*) from made group by rule").fetchall()
        classes = connection.execute("select class, count(*) from made group by class").fetchall()
        return {
            "groups": {names[rule]: count for rule, count in groups},
            "classes": {"ABC"[place]: count for place, count in classes},
        }

    return lambda: connection.execute(query), answer


# Who moved between groups from one date to the next, and what they were worth on each side: a full join on ids.


def migration_answer(rows):
    """Of rows (from, to, customers, value before, value after), where nobody's group is None."""
    place = lambda group: "-" if group is None else group
    return {
        f"{place(before)} to {place(after)}": {"customers": customers, "before": was or 0, "after": now or 0}
        for before, after, customers, was, now in rows
    }


def migration_polars(data):
    def frame(date):
        names = ("id", "group", "cents")
        return pl.DataFrame({name if name == "id" else f"{date}_{name}": data[f"{date}_{name}"] for name in names})

    then, now = frame("then"), frame("now")

    def work():
        return (
            then.lazy()
            .join(now.lazy(), on="id", how="full")
            .group_by("then_group", "now_group")
            .agg(pl.len(), pl.col("then_cents").sum(), pl.col("now_cents").sum())
            .collect(engine="streaming")
        )

    return work, lambda made: migration_answer(made.iter_rows())


def migration_duckdb(data):
    connection = duckdb.connect()
    for table, date in (("earlier", "then"), ("later", "now")):
        columns = {name: data[f"{date}_{name}"] for name in ("id", "group", "cents")}
        connection.register("frame", pd.DataFrame(columns))
        connection.execute(f'create table {table} as select id, "group" as place, cents from frame')
        connection.unregister("frame")
    query = """
        create or replace temp table made as
        select earlier.place as before, later.place as after, count(*) as customers,
               sum(earlier.cents)::bigint as was, sum(later.cents)::bigint as cents
        from earlier full join later using (id)
        group by before, after
    """

    def answer(_):
        return migration_answer(connection.execute("select * from made").fetchall())

    return lambda: connection.execute(query), answer


# BG/NBD and Pareto/NBD in `lifetimes`.


def fit_lifetimes(data, name="BetaGeoFitter", collapse_too=False):
    import lifetimes

    frame = pd.DataFrame(data)

    def collapsed():
        return frame.groupby(["frequency", "recency", "age"], sort=False).size().reset_index(name="customers")

    rows = None if collapse_too else collapsed()

    def work():
        distinct = collapsed() if rows is None else rows
        np.random.seed(1)  # the search for a Pareto/NBD begins at random
        fitter = getattr(lifetimes, name)(penalizer_coef=0.0)
        fitter.fit(distinct["frequency"], distinct["recency"], distinct["age"], weights=distinct["customers"])
        return fitter

    return work, lambda fitter: {name: float(value) for name, value in fitter.params_.items()}


def predict_lifetimes(data, predict, name="BetaGeoFitter", truth=TRUTH):
    import lifetimes

    fitter = getattr(lifetimes, name)()
    fitter.params_ = pd.Series(truth)
    known = [data[name].astype(float) for name in ("frequency", "recency", "age")]
    return lambda: predict(fitter, *known), lambda made: {"sum": float(np.sum(np.asarray(made)))}


def p_alive(fitter, frequency, recency, age):
    return fitter.conditional_probability_alive(frequency, recency, age)


def expected_purchases(fitter, frequency, recency, age):
    return fitter.conditional_expected_number_of_purchases_up_to_time(39.0, frequency, recency, age)


# Logistic regression in scikit-learn, on columns that are standardised already.


def logistic_sklearn(data):
    from sklearn.linear_model import LogisticRegression

    features = np.column_stack([data[name] for name in sorted(data) if name.startswith("feature")])
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    lost = data["lost"]

    def answer(fitted):
        logits = fitted.decision_function(features)
        ln = -np.logaddexp(0.0, np.where(lost == 1, -logits, logits)).sum()
        return {"ln_likelihood": float(ln), "intercept": float(fitted.intercept_[0])}

    return lambda: LogisticRegression(C=1.0).fit(features, lost), answer


# Survival curves in lifelines.


def kaplan_meier_lifelines(data, round_up):
    from lifelines import KaplanMeierFitter

    times = np.ceil(data["time"]) if round_up else data["time"]
    lost = data["lost"]

    def answer(fitter):
        return {"a_year": float(fitter.predict(365.0)), "median": float(fitter.median_survival_time_)}

    return lambda: KaplanMeierFitter().fit(times, lost), answer


# Baum-Welch in hmmlearn, from the start of our benchmark.


def baum_welch_hmmlearn(data):
    from hmmlearn.hmm import PoissonHMM

    counts, lengths = data["purchases"].astype(np.int64)[:, None], [104] * 2_000
    e, f, s, d = 0.8, 0.8, 0.9, 0.8
    steps = [
        [e, (1 - e) * 0.75, 0, (1 - e) * 0.25],
        [0, f, (1 - f) * 0.75, (1 - f) * 0.25],
        [0, 0, s, 1 - s],
        [0, (1 - d) * 0.5, (1 - d) * 0.5, d],
    ]

    def work():
        model = PoissonHMM(4, n_iter=20, tol=-np.inf, init_params="")
        model.startprob_ = np.array([1.0, 0, 0, 0])
        model.transmat_ = np.array(steps)
        model.lambdas_ = np.array([[1.2], [2.0], [4.5], [0.3]])
        return model.fit(counts, lengths)

    return work, lambda model: {"ln_likelihood": float(model.score(counts, lengths))}


# (our task, its data, {peer: how}, how near the answers must be)
EXACT, SUMS, LBFGS, SEARCH = 0.0, 1e-7, 1e-3, 2e-2
LIFETIMES = "lifetimes"
# A run of the peer takes so long that one is enough.
SLOW = {"fit_pareto_nbd/100000"}


def tasks(rules):
    for rows in (1_000_000, 10_000_000):
        peers = {"duckdb": summary_duckdb, "polars": summary_polars}
        yield f"columns_to_summary/{rows}", f"orders_{rows}", peers, EXACT
    for customers in (1_000_000, 5_000_000):
        peers = {"duckdb": lambda data: rfm_duckdb(data, rules), "polars": lambda data: rfm_polars(data, rules)}
        yield f"rfm_and_abc/{customers}", f"shop_{customers}", peers, EXACT
    peers = {"duckdb": migration_duckdb, "polars": migration_polars}
    yield "migration/1000000", "migration_1000000", peers, EXACT
    for size in ("cdnow", 100_000, 1_000_000):
        yield f"fit_bg_nbd/{size}", f"customers_{size}", {LIFETIMES: fit_lifetimes}, SEARCH
    collapse = {LIFETIMES: lambda data: fit_lifetimes(data, collapse_too=True)}
    yield "collapse_and_fit_bg_nbd/1000000", "customers_1000000", collapse, SEARCH
    for size in ("cdnow", 100_000):
        pareto = {LIFETIMES: lambda data: fit_lifetimes(data, "ParetoNBDFitter")}
        yield f"fit_pareto_nbd/{size}", f"customers_{size}", pareto, SEARCH
    models = (("", "BetaGeoFitter", TRUTH), ("_pareto_nbd", "ParetoNBDFitter", PARETO_TRUTH))
    for suffix, *model in models:
        for predict in (p_alive, expected_purchases):
            peers = {LIFETIMES: lambda data, predict=predict, model=model: predict_lifetimes(data, predict, *model)}
            yield f"{predict.__name__}{suffix}/1000000", "customers_1000000", peers, SUMS
    sklearn = {"sklearn": logistic_sklearn}
    yield "logistic/100000x20", "churn_100000x20", sklearn, LBFGS
    for kind, round_up in (("distinct", False), ("days", True)):
        peers = {"lifelines": lambda data, round_up=round_up: kaplan_meier_lifelines(data, round_up)}
        yield f"kaplan_meier/{kind}_1000000", "stays_1000000", peers, SUMS
    yield "baum_welch_20/2000x104", "relationships_2000x104", {"hmmlearn": baum_welch_hmmlearn}, SUMS


def timed(work, answer, runs):
    """The seconds of every run but the first, and the answer; of a single run those of that one."""
    seconds = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        made = work()
        seconds.append(time.perf_counter() - start)
    return seconds[1:] or seconds, answer(made)


def differences(ours, theirs, tolerance, name=""):
    """Where an answer of a peer is not ours; what only we answer is not compared."""
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            yield from differences(ours[key], value, tolerance, f"{name} {key}".strip())
    elif abs(ours - theirs) > tolerance * abs(ours):
        yield f"{name}: {ours} here, {theirs} there"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bins", type=pathlib.Path, required=True, help="folder with peers_data and peers_time")
    arguments.add_argument("--data", type=pathlib.Path, default=pathlib.Path("peers-data"), help="folder for the columns")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("tasks", nargs="*", help="beginnings of task names; all tasks without one")
    options = arguments.parse_args()
    warnings.simplefilter("ignore")

    if not options.data.exists():
        subprocess.run([options.bins / "peers_data", options.data], check=True)
    with open(options.data / "rules.csv") as file:
        group = {row["cell"]: row["group"] for row in csv.DictReader(file)}
    rules = [group[f"{r}{f}{m}"] for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]

    wrong = 0
    print(f"{'task':<34} {'ours, ms':>10} {'peer':<10} {'peer, ms':>10} {'ratio':>8}  answers")
    for task, folder, peers, tolerance in tasks(rules):
        if options.tasks and not any(task.startswith(start) for start in options.tasks):
            continue
        if not (options.data / folder).exists():
            print(f"{task:<34} skipped: no {folder}; CRM_DATA was not set when the data was made")
            continue
        command = [options.bins / "peers_time", task, str(options.runs)]
        mine = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        ours = statistics.median(mine["seconds"])
        for peer, prepare in peers.items():
            work, answer = prepare(columns(options.data / folder))
            seconds, answer = timed(work, answer, 0 if task in SLOW else options.runs)
            theirs = statistics.median(seconds)
            differing = list(differences(mine["answer"], answer, tolerance))
            wrong += len(differing)
            verdict = "; ".join(differing) or ("equal" if tolerance == EXACT else f"within {tolerance:g}")
            print(f"{task:<34} {ours * 1e3:>10.2f} {peer:<10} {theirs * 1e3:>10.1f} {theirs / ours:>8.1f}  {verdict}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
