"""Logistic regressions with and without a ridge, in 50-digit arithmetic, from the definition of the likelihood alone.

    python logistic.py > logistic.json

Needs mpmath. The top is where all partial derivatives of the penalised log-likelihood vanish; they and the second
derivatives (for the standard errors) are taken by mpmath's numerical differentiation and its secant method, so that
no formula for a gradient or a Hessian is shared with the library. Columns are standardised with the mean and the
standard deviation over n.

`python logistic.py --peers` compares the table with scikit-learn and statsmodels (scikit-learn 1.9.1 agreed to 2e-7,
where its search ends, statsmodels 0.15.0 to 1e-11, relative).
"""

import json
import pathlib
import random
import sys

import mpmath

mpmath.mp.dps = 50


def cases():
    draw = random.Random(20_261_122)

    def made(rows, slopes, intercept, scale=1.0):
        columns = [[round(draw.gauss(3.0 * k, 1.0 + k) * scale, 3) for _ in range(rows)] for k in range(len(slopes))]
        outcomes = []
        for row in range(rows):
            logit = intercept + sum(
                slope * (column[row] / scale - 3.0 * k) / (1.0 + k)
                for k, (slope, column) in enumerate(zip(slopes, columns))
            )
            outcomes.append(draw.random() < 1 / (1 + float(mpmath.exp(-logit))))
        return columns, outcomes

    columns, outcomes = made(40, [0.8], -0.5)
    yield "one column", columns, outcomes, None, 0.0
    columns, outcomes = made(60, [1.0, -0.7, 0.4], 0.3)
    yield "three columns", columns, outcomes, None, 0.0
    yield "three columns, ridge 1", columns, outcomes, None, 1.0
    yield "three columns, ridge 25", columns, outcomes, None, 25.0
    weights = [draw.choice([0.0, 0.5, 1.0, 2.0, 3.0]) for _ in outcomes]
    yield "three columns, weighted", columns, outcomes, weights, 0.0
    yield "three columns, weighted, ridge 0.1", columns, outcomes, weights, 0.1
    columns, outcomes = made(50, [0.9, 0.9], -1.5, scale=1e6)
    yield "large values, rare outcome", columns, outcomes, None, 0.0
    column = [float(k) for k in range(12)]
    yield "separated, ridge 1", [column], [k >= 7 for k in range(12)], None, 1.0
    yield "separated, ridge 0.001", [column], [k >= 7 for k in range(12)], None, 0.001
    columns, outcomes = made(70, [0.5, 0.2, -0.3, 0.9], 0.0)
    indicator = [float(draw.random() < 0.3) for _ in outcomes]
    yield "an indicator among five columns", columns + [indicator], outcomes, None, 0.5


def solved(columns, outcomes, weights, ridge):
    mpf = mpmath.mpf
    weights = [mpf(w) for w in weights] if weights else [mpf(1)] * len(outcomes)
    all_weight = sum(weights)
    means = [sum(w * mpf(x) for w, x in zip(weights, column)) / all_weight for column in columns]
    deviations = [
        mpmath.sqrt(sum(w * (mpf(x) - m) ** 2 for w, x in zip(weights, column)) / all_weight)
        for m, column in zip(means, columns)
    ]
    rows = list(zip(*[[(mpf(x) - m) / d for x in c] for c, m, d in zip(columns, means, deviations)]))

    def likelihood(*b):
        total = mpf(0)
        for weight, row, outcome in zip(weights, rows, outcomes):
            logit = b[0] + sum(slope * x for slope, x in zip(b[1:], row))
            total += weight * -mpmath.log(1 + mpmath.exp(-logit if outcome else logit))
        return total

    def objective(*b):
        return likelihood(*b) - mpf(ridge) / 2 * sum(slope**2 for slope in b[1:])

    order = len(columns) + 1

    def partial(place, b):
        return mpmath.diff(lambda value: objective(*b[:place], value, *b[place + 1 :]), b[place])

    def slopes(*b):
        return [partial(place, list(b)) for place in range(order)]

    top = mpmath.findroot(slopes, [mpf(0)] * order, solver="mdnewton", tol=mpf(10) ** -40, maxsteps=60)
    top = [top[k] for k in range(order)]
    information = mpmath.matrix(order, order)
    for i in range(order):
        for j in range(order):
            times = [int(k == i) + int(k == j) for k in range(order)]
            information[i, j] = -mpmath.diff(objective, tuple(top), tuple(times))
    covariance = information**-1
    return {
        "intercept": float(top[0]),
        "coefficients": [float(value) for value in top[1:]],
        "standard_errors": [float(mpmath.sqrt(covariance[k, k])) for k in range(order)],
        "ln_likelihood": float(likelihood(*top)),
    }


def table():
    for name, columns, outcomes, weights, ridge in cases():
        answer = solved(columns, outcomes, weights, ridge)
        yield {"case": name, "columns": columns, "outcomes": outcomes, "weights": weights, "ridge": ridge, **answer}


def peers():
    import numpy as np
    import statsmodels.api as sm
    from sklearn.linear_model import LogisticRegression

    for case in json.loads(pathlib.Path(__file__).with_name("logistic.json").read_text()):
        x = np.array(case["columns"]).T
        weights = np.ones(len(x)) if case["weights"] is None else np.array(case["weights"])
        means = np.average(x, axis=0, weights=weights)
        x = (x - means) / np.sqrt(np.average((x - means) ** 2, axis=0, weights=weights))
        y = np.array(case["outcomes"], dtype=float)
        ours = np.array([case["intercept"], *case["coefficients"]])
        c = np.inf if case["ridge"] == 0 else 1 / case["ridge"]
        fit = LogisticRegression(C=c, tol=1e-12, max_iter=100_000).fit(x, y, sample_weight=weights)
        print(case["case"], "scikit-learn", np.max(np.abs(np.array([*fit.intercept_, *fit.coef_[0]]) / ours - 1)))
        if case["ridge"] == 0:
            model = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial(), freq_weights=weights).fit(tol=1e-14)
            print(case["case"], "statsmodels", np.max(np.abs(model.params / ours - 1)))
            errors = np.max(np.abs(model.bse / np.array(case["standard_errors"]) - 1))
            print(case["case"], "statsmodels, standard errors", errors)


if __name__ == "__main__":
    if "--peers" in sys.argv:
        peers()
    else:
        print("[" + ",\n".join(json.dumps(case) for case in table()) + "]")
