package onnx

import (
	"fmt"
	"math"
)

// transform is what tree ensembles and linear models do to their scores last.
type transform uint8

const (
	transformNone transform = iota
	transformLogistic
	transformSoftmax
	transformSoftmaxZero
	transformProbit
)

var transformNames = [...]string{"NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO", "PROBIT"}

func parseTransform(name string) (transform, error) {
	for i, known := range transformNames {
		if name == known {
			return transform(i), nil
		}
	}
	return 0, fmt.Errorf("post_transform %q is not known", name)
}

// logistic is symmetric, as in ONNX Runtime, so that the two classes of a binary
// model add up to 1. It does not branch on the sign, which is as good as random.
func logistic[T float](v T) T {
	p := 1 / (1 + math.Exp(-math.Abs(float64(v))))
	return T(0.5 + math.Copysign(p-0.5, float64(v)))
}

// logisticPair returns logistic(-v) and logistic(v).
func logisticPair[T float](v T) (T, T) {
	p := 1 / (1 + math.Exp(-math.Abs(float64(v))))
	d := math.Copysign(p-0.5, float64(v))
	return T(0.5 - d), T(0.5 + d)
}

// probit is the normal quantile by Winitzki's approximation of the inverse error
// function (2008), in float32: what ONNX Runtime computes, good to 0.002.
func probit[T float](v T) T {
	// Every step is rounded to float32, for the differences cancel near a half.
	a, pi := float32(0.147), float32(math.Pi)
	x := 2*float32(v) - 1
	sign := float32(1)
	if x < 0 {
		sign = -1
	}
	x = (1 - x) * (1 + x)
	l := float32(math.Log(float64(x)))
	first := 2/(pi*a) + 0.5*l
	second := 1 / a * l
	root := -first + float32(math.Sqrt(float64(float32(first*first)-second)))
	return T(1.41421356 * sign * float32(math.Sqrt(float64(root))))
}

// applyTransform transforms the scores of one row, which are two or more.
func applyTransform[T float](t transform, row []T) {
	switch t {
	case transformLogistic:
		for i, v := range row {
			row[i] = logistic(v)
		}
	case transformProbit:
		for i, v := range row {
			row[i] = probit(v)
		}
	case transformSoftmax, transformSoftmaxZero:
		highest := -math.MaxFloat64
		for _, v := range row {
			if float64(v) > highest {
				highest = float64(v)
			}
		}
		sum := T(0)
		for i, v := range row {
			if t == transformSoftmaxZero && v <= 0.0000001 && v >= -0.0000001 {
				// A zero keeps its place: only the others share the probability.
				row[i] = v * T(math.Exp(-highest))
				continue
			}
			row[i] = T(math.Exp(float64(v) - highest))
			sum += row[i]
		}
		for i := range row {
			row[i] /= sum
		}
	}
}
