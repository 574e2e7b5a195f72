package onnx

import (
	"math"
	"slices"
)

// binned is a feature whose values are put into bins between all thresholds that
// a forest compares it with: bin b holds values above b of the cuts, the last
// bin missing values.
type binned struct {
	feature int32
	count   int
	// cuts are keys, ascending, filled up to one less than a power of two with
	// numbers that no key exceeds.
	cuts []int32
}

// binned returns the features that the forest compares, and their places by
// number.
func (f *forest[T]) binned(columns []column) ([]binned, map[int32]int32) {
	var features []binned
	at := map[int32]int32{}
	for i, t := range f.trees {
		for k, n := range f.nodesOf(i) {
			if n.left == t.root+int32(k) {
				continue
			}
			c := columns[n.column]
			place, known := at[c.feature]
			if !known {
				place = int32(len(features))
				at[c.feature] = place
				features = append(features, binned{feature: c.feature})
			}
			if c.kind != columnMissing && n.threshold == n.threshold {
				features[place].cuts = append(features[place].cuts, key(float32(n.threshold)))
			}
		}
	}
	for i := range features {
		features[i].settle()
	}
	return features, at
}

// settle puts cuts in whatever order into the one that bin needs.
func (b *binned) settle() {
	slices.Sort(b.cuts)
	b.cuts = slices.Compact(b.cuts)
	b.count = len(b.cuts)
	for len(b.cuts)&(len(b.cuts)+1) != 0 {
		b.cuts = append(b.cuts, math.MaxInt32)
	}
}

func (b *binned) bins() int { return b.count + 2 }

// bin finds the bin of a value without a branch on it, so that the searches of
// several features overlap.
func (b *binned) bin(v float32) int32 {
	if v != v {
		return int32(b.count) + 1
	}
	k, below := int64(key(v)), 0
	for half := (len(b.cuts) + 1) / 2; half > 0; half /= 2 {
		below += half & int((int64(b.cuts[below+half-1])-k)>>63)
	}
	return int32(below)
}

// left tells where the values of a bin go at a split.
func (b *binned) left(bin int, kind columnKind, threshold float32) bool {
	if bin == b.count+1 {
		return kind != columnRaw
	}
	// The values of a bin are at most its cut, and above the one before.
	return kind != columnMissing && threshold == threshold && bin < b.count && b.cuts[bin] <= key(threshold)
}
