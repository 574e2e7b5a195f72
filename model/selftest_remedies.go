package model

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"

	"github.com/tarozi/tarozi"
)

// remediesFile holds, for every curve of every remedy of the card, the hazards that the bundle's makers computed at some margins.
const remediesFile = "selftest_remedies.csv"

// LogOdds is the head's log-odds at a calibrated log-odds, after the group's curve; false where the remedy has no such curve.
func (r *Remedy) LogOdds(head, group string, calibrated float64) (float64, bool) {
	curve, ok := r.Heads[head][group]
	if !ok {
		return 0, false
	}
	return curve.LogOdds(calibrated), true
}

// selfTestRemedies compares the hazard of each row's head, remedy and group with the expected one, and wants a row for every curve.
func (b *Bundle) selfTestRemedies(file []byte) error {
	reader := csv.NewReader(bytes.NewReader(file))
	reader.FieldsPerRecord = 5
	rows, err := reader.ReadAll()
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0][0] != "remedy" || rows[0][1] != "group" || rows[0][2] != "head" || rows[0][3] != "margin" || rows[0][4] != "hazard" {
		return fmt.Errorf("the columns are remedy, group, head, margin, hazard")
	}
	heads := make(map[string]*Head, len(b.Heads))
	for _, h := range b.Heads {
		heads[h.ID] = h
	}
	tested := map[[3]string]bool{}
	for n, row := range rows[1:] {
		remedy, head := b.Card.Remedy(row[0]), heads[row[2]]
		if remedy == nil || head == nil {
			return fmt.Errorf("row %d: the card has no remedy %q or no head %q", n+2, row[0], row[2])
		}
		margin, err := strconv.ParseFloat(row[3], 64)
		if err != nil {
			return fmt.Errorf("row %d: margin: %w", n+2, err)
		}
		want, err := strconv.ParseFloat(row[4], 64)
		if err != nil {
			return fmt.Errorf("row %d: hazard: %w", n+2, err)
		}
		m, ok := remedy.LogOdds(head.ID, row[1], head.Calibration.LogOdds(margin))
		if !ok {
			return fmt.Errorf("row %d: remedy %s has no curve for group %q", n+2, remedy.ID, row[1])
		}
		if got := tarozi.Sigmoid(m); !(math.Abs(got-want) <= selfTestTolerance) {
			return fmt.Errorf("row %d: remedy %s gives group %s of head %s %v, the bundle's makers got %v", n+2, remedy.ID, row[1], head.ID, got, want)
		}
		tested[[3]string{row[0], row[1], row[2]}] = true
	}
	for _, r := range b.Card.Remedies {
		for head, curves := range r.Heads {
			for group := range curves {
				if !tested[[3]string{r.ID, group, head}] {
					return fmt.Errorf("no row tests remedy %s for group %s of head %s", r.ID, group, head)
				}
			}
		}
	}
	return nil
}
