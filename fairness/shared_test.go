//go:build shareddata

package fairness

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// sharedFile is a data set that may not be copied into the repository: TAROZI_SHARED_DATA names its folder.
func sharedFile(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("TAROZI_SHARED_DATA")
	if dir == "" {
		t.Fatal("set TAROZI_SHARED_DATA to the folder with the data sets")
	}
	return filepath.Join(dir, name)
}

func compasTable(t *testing.T) *Table {
	t.Helper()
	in, err := ReadFile(sharedFile(t, "compas_two_years_deidentified.csv"),
		Columns{Score: "decile_score", Outcome: "two_year_recid", Groups: []string{"race", "sex"}}, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	return in.Table
}

func TestGoldensCOMPAS(t *testing.T) {
	f := readGoldens(t, "compas")
	checkGoldens(t, f, map[bool]*Frame{false: compute(t, compasTable(t), plainOptions(f.Threshold))})
}

func TestGoldensNIJ(t *testing.T) {
	f := readGoldens(t, "nij")
	in, err := ReadFile(sharedFile(t, "nij_challenge_train.csv"), Columns{Score: "Supervision_Risk_Score_First",
		Outcome: "Recidivism_Within_3years", Groups: []string{"Race", "Gender", "Age_at_Release"}}, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	if in.Rows != 18028 || in.Table.Rows()+refused(in) != in.Rows || refused(in) == 0 {
		t.Errorf("%d rows, %d measured, %d set aside: they do not add up", in.Rows, in.Table.Rows(), refused(in))
	}
	for i := range in.Table.Score {
		in.Table.Score[i] /= 11
	}
	checkGoldens(t, f, map[bool]*Frame{false: compute(t, in.Table, plainOptions(f.Threshold))})
}

// TestPublishedCOMPAS holds the table of Larson, Mattu, Kirchner and Angwin, "How we analyzed the COMPAS recidivism
// algorithm" (ProPublica, 2016), to the last digit shown, with the default suppression of small cells.
func TestPublishedCOMPAS(t *testing.T) {
	o := DefaultOptions()
	o.Thresholds, o.Replicates = []float64{5}, 0
	frame := compute(t, compasTable(t), o)
	for _, row := range []struct {
		attribute, group string
		n                int
		fpr, fnr, ppv    string
	}{
		{AllAttribute, AllGroup, 7214, "32.35", "37.40", "61.35"},
		{"race", "African-American", 3696, "44.85", "27.99", "62.97"},
		{"race", "Caucasian", 2454, "23.45", "47.72", "59.13"},
	} {
		for _, g := range frame.Groups {
			if g.Attribute != row.attribute || g.Group != row.group {
				continue
			}
			if g.N != row.n {
				t.Errorf("%s: n %d, want %d", row.group, g.N, row.n)
			}
			for metric, want := range map[Metric]string{FPR: row.fpr, FNR: row.fnr, PPV: row.ppv} {
				if got := strconv.FormatFloat(100*g.At[0].Metrics[metric].Value, 'f', 2, 64); got != want {
					t.Errorf("%s %s: %s, want %s", row.group, metric, got, want)
				}
			}
		}
	}
	if auc := frame.Groups[0].Score[AUC].Value; math.Abs(auc-0.702) > 0.0005 {
		t.Errorf("AUC %v, want 0.702", auc)
	}
	for _, g := range frame.Groups {
		if small := g.Group == "Asian" || g.Group == "Native American"; small && g.At[0].Metrics[FPR].Reason != SmallCell {
			t.Errorf("%s: FPR is shown though few people stand behind it", g.Group)
		}
	}
}
