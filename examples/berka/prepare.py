#!/usr/bin/env python3
"""Turns the Berka data (PKDD'99, seven CSV files) into files that `assay` reads.

    prepare.py FOLDER OUT [--apart]

writes into OUT, all under the MAP `berka.toml` beside this program:

    reports.csv    one report a person: owners and second persons of accounts
    training.csv   the reports of borrowers, with what became of their loans
    loans.csv      the tape: every loan as granted
    relations.csv  pairs of persons with their distance

With --apart the account's conduct stands in its owner's report alone, and the second person's has the
district only. Without it both have it, as bureaus keep joint accounts.

Standard library only. README.md tells what is left out, and why.
"""

import calendar
import csv
import datetime
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

# The standing order that repays a loan begins after it, and its amount follows from it.
LOAN_ORDER = "UVER"
PURPOSES = {"SIPO": "household", "POJISTNE": "insurance", "LEASING": "leasing", "": "other"}
# No borrower of the data has a leasing order: nothing can be learned from it.
UNUSED = "leasing"
STATEMENTS = {
    "POPLATEK MESICNE": "monthly",
    "POPLATEK TYDNE": "weekly",
    "POPLATEK PO OBRATU": "each-transaction",
}
FINISHED_BAD, RUNNING_BAD = "B", "D"
LAST_DAY = datetime.date(1998, 12, 31)
SECOND_PERSON, COUNTERPARTY = 1, 2
REPORT_COLUMNS = [
    "person", "observed", "account_age_days", "statements", "household_czk", "insurance_czk",
    "other_czk", "orders", "card", "inhabitants", "urban_share", "salary_czk",
    "unemployment", "entrepreneurs", "crimes", "default",
]
ACCOUNT_COLUMNS = REPORT_COLUMNS[2:8]


def rows(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def date(text):
    """YYMMDD, with or without a time behind it."""
    return datetime.date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def months_later(day, months):
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


class Bank:
    def __init__(self, folder):
        self.accounts = {row["account_id"]: row for row in rows(folder, "account")}
        self.districts = {row["A1"]: row for row in rows(folder, "district")}
        self.clients = {row["client_id"]: row for row in rows(folder, "client")}
        self.loans = {row["account_id"]: row for row in rows(folder, "loan")}
        self.persons = defaultdict(dict)
        holders = {}
        for row in rows(folder, "disp"):
            self.persons[row["account_id"]][row["type"]] = row["client_id"]
            holders[row["disp_id"]] = row["client_id"]
        self.cards = {}
        for row in rows(folder, "card"):
            self.cards[holders[row["disp_id"]]] = (row["type"], date(row["issued"]))
        self.orders = defaultdict(list)
        for row in rows(folder, "order"):
            if row["k_symbol"].strip() != LOAN_ORDER:
                self.orders[row["account_id"]].append(row)

    def owner(self, account):
        return self.persons[account]["OWNER"]

    def shared_counterparties(self):
        """Pairs of accounts with a standing order to the same account of another bank."""
        payers = defaultdict(set)
        for account, orders in self.orders.items():
            for order in orders:
                payers[order["bank_to"], order["account_to"]].add(account)
        pairs = {pair for of in payers.values() for pair in combinations(sorted(of, key=int), 2)}
        return sorted(pairs, key=lambda pair: tuple(map(int, pair)))

    def is_copy(self, pair):
        """Whether two accounts are one record twice: opening, branch, and all payments agree."""
        def traits(account):
            orders = [(o["bank_to"], o["account_to"], o["amount"]) for o in self.orders[account]]
            row, loan = self.accounts[account], self.loans.get(account, {})
            return (row["date"], row["district_id"], sorted(orders), loan.get("date"))
        return traits(pair[0]) == traits(pair[1])


def observed_days(bank, pairs):
    """The day of each account's report: before its own loan, else before that of a related
    borrower, else the last of the data."""
    eve = {account: date(loan["date"]) - datetime.timedelta(1)
           for account, loan in bank.loans.items()}
    days = dict(eve)
    for one, other in pairs:
        for account, related in ((one, other), (other, one)):
            if account not in eve and related in eve:
                days[account] = min(days.get(account, LAST_DAY), eve[related])
    return days


def apart(line):
    """A second person's report without the account that is the owner's."""
    return {name: "" if name in ACCOUNT_COLUMNS else field for name, field in line.items()}


def report(bank, person, account, day):
    """What a bureau knows of a person on a day. Sex and age are in the data and left out."""
    opened = date(bank.accounts[account]["date"])
    paid = dict.fromkeys(PURPOSES.values(), 0.0)
    for order in bank.orders[account]:
        paid[PURPOSES[order["k_symbol"].strip()]] += float(order["amount"])
    card, issued = bank.cards.get(person, ("none", LAST_DAY))
    district = bank.districts[bank.clients[person]["district_id"]]
    inhabitants = int(district["A4"])
    crimes = district["A15"]
    return {
        "person": person,
        "observed": day.isoformat(),
        "account_age_days": (day - opened).days,
        "statements": STATEMENTS[bank.accounts[account]["frequency"]],
        **{f"{purpose}_czk": f"{amount:.2f}" for purpose, amount in paid.items()
           if purpose != UNUSED},
        "orders": len(bank.orders[account]),
        "card": card if issued <= day else "none",
        "inhabitants": inhabitants,
        "urban_share": district["A10"],
        "salary_czk": district["A11"],
        "unemployment": district["A12"].replace("?", ""),
        "entrepreneurs": district["A14"],
        "crimes": "" if crimes == "?" else round(int(crimes) * 100_000 / inhabitants),
        "default": "no",
    }


def write(path, columns, lines):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
    print(f"{path}: {len(lines)} rows", file=sys.stderr)


def loan_line(bank, account, loan):
    day = date(loan["date"])
    return {
        "loan": loan["loan_id"],
        "person": bank.owner(account),
        "amount": loan["amount"],
        "origination": day.isoformat(),
        "maturity": months_later(day, int(loan["duration"])).isoformat(),
        "status": loan["status"],
    }


def prepare(folder, out, keep_apart):
    bank = Bank(folder)
    pairs = bank.shared_counterparties()
    days = observed_days(bank, pairs)
    reports, training = [], []
    for account in bank.accounts:
        day = days.get(account, LAST_DAY)
        if day < date(bank.accounts[account]["date"]):
            continue
        for kind, person in bank.persons[account].items():
            line = report(bank, person, account, day)
            reports.append(apart(line) if keep_apart and kind == "DISPONENT" else line)
    borrowers = {bank.owner(account): loan for account, loan in bank.loans.items()}
    for line in reports:
        loan = borrowers.get(line["person"])
        if loan:
            bad = loan["status"] in (FINISHED_BAD, RUNNING_BAD)
            training.append({**line, "default": "yes" if bad else "no"})
    relations = [(on["OWNER"], on["DISPONENT"], SECOND_PERSON)
                 for on in bank.persons.values() if "DISPONENT" in on]
    relations += [(bank.owner(one), bank.owner(other), COUNTERPARTY) for one, other in pairs]
    out.mkdir(parents=True, exist_ok=True)
    write(out / "reports.csv", REPORT_COLUMNS, reports)
    write(out / "training.csv", REPORT_COLUMNS, training)
    loans = [loan_line(bank, account, loan) for account, loan in bank.loans.items()]
    write(out / "loans.csv", list(loans[0]), loans)
    names = ("person", "other", "distance")
    write(out / "relations.csv", names, [dict(zip(names, pair)) for pair in relations])
    tell(bank, pairs)


def tell(bank, pairs):
    """What the relations can show at all."""
    second = [loan["status"] for account, loan in bank.loans.items()
              if "DISPONENT" in bank.persons[account]]
    shared = [bank.loans[account]["status"] for pair in pairs for account in pair
              if account in bank.loans]
    copies = sum(bank.is_copy(pair) for pair in pairs)
    for what, statuses in (("second person", second), ("shared counterparty", shared)):
        counts = Counter(statuses)
        bad = counts[FINISHED_BAD] + counts[RUNNING_BAD]
        print(f"loans with a {what}: {len(statuses)}, {bad} of them bad", file=sys.stderr)
    print(f"pairs with a shared counterparty: {len(pairs)}, "
          f"{copies} of them the same record twice", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["--apart"]):
        sys.exit("usage: prepare.py FOLDER OUT [--apart]")
    try:
        prepare(Path(sys.argv[1]), Path(sys.argv[2]), bool(sys.argv[3:]))
    except FileNotFoundError as fault:
        sys.exit(f"prepare.py: {fault.filename}: no such file; FOLDER holds account, card, client, "
                 "disp, district, loan and order .csv")
