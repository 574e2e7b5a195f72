package model

import (
	"fmt"
	"math"

	"github.com/tarozi/tarozi"
)

// Calibration maps a margin (log-odds) to a calibrated probability. It is smooth and strictly increasing.
//
// Method "platt" (Platt 1999): p = sigmoid(A*m + B), A > 0.
// Method "beta" (Kull, Silva Filho, Flach 2017): with q = sigmoid(m), logit p = A*ln q - B*ln(1-q) + C, A and B >= 0, not both 0.
type Calibration struct {
	Method string  `json:"method"`
	A      float64 `json:"a"`
	B      float64 `json:"b"`
	C      float64 `json:"c,omitzero"`
}

func (c Calibration) check() error {
	for _, v := range []float64{c.A, c.B, c.C} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("calibration with a value that is not finite")
		}
	}
	switch {
	case c.Method == "platt" && c.A > 0 && c.C == 0:
		return nil
	case c.Method == "beta" && c.A >= 0 && c.B >= 0 && c.A+c.B > 0:
		return nil
	}
	return fmt.Errorf("calibration %+v does not rise strictly: platt needs a > 0, beta a and b >= 0 and not both 0", c)
}

// LogOdds is the calibrated log-odds of margin m.
func (c Calibration) LogOdds(m float64) float64 {
	if c.Method == "beta" {
		return c.A*tarozi.LogSigmoid(m) - c.B*tarozi.LogSigmoid(-m) + c.C
	}
	return c.A*m + c.B
}

// Slope is the derivative of LogOdds at margin m.
func (c Calibration) Slope(m float64) float64 {
	if c.Method == "beta" {
		return c.A*tarozi.Sigmoid(-m) + c.B*tarozi.Sigmoid(m)
	}
	return c.A
}
