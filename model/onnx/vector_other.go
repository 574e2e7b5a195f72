//go:build !amd64

package onnx

func dots(out []float32, stride, rows int, x, w []float32) { dotsPlain(out, stride, rows, x, w) }

func multiply32(m, n, k int, a, b, c []float32) { productPlain(m, n, k, a, b, c) }

func andRows(out, table []uint64, places []int32) { andRowsPlain(out, table, places) }

func logisticPairs(scores []float32, rows int) { logisticPairsPlain(scores, 0, rows) }
