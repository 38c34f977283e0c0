"""Writes formulas.csv, the reference table of tests/golden.rs, from definitions: python3 make.py [FILE].

Python's standard library only. Sums are loops over periods in rational numbers, or to 90 digits where there are too many
periods for that; optima are searched by trying; elasticities are differences. No closed form of the library is used.
One row per case: formula, inputs separated by spaces, expected answers separated by spaces (40 digits, or exact). The
last part has numbers of 20 to 29 digits, whose answers are rounded to what the library's numbers hold.
"""

import pathlib
import random
import sys
from decimal import Decimal as D
from decimal import getcontext
from fractions import Fraction as F
from math import isqrt

getcontext().prec = 90
rng = random.Random(20_260_117)
rows = []


def text(number):
    """A rational number as decimal text, exact where it is short."""
    if isinstance(number, str):
        return number
    if isinstance(number, F):
        number = D(number.numerator) / D(number.denominator)
    number = D(number)
    with_digits = format(+number.normalize(), "f") if number else "0"
    if len(with_digits.replace("-", "").replace(".", "").lstrip("0")) <= 40:
        return with_digits
    return format(number.quantize(D(1).scaleb(max(number.adjusted(), -30) - 40)), "f")


def case(formula, inputs, *expected):
    rows.append((formula, " ".join(text(i) for i in inputs), " ".join(text(e) for e in expected)))


def amount(places=2, top=10**7, low=0):
    return F(rng.randint(low, top), 10**places)


def share(places=4):
    return rng.choice([F(0), F(1), F(1, 10**10)]) if rng.random() < 0.15 else F(rng.randint(0, 10**places), 10**places)


def signed(places=2, top=10**7):
    return amount(places, top, -top)


CASES = 24
TINY, HUGE = F(1, 10**10), F(10**16)

# --- Components, cost, programmes, acquisition -----------------------------------------------------------------------
for k in range(CASES):
    capacity = HUGE if k == 0 else amount()
    margin = F(rng.randint(-5000, 10_000), 10**4) if k else F(-1)
    s = share()
    case("cpv", [capacity, s, margin], capacity * s * margin)
    influence, reach, value = share(), amount(0, 10**5), (-HUGE if k == 1 else signed())
    case("ppv", [influence, reach, value], influence * reach * value)
    items = [(amount(), share()) for _ in range(rng.randint(0, 5))]
    case("civ", [x for item in items for x in item], sum((p * r for p, r in items), F(0)))
    named = [signed() for _ in range(rng.randint(0, 6))]
    case("items", named, sum(named, F(0)))
    parts = [signed() if rng.random() < 0.8 else "-" for _ in range(5)]
    known = [p for p in parts if p != "-"]
    case("clv", parts, sum(known, F(0)) if known else "-")
    costs = [amount() for _ in range(3)]
    case("relationship_cost", costs, sum(costs))
    before, during, control = signed(), signed(), [signed(), signed()]
    n, treated = rng.randint(1, 500), rng.randint(1, 500)
    benefit = during - before - (control[1] - control[0]) / n * treated
    case("net_benefit", [before, during], during - before)
    case("difference_in_differences", [before, during, *control, F(n), F(treated)], benefit)
    cost = amount(2, 10**6, 1)
    earned = (during - before) * s
    case("programme", [before, during, cost, s],
         (during - before) / cost, (during - before - cost) / cost, earned, earned - cost, earned / cost)
    ads, promotion, gained = amount(), amount(), rng.randint(1, 10**6)
    case("acquisition_cost", [ads, promotion, F(gained)], (ads + promotion) / gained)
    revenue = signed()
    case("cost_benefit", [revenue, ads, promotion, F(gained)], (revenue - ads - promotion) / gained)
    margin = amount(2, 10**5, 1)
    case("payback", [ads, margin], ads / margin)
    case("clv_to_cac", [revenue, cost], revenue / cost)
    case("profit", [revenue, s, cost], revenue * s - cost)

# --- Allocation by largest remainder: rests are compared as fractions -------------------------------------------------


def largest_remainder(units, weights):
    total = sum(weights)
    sign, units = (-1 if units < 0 else 1), abs(units)
    quotas = [units * w / total for w in weights]
    parts = [int(q) for q in quotas]
    while sum(parts) < units:
        best = None
        for i, q in enumerate(quotas):
            if parts[i] == int(q) and (best is None or q - int(q) > quotas[best] - int(quotas[best])):
                best = i
        parts[best] += 1
    return [sign * p for p in parts]


for k in range(60):
    places = rng.choice([0, 2, 2, 3])
    units = rng.randint(-(10**6), 10**9) if k % 5 else rng.choice([10**27 + 1, -(10**25) - 7, 0, 1, 99])
    weights = [share(rng.choice([0, 1, 6])) * rng.choice([1, 10**9]) for _ in range(rng.randint(1, 9))] + [F(1, 3**0)]
    if k % 4 == 0:
        weights = [weights[-1]] * len(weights)
    parts = largest_remainder(units, weights)
    case("allocate", [F(places), F(units, 10**places), *weights], *[F(p, 10**places) for p in parts])

# --- Credit limits: share by score, cap, share again -------------------------------------------------------------------
for _ in range(40):
    n = rng.randint(1, 8)
    scores = [F(rng.randint(0, 9)) for _ in range(n)]
    scores[0] = max(scores[0], F(1))
    asked = [rng.randint(0, 5_000) for _ in range(n)]
    total = rng.randint(0, 15_000)
    limits, open_ = [0] * n, {i for i in range(n) if scores[i] > 0}
    left = total
    while open_:
        weight = sum(scores[i] for i in open_)
        content = {i for i in open_ if F(left) * scores[i] / weight >= asked[i]}
        if not content:
            order = sorted(open_)
            for i, part in zip(order, largest_remainder(left, [scores[i] for i in order])):
                limits[i] = part
            break
        for i in content:
            limits[i] = asked[i]
        left -= sum(asked[i] for i in content)
        open_ -= content
    case("credit_limits", [F(total), *[F(x) for pair in zip(scores, asked) for x in pair]], *[F(x) for x in limits])

# --- Discounted value: loops over periods -------------------------------------------------------------------------------


def discounted(margin, retention, discount, growth, renewal, end, horizon, cost):
    """Sum over periods; without a horizon until nothing is added to 60 digits."""
    total, stay, period = D(0), D(1), 0
    if renewal:
        stay *= retention
    while horizon is None or period < horizon:
        term = margin * (1 + growth) ** period * stay / (1 + discount) ** (period + (1 if end else 0))
        total += term
        if horizon is None and abs(term) < abs(total) * D(10) ** -62 or stay == 0:
            break
        stay *= retention
        period += 1
    return total - cost


def rate(low, high):
    return D(rng.randint(low, high)) / 1000


for k in range(48):
    for renewal in (0, 1):
        for end in (0, 1):
            margin = D(rng.randint(-(10**6), 10**8)) / 100
            retention, discount, growth = rate(0, 950), rate(0, 400), rate(-200, 50)
            horizon, cost = rng.choice([None, 1, 2, 12, 40, 360]), rng.choice([D(0), D(12345) / 100])
            if k == 0:
                margin, retention, discount, growth, horizon = D(10) ** 15, D(1), D(0), D(0), 1000
            if k == 1:
                retention, horizon = D(0), None
            if k == 2:
                retention, discount, growth, horizon = D(1), rate(10, 90), D(0), 240
            value = discounted(margin, retention, discount, growth, renewal, end, horizon, cost)
            length = "inf" if horizon is None else str(horizon)
            case("constant_margin", [margin, retention, discount, growth, F(renewal), F(end), length, cost], value)

for _ in range(40):
    margin, discount, growth = D(rng.randint(-(10**5), 10**6)) / 100, rate(0, 300), rate(-100, 40)
    renewals = [rate(0, 940) for _ in range(rng.randint(1, 7))]
    renewal, end, horizon = rng.randint(0, 1), rng.randint(0, 1), rng.choice([None, 1, 3, 30])
    total, stay, period, used = D(0), D(1), 0, 0

    def next_renewal():
        global used
        used += 1
        return renewals[min(used, len(renewals)) - 1]

    if renewal:
        stay *= next_renewal()
    while horizon is None or period < horizon:
        term = margin * stay * (1 + growth) ** period / (1 + discount) ** (period + end)
        total += term
        if stay == 0 or horizon is None and used > len(renewals) and abs(term) <= abs(total) * D(10) ** -62:
            break
        stay *= next_renewal()
        period += 1
    length = "inf" if horizon is None else str(horizon)
    case("varying_retention", [margin, discount, growth, F(renewal), F(end), length, *renewals], total)

for _ in range(CASES):
    flows, discount, end = [signed() for _ in range(rng.randint(0, 30))], F(rng.randint(-300, 900), 1000), rng.randint(0, 1)
    total = sum((flow / (1 + discount) ** (t + end) for t, flow in enumerate(flows)), F(0))
    case("cash_flows", [discount, F(end), *flows], total)

for _ in range(CASES):
    margin, retention, discount, growth = D(rng.randint(100, 10**6)) / 100, rate(50, 900), rate(10, 300), rate(-100, 20)
    renewal, end, horizon = rng.randint(0, 1), rng.randint(0, 1), rng.choice([None, 1, 7, 60])
    cost = D(rng.randint(0, 50))
    step = D(10) ** -25
    inputs = [margin, retention, discount, growth, renewal, end, horizon, cost]
    value = discounted(*inputs)
    answers = []
    for place in (1, 0, 2, 7):
        up, down = list(inputs), list(inputs)
        up[place], down[place] = inputs[place] + step, inputs[place] - step
        slope = (discounted(*up) - discounted(*down)) / (2 * step)
        more = list(inputs)
        more[place] = inputs[place] + D(1) / 100 if place in (1, 2) else inputs[place] * D(101) / 100
        answers += [slope * inputs[place] / value, discounted(*more) - value]
    length = "inf" if horizon is None else str(horizon)
    case("elasticity", [margin, retention, discount, growth, F(renewal), F(end), length, cost], *answers)

# --- Equity, expected profit ---------------------------------------------------------------------------------------------
for _ in range(CASES):
    values = [amount() for _ in range(rng.randint(1, 12))]
    values[0] += 1
    percent = rng.randint(0, 100)
    size = -(-percent * len(values) // 100)
    case("top_share", [F(percent, 100), *values], sum(sorted(values, reverse=True)[:size], F(0)) / sum(values))

for _ in range(CASES):
    revenue, k, serve, displaced, cross = signed(), share(), amount(), amount(2, 10**4), amount(2, 10**5)
    growth, stay, discount, duration = F(rng.randint(-200, 300), 1000), share(), F(rng.randint(0, 300), 1000), rng.randint(0, 15)
    current = revenue * k - serve - displaced
    potential = sum(
        (stay**t * ((revenue * (1 + growth) ** t + cross) * k - serve - displaced) / (1 + discount) ** t
         for t in range(1, duration + 1)), F(0))
    case("expected_profit", [revenue, k, serve, displaced, growth, cross, F(duration), stay, discount], current, potential)

# --- Blattberg and Deighton: the criterion itself, searched by thirds ----------------------------------------------------
for _ in range(20):
    spend_a, rate_a = D(rng.randint(1, 40)), D(rng.randint(2, 40)) / 100
    top_a = rate_a + D(rng.randint(5, 50)) / 100
    spend_r, rate_r = D(rng.randint(1, 60)), D(rng.randint(5, 60)) / 100
    top_r = rate_r + D(rng.randint(5, 39)) / 100
    margin, discount = D(rng.randint(20, 400)), D(rng.randint(0, 40)) / 100
    k_a, k_r = -(1 - rate_a / top_a).ln() / spend_a, -(1 - rate_r / top_r).ln() / spend_r

    def won(a):
        return top_a * (1 - (-k_a * a).exp())

    def later(r):
        if r == 0:
            return D(0)
        kept = top_r * (1 - (-k_r * r).exp())
        dashed = kept / (1 + discount)
        return (margin - r / kept) * dashed / (1 - dashed)

    def peak(f, high):
        low = D(0)
        for _ in range(110):
            one, other = low + (high - low) / 3, high - (high - low) / 3
            if f(one) < f(other):
                low = one
            else:
                high = other
        return (low + high) / 2

    getcontext().prec = 50
    keep = peak(later, margin * (1 + discount))
    after = later(keep)
    win = peak(lambda a: won(a) * (margin + after) - a, margin * 10)
    getcontext().prec = 90
    value = won(win) * margin - win + won(win) * after
    case("spending_split", [spend_a, rate_a, top_a, spend_r, rate_r, top_r, margin, discount],
         win.quantize(D("1e-20")), keep.quantize(D("1e-20")), value.quantize(D("1e-20")))

# --- Credit and stock -----------------------------------------------------------------------------------------------------
for k in range(CASES):
    sales, days, ratio = (HUGE if k == 0 else amount()), amount(1, 2000), share()
    capital, year = F(rng.randint(0, 300), 1000), rng.choice([360, 365])
    cost = sales / year * days * ratio * capital
    case("receivables", [sales, days, ratio, capital, F(year)], cost, sales / year * days)
    owed, waited = signed(), rng.randint(0, 400)
    case("invoice", [owed, F(waited), capital, F(year)], owed * waited * capital / year)
    bad, collect, off, taken = share(), amount(2, 10**5), share(), share()
    net = sales * (1 - ratio) - cost - collect - bad * sales - sales * taken * off
    policy = [sales, days, bad, collect, off, taken]
    case("policy", [ratio, capital, F(year), *policy], net)
    sold = amount(2, 10**6, 1)
    other = sold * (1 - ratio) - sold / year * days * ratio * capital
    case("break_even", [ratio, capital, F(year), *policy, sold, days], ((sold and net - other) + bad * sales) / sales if sales else "-")
    if not sales:
        rows.pop()
    spanned = rng.randint(1, 365)
    debt = amount()
    case("dso", [debt, sold, F(spanned)], debt / (sold / spanned))
    off, early = F(rng.randint(0, 500), 1000), rng.randint(0, 60)
    net_days = early + rng.randint(1, 120)
    case("forgone_discount", [off, F(early), F(net_days), F(year)], off / (1 - off) * year / (net_days - early))
    ordering, purchase, holding, shortage, loan = amount(), amount(), amount(), amount(), share()
    case("stock", [ordering, purchase, holding, shortage, loan], ordering + purchase + holding + shortage - purchase * loan)
    price, life, price2, life2 = amount(), rng.randint(1, 9000), amount(), rng.randint(9001, 20_000)
    case("price_per_day", [price, F(life)], price / life)
    case("price_per_extra_day", [price, F(life), price2, F(life2)], (price2 - price) / (life2 - life))
    base, elasticity, easing = amount(), amount(2, 300), F(rng.randint(-150, 200), 100)
    capacity = base + amount(2, 10**6)
    wanted = base + base * elasticity * easing
    case("extra_sales", [base, elasticity, easing, capacity], max(F(0), min(capacity, wanted)))

for _ in range(30):
    demand, cost, hold, hold_rate = rng.randint(1, 400), amount(1, 800), amount(1, 50), F(rng.randint(0, 30), 100)
    loan = F(rng.randint(0, 5), 100)
    froms = sorted({1, *[rng.randint(2, 500) for _ in range(rng.randint(0, 3))]})
    prices = sorted((amount(1, 300) for _ in froms), reverse=True)
    best = None
    for q in sorted({*range(1, demand + 1), *froms}):
        price = [p for f, p in zip(froms, prices) if f <= q][-1]
        total = F(demand, q) * cost + demand * price + F(q, 2) * (hold + hold_rate * price) - demand * price * loan
        if best is None or total < best[1]:
            best = (q, total)
    pairs = [x for f, p in zip(froms, prices) for x in (F(f), p)]
    case("order_quantity", [F(demand), cost, hold, hold_rate, loan, *pairs], F(best[0]), best[1])

# --- Referrals: every path of credit by itself, in fractions ---------------------------------------------------------------
for _ in range(30):
    n = rng.randint(1, 9)
    cash = [F(rng.randint(-50, 200) * 4**9) for _ in range(n)]
    outside = {i for i in range(n) if rng.random() < 0.2}
    referrers = {i: [j for j in range(i) if rng.random() < 0.3][:2] for i in range(n)}
    decay, depth, transfer = F(rng.choice([0, 25, 50, 100]), 100), rng.choice([None, 1, 2]), rng.randint(0, 1)
    equity = list(cash)

    def rise(person, money, steps):
        """Gives decay of the money to the referrers, in equal parts, and follows each part up."""
        if not referrers[person] or steps == depth:
            return
        for referrer in referrers[person]:
            part = money * decay / len(referrers[person])
            equity[person] -= part
            equity[referrer] += part
            rise(referrer, part, steps + 1)

    for i in range(n):
        if transfer or i in outside:
            rise(i, cash[i], 0)
    pairs = ";".join(f"{r}>{i}" for i in range(n) for r in referrers[i]) or "-"
    who = ";".join(map(str, sorted(outside))) or "-"
    length = "inf" if depth is None else str(depth)
    case("referral_equity", [decay, length, F(transfer), pairs, who, *cash], *equity)

# --- Numbers of up to 29 digits with up to 28 of them behind the point ------------------------------------------------


def fits(number):
    """The nearest number that 96 bits and 28 decimals hold, ties to the even one; None beyond the largest."""
    for scale in range(28, -1, -1):
        digits = round(number * 10**scale)
        if abs(digits) < 2**96:
            return F(digits, 10**scale)
    return None


def exact(formula, inputs, number):
    """A case where the one rounding at the end is all that is allowed; left out where the answer is too large."""
    if fits(number) is not None:
        case(formula, inputs, fits(number))


def quotient(formula, inputs, number):
    """A case with a division; left out where the answer, or a number on the way, is too large."""
    if abs(number) < 10**25:
        case(formula, inputs, number)


def long(low_scale=0):
    """Any number of 20 to 29 digits."""
    digits = rng.randint(10**19, 2**96 - 1)
    return F(rng.choice([-1, 1]) * digits, 10**rng.randint(low_scale, 28))


def fine():
    """Any number from 0 to 1 with 28 decimals."""
    return rng.choice([F(1, 10**28), 1 - F(1, 10**28)]) if rng.random() < 0.1 else F(rng.randint(0, 10**28), 10**28)


for _ in range(40):
    one, two, three, four = (abs(long()) for _ in range(4))
    share_, other_share = fine(), fine()
    margin = rng.choice([fine(), -abs(long(20))])
    exact("cpv", [one, share_, margin], one * share_ * margin)
    exact("ppv", [share_, two, -three], share_ * two * -three)
    exact("civ", [one, share_, two, other_share], one * share_ + two * other_share)
    items = [long(rng.choice([0, 15, 28])) for _ in range(rng.randint(2, 7))]
    items += [-items[0], -items[1] * rng.choice([0, 1])]
    rng.shuffle(items)
    exact("items", items, sum(items))
    parts = [long(10), long(20), "-", -one, one]
    exact("clv", parts, sum(p for p in parts if p != "-"))
    exact("relationship_cost", [one, two, three], one + two + three)
    exact("net_benefit", [-one, two], two + one)
    exact("profit", [two, margin, -three], two * margin + three)
    exact("stock", [one, two, three, four, share_], one + two + three + four - two * share_)
    base, elasticity, easing = abs(long(8)), abs(long(27)), long(28)
    capacity = fits(base * rng.choice([1, 2]))
    exact("extra_sales", [base, elasticity, easing, capacity],
          max(F(0), min(capacity, base + base * elasticity * easing)))

    n, days = rng.randint(1, 2**32 - 1), rng.randint(1, 2**32 - 1)
    small, other = abs(long(12)), abs(long(12))
    quotient("acquisition_cost", [small, other, F(n)], (small + other) / n)
    quotient("cost_benefit", [-one, small, other, F(n)], (-one - small - other) / n)
    quotient("payback", [small, other], small / other)
    quotient("clv_to_cac", [-small, other], -small / other)
    quotient("dso", [small, other, F(days)], small * days / other)
    quotient("price_per_day", [one, F(days)], one / days)
    life, life2 = sorted(rng.sample(range(2**32), 2))
    quotient("price_per_extra_day", [-small, F(life), other, F(life2)], (other + small) / (life2 - life))
    capital, year = fine(), rng.choice([360, 365])
    quotient("invoice", [-small, F(days), capital, F(year)], -small * days * capital / year)
    if small * other < 10**25:
        case("receivables", [small, other, share_, capital, F(year)],
             small / year * other * share_ * capital, small / year * other)
    early = rng.randint(0, 2**31)
    late = early + rng.randint(1, 2**31)
    if share_ < F(99, 100):
        quotient("forgone_discount", [share_, F(early), F(late), F(year)], share_ / (1 - share_) * year / (late - early))
    retention, discount, growth = share_ * F(9, 10), fine(), -fine() / 2
    retention, growth = fits(retention), fits(growth)
    margin = long(12)
    renewal, end = rng.randint(0, 1), rng.randint(0, 1)
    value = margin * (retention if renewal else 1) * (1 if end else 1 + discount) / (1 + discount - retention * (1 + growth))
    quotient("constant_margin", [margin, retention, discount, growth, F(renewal), F(end), "inf", F(0)], value)

    places = rng.randint(0, 28)
    units = rng.choice([-1, 1]) * rng.randint(10**19, 2**96 - 1)
    weights = [rng.choice([F(0), F(rng.randint(0, 10**28), 10**24)]) for _ in range(rng.randint(0, 6))] + [F(1, 10**28)]
    parts = largest_remainder(units, weights)
    case("allocate", [F(places), F(units, 10**places), *weights], *[F(p, 10**places) for p in parts])

for k in range(40):
    demand, cost = rng.choice([2**64 - 1, 10**18, rng.randint(1, 2**64 - 1)]), abs(long(rng.choice([20, 27])))
    hold = abs(long(20)) if k % 2 else F(rng.randint(1, 10**28), 10**28)
    root = isqrt(int(2 * demand * cost / hold))
    near = [q for q in range(root - 2, root + 3) if 1 <= q <= demand] or [1 if root < 1 else demand]
    total, best = min((F(demand, q) * cost + F(q, 2) * hold, q) for q in near)
    if total < 10**25:
        case("order_quantity", [F(demand), cost, hold, F(0), F(0), F(1), F(0)], F(best), total)

target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "formulas.csv"
target.write_text("formula,inputs,expected\n" + "".join(",".join(row) + "\n" for row in rows))
