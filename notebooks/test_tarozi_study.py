"""Tests of the package and of the committed bundle: python -m unittest discover notebooks."""

import json
import tempfile
import unittest
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import onnx
import pandas as pd

from tarozi_study import (
    activity, additive, bands, calibrate, data, exported, folds, graph, learn, local, made_up, metrics, monitoring, scored,
)  # fmt: skip
from tarozi_study.bundle import selftest_matrix
from tarozi_study.heads import HEADS, TARGETS
from tarozi_study.inputs import RELEASE, category, count, flag

BUNDLES = Path(__file__).parent.parent / "model" / "bundles"


class Guard(unittest.TestCase):
    def refused(self, rows, message):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "some.csv"
            made_up.write(path, rows)
            with self.assertRaisesRegex(data.TestFileRefused, message):
                data.refuse_test_file(path)

    def test_one_row_of_the_test_sample_among_training_rows(self):
        rows = made_up.people(3, 1)
        rows[1]["Training_Sample"] = 0
        self.refused(rows, "1 rows are not of the training sample")

    def test_file_without_outcomes(self):
        rows = [{k: v for k, v in row.items() if k != "Recidivism_Arrest_Year2"} for row in made_up.people(3, 1)]
        self.refused(rows, "no column Recidivism_Arrest_Year2")

    def test_file_without_mark(self):
        rows = [{k: v for k, v in row.items() if k != "Training_Sample"} for row in made_up.people(3, 1)]
        self.refused(rows, "no column Training_Sample")


class Followed(unittest.TestCase):
    """Who counts as arrested, as free of arrest, and as unknown."""

    def test_the_anniversary_ends_its_year(self):
        for day, year in (("2014-07-01", 1), ("2014-07-02", 1), ("2015-06-30", 1), ("2015-07-01", 1), ("2015-07-02", 2),
                          ("2016-07-01", 2), ("2017-07-01", 3), ("2017-07-02", 4)):  # fmt: skip
            self.assertEqual(data.year_of("2014-07-01", day), year, day)

    def test_who_was_not_followed_is_not_free_of_arrest(self):
        def record(person, kind, until, on=None):
            return json.dumps({"person_id": person, "kind": kind, "observed": on is not None, "followed_from": "2014-07-01",
                               "followed_until": until, "observed_on": on})  # fmt: skip

        outcomes = [record("whole", "recidivism", "2017-07-01"), record("short", "recidivism", "2016-01-01"),
                    record("caught", "recidivism", "2014-12-01", "2014-12-01"), record("whole", "violation", "2017-07-01"),
                    record("elsewhere", "violation", "2017-07-01")]  # fmt: skip
        people = ["whole", "short", "caught", "nobody"]
        with tempfile.TemporaryDirectory() as folder:
            vectors, happened, protected = (Path(folder) / name for name in ("v.csv", "o.ndjson", "p.ndjson"))
            vectors.write_text("person_id,months\n" + "".join(f"{person},0\n" for person in people))
            happened.write_text("\n".join(outcomes) + "\n")
            protected.write_text("".join(json.dumps({"person_id": person, "attributes": {}}) + "\n" for person in people))
            sample = data.read(vectors, happened, protected, "")
        first, second, _, violation = HEADS
        np.testing.assert_array_equal(first.at_risk(sample.outcomes), [True, True, True, False])
        np.testing.assert_array_equal(second.at_risk(sample.outcomes), [True, False, False, False])
        np.testing.assert_array_equal(violation.at_risk(sample.outcomes), [True, False, False, False])
        np.testing.assert_array_equal(TARGETS[2].at_risk(sample.outcomes), [True, False, True, False])


class Exported(unittest.TestCase):
    """The folder of ``tarozi export --pseudonymised``, as docs/integration.md describes it."""

    MODEL = ("some-model", "1.0.0", "recidivism")

    def statement(self, until, on=None, kind="recidivism", since="2020-01-02"):
        said = {"person_id": "p", "kind": kind, "observed": on is not None, "followed_from": since, "followed_until": until}
        return said | ({"observed_on": on} if on else {})

    def scored(self, people, months=12):
        """people: for each, statements on them, scored on 2020-01-01."""
        with tempfile.TemporaryDirectory() as folder:
            lines = {name: [] for name in exported.FILES}
            for number, statements in enumerate(people):
                person = f"p{number}"
                lines["outcomes"] += [of | {"person_id": person} for of in statements]
                for day, probability in (("2020-02-01", 0.9), ("2020-01-01", 0.25)):
                    lines["assessments"].append(
                        {"id": day, "person_id": person, "as_of": day, "months": 0, "model": {"id": "some-model", "version": "1.0.0"},
                         "values": {"age": 30, "married": True, "work": None},
                         "scores": [{"outcome": "recidivism", "horizon_months": months, "probability": probability}]})  # fmt: skip
            for name, of in lines.items():
                (Path(folder) / f"{name}.ndjson").write_text("".join(json.dumps(line) + "\n" for line in of))
            return exported.read(folder, *self.MODEL, months)

    def test_what_is_known_of_one_person(self):
        rows = {
            "within": ([self.statement("2022-01-01", "2020-06-01")], 1, True),
            "on the last day": ([self.statement("2022-01-01", "2021-01-01")], 1, True),
            "a day too late": ([self.statement("2022-01-01", "2021-01-02")], 0, True),
            "on the day of the score": ([self.statement("2022-01-01", "2020-01-01")], np.nan, False),
            "followed to the last day without": ([self.statement("2021-01-01")], 0, True),
            "followed a day short": ([self.statement("2020-12-31")], np.nan, False),
            "followed from two days later": ([self.statement("2022-01-01", since="2020-01-03")], np.nan, False),
            "another kind": ([self.statement("2022-01-01", "2020-06-01", kind="violation")], np.nan, False),
            "within, horizon still runs": ([self.statement("2020-12-31", "2020-06-01")], 1, False),
            "within, follow-up ends with it": ([self.statement("2020-06-01", "2020-06-01")], 1, True),
            "nobody looked": ([], np.nan, False),
        }
        table = self.scored([statements for statements, _, _ in rows.values()]).table.set_index("person_id")
        for number, (name, (_, happened, passed)) in enumerate(rows.items()):
            with self.subTest(name):
                np.testing.assert_equal(table["happened"][f"p{number}"], happened)
                self.assertEqual(table["passed"][f"p{number}"], passed)

    def test_known_leaves_out_events_whose_horizon_still_runs(self):
        happened, probability, frame = self.scored(
            [[self.statement("2022-01-01")], [self.statement("2022-01-01", "2020-06-01")], [self.statement("2020-12-31", "2020-06-01")]]
        ).known()
        self.assertEqual(happened.tolist(), [0, 1])
        self.assertEqual(probability.tolist(), [0.25, 0.25], "the first assessment of each")
        self.assertEqual(frame["married"].tolist(), [1.0, 1.0])
        self.assertTrue(frame["work"].isna().all())

    def test_refuses_where_nobody_was_followed_to_the_horizon(self):
        only_events = self.scored([[self.statement("2022-01-01", "2020-06-01")]] * 2, months=36)
        with self.assertRaisesRegex(ValueError, r"recidivism over 36 months.*\(2 of 2 had one\).*shorter horizon"):
            only_events.known()

    def test_refuses_where_a_score_has_no_horizon(self):
        with self.assertRaisesRegex(ValueError, "recidivism without a horizon"):
            self.scored([[self.statement("2022-01-01")]], months=None).known()

    def test_refuses_what_is_no_export(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "has no histories.ndjson"):
            exported.read(folder, *self.MODEL, 12)

    def test_a_day_that_the_month_lacks(self):
        self.assertEqual(exported.add_months(date(2020, 1, 31), 13), date(2021, 2, 28))


class Learning(unittest.TestCase):
    """On made-up rows with a direction that the data contradict and a true interaction."""

    @classmethod
    def setUpClass(cls):
        draw = np.random.default_rng(5)
        cls.inputs = (
            count("more", 4, monotone=1),
            flag("yes", monotone=1, missing_as="no"),
            category("kind", "property", "public_order", "other"),
            count("free", 3),
        )
        n = 6000
        x = np.column_stack(
            [draw.integers(0, 5, n), draw.integers(0, 2, n), draw.choice([0, 2], n), draw.integers(0, 4, n)]
        ).astype(float)
        x[draw.random(n) < 0.1, 3] = np.nan
        x[draw.random(n) < 0.1, 1] = np.nan
        m = -0.4 * x[:, 0] + 0.8 * np.nan_to_num(x[:, 1]) + 0.7 * (x[:, 2] == 2) * (np.nan_to_num(x[:, 3]) - 1.5)
        cls.x, cls.y = x, (draw.random(n) < metrics.sigmoid(m)).astype(int)
        cls.binned = additive.bins(cls.inputs, x)
        everybody = np.ones(n, bool)
        later = (cls.y == 0) & (draw.random(n) < 0.9)
        again = (later & (draw.random(n) < metrics.sigmoid(m))).astype(int)
        settings = learn.Settings(rounds=80, bags=2, pairs=2, smallest_leaf=40)
        cls.models = learn.fit(cls.inputs, cls.binned, [everybody, later], [cls.y, again], settings, 3)

    def test_direction_holds_against_the_data(self):
        for model in self.models:
            for feature, steps in model.smallest_steps().items():
                self.assertGreaterEqual(steps.min(), 0, feature)

    def test_finds_the_interaction(self):
        self.assertIn((2, 3), [axes for axes, _ in self.models[0].terms])

    def test_unknown_flag_is_no(self):
        for model in self.models:
            for axes, table in model.terms:
                if 1 in axes:
                    np.testing.assert_array_equal(
                        np.take(table, 0, axis=axes.index(1)), np.take(table, 1, axis=axes.index(1))
                    )

    def test_never_missing_is_average_when_missing(self):
        self.assertEqual(self.models[0].terms[0][1][0], 0)

    def test_category_that_the_data_keep_under_other(self):
        table = self.models[0].terms[2][1]
        self.assertEqual(table[2], table[3])

    def test_predicts(self):
        self.assertGreater(metrics.auc(self.y, self.models[0].margin(self.binned)), 0.64)

    def test_unknown_that_lowered_the_risk_is_the_average(self):
        unknown = self.binned[:, 3] == 0
        self.assertLess(self.y[unknown].mean(), self.y[~unknown].mean() - 0.05)
        for model in self.models:
            self.assertEqual(model.least_of_unknown()["free"], 0)

    def test_zero_is_the_average_of_everybody(self):
        rows = self.binned
        for (axes, table) in self.models[0].terms:
            for j in axes:
                share = np.bincount(rows[:, j], minlength=len(np.moveaxis(table, axes.index(j), 0))) / len(rows)
                np.testing.assert_allclose(np.tensordot(share, table, (0, axes.index(j))), 0, atol=1e-9)

    def test_graph_gives_the_tables(self):
        for model in self.models:
            terms, margin = graph.run(graph.build(model, "test"), self.x)
            np.testing.assert_array_equal(terms, model.term_values(self.binned))
            np.testing.assert_allclose(margin, model.margin(self.binned), atol=1e-5)


class Steps(unittest.TestCase):
    def test_a_pair_that_turns_a_direction_is_seen(self):
        inputs = (count("more", 2, monotone=1), flag("partner"))
        rising = np.array([0.0, 0.0, 0.1, 0.2])
        turning = np.zeros((4, 3))
        turning[3, 2] = -0.3
        model = additive.Additive(inputs, 0.0, [((0,), rising), ((0, 1), turning)])
        self.assertAlmostEqual(model.smallest_steps()["more"].min(), 0.1 - 0.3, places=6)


class Unknown(unittest.TestCase):
    """One input of which unknown raises the risk by 0.2, with two partners."""

    def held(self, main, *rows):
        mains = [np.array([main, -0.1, 0.1]), np.array([0.0, -0.3, 0.3]), np.array([0.0, -0.3, 0.3])]
        pairs = {(0, k + 1): np.array([[0.0, *row], [0.0, 0.1, -0.1], [0.0, -0.1, 0.1]]) for k, row in enumerate(rows)}
        learn.unseen_is_average(mains, pairs, [True, False, False])
        learn.hold_unknown(mains, pairs)
        return mains[0][0], [list(table[0]) for table in pairs.values()]

    def test_what_raises_stays_and_what_lowers_is_the_average(self):
        for name, (main, *rows), (main_held, *rows_held) in (
            ("raises whatever the partners", (0.2, (-0.1, 0.1), (0.05, -0.05)), (0.2, (-0.1, 0.1), (0.05, -0.05))),
            ("lowers beside the worst partners", (0.2, (-0.3, 0.3), (0.1, -0.1)), (0.2, (-0.15, 0.15), (0.05, -0.05))),
            ("lowers", (-0.2, (-0.3, 0.3), (0.1, -0.1)), (0, (0, 0), (0, 0))),
            ("says nothing alone", (0, (-0.3, 0.3)), (0, (0, 0))),
        ):
            with self.subTest(name):
                got, of_pairs = self.held(main, *rows)
                self.assertEqual(got, main_held)
                np.testing.assert_allclose(of_pairs, [[0, *row] for row in rows_held], atol=1e-12)

    def test_a_pair_that_turns_unknown_is_seen(self):
        inputs = (count("some", 1), flag("partner"))
        pair = np.array([[0.0, -0.3, 0.3], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        model = additive.Additive(inputs, 0.0, [((0,), np.array([0.2, 0.0, 0.0])), ((0, 1), pair)])
        self.assertAlmostEqual(model.least_of_unknown()["some"], 0.2 - 0.3)


class Calibration(unittest.TestCase):
    def setUp(self):
        draw = np.random.default_rng(11)
        self.m = draw.normal(size=4000)
        self.y = (draw.random(4000) < metrics.sigmoid(0.5 * self.m - 1)).astype(int)

    def test_platt_finds_the_line(self):
        line = calibrate.platt(self.m, self.y)
        self.assertAlmostEqual(line["a"], 0.5, delta=0.1)
        self.assertAlmostEqual(line["b"], -1, delta=0.1)

    def test_maps_rise_strictly(self):
        grid = np.linspace(-6, 6, 500)
        for fitted in (calibrate.platt(self.m, self.y), calibrate.beta(self.m, self.y)):
            self.assertGreater(np.diff(calibrate.apply(fitted, grid)).min(), 0, fitted["method"])

    def test_platt_refuses_margins_that_rank_backwards(self):
        with self.assertRaisesRegex(ValueError, "do not rank"):
            calibrate.platt(-self.m, self.y)

    def test_venn_abers_bounds_stand_in_order(self):
        low, high = calibrate.venn_abers(self.m[:500], self.y[:500], np.linspace(-2, 2, 9)).T
        self.assertTrue((low <= high).all())


class Answers(unittest.TestCase):
    def people(self, n, slope, shift):
        draw = np.random.default_rng(2)
        m = draw.normal(-0.5, 1, n)
        return (draw.random(n) < metrics.sigmoid(slope * m + shift)).astype(int), metrics.sigmoid(m)

    def test_decisions(self):
        for name, (n, slope, shift), decision in (
            ("same people", (4000, 1, 0), "holds"),
            ("another level", (4000, 1, 0.6), "recalibrate"),
            ("ranks nobody", (4000, 0.02, 0), "do not use"),
            ("ranks backwards", (4000, -0.5, 0), "do not use"),
            ("a handful", (150, 1, 0), "too few"),
        ):
            with self.subTest(name):
                self.assertEqual(local.examine(*self.people(n, slope, shift)).decision, decision)


class Bands(unittest.TestCase):
    def test_a_probability_at_a_cut_is_of_the_upper_band(self):
        np.testing.assert_array_equal(bands.band_of(np.array([0.1, 0.2, 0.3, 0.5]), 0.2, 0.5), [0, 1, 1, 2])

    def test_observed_bins_cover_everybody_once(self):
        p = np.random.default_rng(1).random(999)
        made = bands.observed(p, (p > 0.5).astype(int))
        self.assertEqual(sum(part["n"] for part in made), 999)
        self.assertEqual((made[0]["lower"], made[-1]["upper"]), (0, 1))


class Targets(unittest.TestCase):
    def test_hazards_multiply_to_a_probability(self):
        hazards = {head.id: np.array([0.5]) for head in HEADS}
        expected = {12: 0.5, 24: 0.75, 36: 0.875}
        for target in TARGETS:
            if target.horizon_months:
                self.assertEqual(target.probability(hazards)[0], expected[target.horizon_months])


class Committed:
    """What holds for every bundle that ships."""

    @classmethod
    def setUpClass(cls):
        cls.folder = BUNDLES / cls.name
        cls.card = json.loads((cls.folder / "card.json").read_text())
        cls.graphs = {head["id"]: onnx.load(cls.folder / head["graph"]) for head in cls.card["heads"]}

    def test_inputs_are_those_of_this_package(self):
        self.assertEqual(self.card["inputs"], [given.for_card() for given in self.inputs])

    def test_no_head_has_more_than_twenty_pairs(self):
        for head in self.card["heads"]:
            self.assertLessEqual(sum(len(term["features"]) == 2 for term in head["terms"]), 20, head["id"])

    def test_every_direction_holds_pairs_included(self):
        for head in self.card["heads"]:
            tables = scored.tables_of(self.graphs[head["id"]], self.inputs, [term["features"] for term in head["terms"]])
            for feature, steps in additive.Additive(self.inputs, 0.0, tables).smallest_steps().items():
                with self.subTest(head=head["id"], feature=feature):
                    self.assertGreaterEqual(steps.min(), 0)

    def test_no_protected_attribute_among_the_inputs(self):
        names = {given["feature"] for given in self.card["inputs"]}
        for word in ("sex", "gender", "race", "ethnic", "puma", "address", "religion", "nationality", "health"):
            self.assertFalse([name for name in names if word in name.split("_")], word)

    def test_selftest_rows_are_generated(self):
        rows = pd.read_csv(self.folder / "selftest.csv")
        x = rows[[given.feature for given in self.inputs]].to_numpy(dtype=float)
        np.testing.assert_array_equal(x, selftest_matrix(self.inputs, len(rows)))

    def test_texts_in_three_languages(self):
        texts = [self.card["title"], self.card["intended_use"], *self.card["excluded_uses"], *self.card["limits"],
                 self.card["training"]["population"], *[score["band_reason"] for score in self.card["scores"]]]
        for text in texts:
            self.assertEqual(list(text), ["en", "ru", "uz"])
            self.assertFalse(set("'`’‘") & set(text["uz"]), text["uz"])

    def test_calibrations_rise(self):
        for head in self.card["heads"]:
            self.assertGreater(head["calibration"]["a"], 0)

    def test_bands_are_monotone(self):
        for score in self.card["scores"]:
            rates = [band["events"] / band["n"] for band in score["band_observed"]]
            self.assertEqual(rates, sorted(rates))

    def test_scored_in_python_as_the_selftest_says(self):
        rows = pd.read_csv(self.folder / "selftest.csv")
        frame = rows[[given.feature for given in self.inputs]].copy()
        for given in self.inputs:
            if given.categories:
                frame[given.feature] = frame[given.feature].map(dict(enumerate(given.categories)))
        for head, hazard in scored.Bundle(self.folder).hazards(frame).items():
            np.testing.assert_allclose(hazard, rows[f"{head}:hazard"], atol=1e-6)


class NeverBelowAverage:
    """For the bundles that score people, real or made up."""

    def test_unknown_is_never_below_the_average_pairs_included(self):
        for head in self.card["heads"]:
            names = [term["features"] for term in head["terms"]]
            model = additive.Additive(self.inputs, 0.0, scored.tables_of(self.graphs[head["id"]], self.inputs, names))
            for feature, least in model.least_of_unknown().items():
                if [feature] not in names:
                    continue
                with self.subTest(head=head["id"], feature=feature):
                    average = head["reference"][names.index([feature])]
                    self.assertAlmostEqual(average, 0, delta=1e-6)
                    self.assertGreaterEqual(least, average - 1e-6)


class GeorgiaParole(Committed, NeverBelowAverage, unittest.TestCase):
    name, inputs = "georgia-parole", RELEASE

    def test_unknown_gang_affiliation_is_no(self):
        gang = [given.feature for given in self.inputs].index("gang_affiliation")
        x = selftest_matrix(self.inputs, 200)
        blank, no = x.copy(), x.copy()
        blank[:, gang], no[:, gang] = np.nan, 0
        for name, made in self.graphs.items():
            np.testing.assert_array_equal(graph.run(made, blank)[0], graph.run(made, no)[0], name)


class GeorgiaActivity(Committed, unittest.TestCase):
    name, inputs = "georgia-activity", activity.INPUTS

    def test_is_a_benchmark(self):
        self.assertTrue(self.card["benchmark"])

    def test_year_one_reads_nothing_of_later(self):
        later = {given.feature for given in activity.ACTIVITY}
        first = self.card["heads"][0]
        self.assertEqual(first["from_months"], 0)
        self.assertFalse(later & {name for term in first["terms"] for name in term["features"]})


class MonitoringDemo(Committed, NeverBelowAverage, unittest.TestCase):
    name, inputs = "monitoring-demo", monitoring.INPUTS

    def test_says_that_people_are_made_up(self):
        for lang, word in (("en", "made-up"), ("ru", "вымышленн"), ("uz", "ylab topilgan")):
            for text in (self.card["title"], self.card["intended_use"], self.card["limits"][0], self.card["training"]["population"]):
                self.assertIn(word, text[lang].lower())
        self.assertEqual(self.card["validity"]["state"], "demonstration")

    def test_finds_the_true_pair_of_the_process(self):
        self.assertIn({"features": ["drug_tests_positive_180d", "employed_now"]}, self.card["heads"][0]["terms"])


class Landmarks(unittest.TestCase):
    def setUp(self):
        self.person = np.repeat(np.arange(3000), np.tile([2, 10], 1500))
        rows = len(self.person)
        self.of = monitoring.Landmarks(pd.DataFrame(), np.zeros(rows), self.person, np.full(rows, "male"))

    def test_people_are_kept_apart(self):
        number = folds.by_person(self.person, 5, 1)
        for person in range(20):
            self.assertEqual(len(set(number[self.person == person])), 1)
        self.assertEqual(set(number), set(range(5)))

    def test_one_of_each_counts_long_records_as_long(self):
        chosen = self.of.one_each(1)
        self.assertEqual(len(np.unique(self.person[chosen])), len(chosen))
        self.assertAlmostEqual(np.mean(self.person[chosen] % 2), 10 / 12, delta=0.03)


class NothingRandom(unittest.TestCase):
    def test_training_twice_gives_the_same_model(self):
        draw = np.random.default_rng(0)
        inputs = (count("a", 3), replace(count("b", 3), monotone=1))
        x = draw.integers(0, 4, (800, 2)).astype(float)
        y = (draw.random(800) < 0.2 + 0.1 * x[:, 0]).astype(int)
        binned, everybody = additive.bins(inputs, x), np.ones(800, bool)
        one, two = (
            learn.fit(inputs, binned, [everybody], [y], learn.Settings(rounds=20, bags=2, pairs=1), 4)[0] for _ in range(2)
        )
        self.assertEqual(graph.build(one, "a").SerializeToString(), graph.build(two, "a").SerializeToString())


if __name__ == "__main__":
    unittest.main()
