package explain

import (
	"math/rand/v2"
	"testing"
)

// completeTrees are made-up trees of one depth, with rows of normal deviates.
func completeTrees(count, depth, columns int) trees {
	random := rand.New(rand.NewPCG(1, 2))
	e := trees{columns: columns}
	for range count {
		inner := 1<<depth - 1
		nodes := make([]treeNode, 2*inner+1)
		for i := range nodes {
			if i < inner {
				nodes[i] = treeNode{mode: "BRANCH_LT", feature: random.IntN(columns), threshold: float32(random.NormFloat64()),
					yes: 2*i + 1, no: 2*i + 2}
			} else {
				nodes[i].value = float32(random.NormFloat64()) / 50
			}
		}
		e.nodes = append(e.nodes, nodes)
	}
	return e
}

func normalRows(count, columns int) [][]float32 {
	random := rand.New(rand.NewPCG(3, 4))
	rows := make([][]float32, count)
	for i := range rows {
		rows[i] = make([]float32, columns)
		for j := range rows[i] {
			rows[i][j] = float32(random.NormFloat64())
		}
	}
	return rows
}

// One row against 100 background rows, 300 trees of depth 4, both units.
func BenchmarkTrees(b *testing.B) {
	e := completeTrees(300, 4, 20)
	h := headOf(b, e, normalRows(100, e.columns), nil)
	rows := normalRows(164, e.columns)[100:]
	for i := 0; b.Loop(); i++ {
		partsOf(b, h, rows[i%len(rows)])
	}
}

// The served case: three heads of 35 terms, both units, after the graphs have run.
func BenchmarkProduct(b *testing.B) {
	heads := make([]Hazard, 3)
	random := rand.New(rand.NewPCG(5, 6))
	for i := range heads {
		heads[i] = Hazard{Reference: -1, Curve: platt{1.1, -0.1}, Share: 1}
		for range 35 {
			heads[i].Terms = append(heads[i].Terms, random.NormFloat64()/5)
		}
	}
	for b.Loop() {
		if _, err := Product(heads); err != nil {
			b.Fatal(err)
		}
	}
}
