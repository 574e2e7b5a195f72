"""Made-up people in the form of the challenge's file, for where the real data are not, and for a population that differs.

Nobody's record went into it: values are drawn from a stated process (a latent "record" that raises all counts, a latent
year of the first arrest by known hazards), so what the notebooks find can be held against the truth.
"""

import csv

import numpy as np

COUNTS = {
    "Prior_Arrest_Episodes_Felony": (10, 5.0),
    "Prior_Arrest_Episodes_Misd": (6, 3.0),
    "Prior_Arrest_Episodes_Violent": (3, 1.0),
    "Prior_Arrest_Episodes_Property": (5, 2.0),
    "Prior_Arrest_Episodes_Drug": (5, 1.6),
    "Prior_Arrest_Episodes_PPViolationCharges": (5, 2.2),
    "Prior_Conviction_Episodes_Felony": (3, 1.5),
    "Prior_Conviction_Episodes_Misd": (4, 1.8),
    "Prior_Conviction_Episodes_Prop": (3, 1.2),
    "Prior_Conviction_Episodes_Drug": (2, 0.9),
}
FLAGS = {
    "Prior_Arrest_Episodes_DVCharges": 0.16,
    "Prior_Arrest_Episodes_GunCharges": 0.26,
    "Prior_Conviction_Episodes_Viol": 0.32,
    "Prior_Conviction_Episodes_PPViolationCharges": 0.33,
    "Prior_Conviction_Episodes_DomesticViolenceCharges": 0.08,
    "Prior_Conviction_Episodes_GunCharges": 0.13,
    "Prior_Revocations_Parole": 0.09,
    "Prior_Revocations_Probation": 0.15,
    "Condition_MH_SA": 0.65,
    "Condition_Cog_Ed": 0.44,
    "Condition_Other": 0.32,
}
AGES = ("18-22", "23-27", "28-32", "33-37", "38-42", "43-47", "48 or older")
VIOLATIONS = (
    "Violations_ElectronicMonitoring",
    "Violations_Instruction",
    "Violations_FailToReport",
    "Violations_MoveWithoutPermission",
)


def people(number: int, seed: int, log_odds: float = 0.0, strength: float = 1.0) -> list:
    """Rows of the file. log_odds shifts every yearly hazard; strength multiplies what the record says about it."""
    draw = np.random.default_rng(seed)
    rows = []
    for person in range(1, number + 1):
        record, woman = draw.normal(), draw.random() < 0.12
        age = int(draw.integers(0, 7))
        row = {
            "ID": person,
            "Gender": "F" if woman else "M",
            "Race": "BLACK" if draw.random() < 0.57 else "WHITE",
            "Age_at_Release": AGES[age],
            "Residence_PUMA": int(draw.integers(1, 26)),
            "Gang_Affiliated": "" if woman else _text(draw.random() < 0.18),
            "Supervision_Risk_Score_First": _sometimes(draw, 0.02, int(np.clip(round(6 + 2 * record + draw.normal()), 1, 10))),
            "Supervision_Level_First": _sometimes(draw, 0.07, str(draw.choice(["Standard", "High", "Specialized"]))),
            "Education_Level": str(draw.choice(["Less than HS diploma", "High School Diploma", "At least some college"])),
            "Dependents": _capped(int(draw.integers(0, 4)), 3),
            "Prison_Offense": _sometimes(
                draw, 0.13, str(draw.choice(["Violent/Non-Sex", "Violent/Sex", "Property", "Drug", "Other"]))
            ),
            "Prison_Years": str(
                draw.choice(["Less than 1 year", "1-2 years", "Greater than 2 to 3 years", "More than 3 years"])
            ),
        }
        for column, (cap, mean) in COUNTS.items():
            row[column] = _capped(int(draw.poisson(mean * np.exp(0.4 * record - 0.08))), cap)
        for column, rate in FLAGS.items():
            row[column] = _text(draw.random() < rate)
        pull = strength * (0.5 * record - 0.18 * (age - 3) - 0.3 * woman + 0.7 * (row["Gang_Affiliated"] == "true"))
        year = 0
        for k, base in enumerate((-0.95, -1.1, -1.45), 1):
            if year == 0 and draw.random() < 1 / (1 + np.exp(-(base + log_odds + pull / k**0.5))):
                year = k
        broke = draw.random() < 1 / (1 + np.exp(-(-0.3 + log_odds + 0.6 * pull)))
        row |= {column: _text(broke and draw.random() < 0.4) for column in VIOLATIONS}
        row |= {
            "Delinquency_Reports": "1" if broke else "0",
            "Program_Attendances": "0",
            "Program_UnexcusedAbsences": "0",
            "Residence_Changes": "0",
            "Avg_Days_per_DrugTest": "",
            "DrugTests_THC_Positive": "",
            "DrugTests_Cocaine_Positive": "",
            "DrugTests_Meth_Positive": "",
            "DrugTests_Other_Positive": "",
            "Percent_Days_Employed": "",
            "Jobs_Per_Year": "",
            "Employment_Exempt": "false",
            "Recidivism_Within_3years": _text(year > 0),
        }
        row |= {f"Recidivism_Arrest_Year{k}": _text(year == k) for k in (1, 2, 3)}
        rows.append(row | {"Training_Sample": 1})
    return rows


def write(path, rows: list):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


def _text(value) -> str:
    return "true" if value else "false"


def _capped(value: int, cap: int) -> str:
    return f"{cap} or more" if value >= cap else str(value)


def _sometimes(draw, share: float, value):
    return "" if draw.random() < share else value
