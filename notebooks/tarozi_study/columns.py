"""The NIJ file's columns as features."""

import numpy as np
import pandas as pd

AGE = {"18-22": 20, "23-27": 25, "28-32": 30, "33-37": 35, "38-42": 40, "43-47": 45, "48 or older": 50}
CUSTODY = {"Less than 1 year": 183, "1-2 years": 548, "Greater than 2 to 3 years": 913, "More than 3 years": 1278}
LEVEL = {"Standard": 0, "High": 1, "Specialized": 2}
EDUCATION = {"Less than HS diploma": 0, "High School Diploma": 1, "At least some college": 2}
OFFENCE = {"Violent/Non-Sex": 0, "Violent/Sex": 1, "Property": 2, "Drug": 3, "Other": 6}
COUNTS = {
    "intake_risk_score": "Supervision_Risk_Score_First",
    "dependents": "Dependents",
    "prior_arrests_felony": "Prior_Arrest_Episodes_Felony",
    "prior_arrests_misdemeanour": "Prior_Arrest_Episodes_Misd",
    "prior_arrests_violent": "Prior_Arrest_Episodes_Violent",
    "prior_arrests_property": "Prior_Arrest_Episodes_Property",
    "prior_arrests_drug": "Prior_Arrest_Episodes_Drug",
    "prior_arrests_supervision_breach": "Prior_Arrest_Episodes_PPViolationCharges",
    "prior_convictions_felony": "Prior_Conviction_Episodes_Felony",
    "prior_convictions_misdemeanour": "Prior_Conviction_Episodes_Misd",
    "prior_convictions_property": "Prior_Conviction_Episodes_Prop",
    "prior_convictions_drug": "Prior_Conviction_Episodes_Drug",
}
FLAGS = {
    "gang_affiliation": "Gang_Affiliated",
    "prior_arrest_domestic_violence": "Prior_Arrest_Episodes_DVCharges",
    "prior_arrest_weapon": "Prior_Arrest_Episodes_GunCharges",
    "prior_conviction_violent": "Prior_Conviction_Episodes_Viol",
    "prior_conviction_supervision_breach": "Prior_Conviction_Episodes_PPViolationCharges",
    "prior_conviction_domestic_violence": "Prior_Conviction_Episodes_DomesticViolenceCharges",
    "prior_conviction_weapon": "Prior_Conviction_Episodes_GunCharges",
    "prior_revocation_parole": "Prior_Revocations_Parole",
    "prior_revocation_probation": "Prior_Revocations_Probation",
    "condition_treatment": "Condition_MH_SA",
    "condition_education": "Condition_Cog_Ed",
    "condition_other": "Condition_Other",
}


def features(raw: pd.DataFrame) -> pd.DataFrame:
    made = {
        "age_at_start": raw["Age_at_Release"].map(AGE),
        "supervision_level_first": raw["Supervision_Level_First"].map(LEVEL),
        "education": raw["Education_Level"].map(EDUCATION),
        "sentence_offence": raw["Prison_Offense"].map(OFFENCE),
        "custody_days": raw["Prison_Years"].map(CUSTODY),
    }
    for feature, column in COUNTS.items():
        made[feature] = pd.to_numeric(raw[column].str.replace(" or more", ""))
    for feature, column in FLAGS.items():
        made[feature] = raw[column].map({"true": 1.0, "false": 0.0})
    return pd.DataFrame(made).astype(np.float64)
