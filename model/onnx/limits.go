package onnx

// Limits bounds what a model file may ask for. A file may come from anywhere,
// so every size it states is held against these before memory is taken.
type Limits struct {
	// FileBytes is the largest file that Load reads.
	FileBytes int
	// Nodes is the largest number of operator nodes in the graph.
	Nodes int
	// ConstantElements is the largest number of elements of one initializer or
	// tensor attribute, and of all that is computed from constants alone together.
	ConstantElements int
	// TreeNodes is the largest number of nodes over all trees of one ensemble.
	TreeNodes int
	// TreeDepth is the longest path from a root to a leaf.
	TreeDepth int
	// TensorElements is the largest number of elements of all tensors made during
	// a run together, outputs included: it bounds a session's memory.
	TensorElements int
	// RunWork bounds one run as a whole: elements written, multiplications of
	// matrix products and tree visits, summed over all steps.
	RunWork int64
}

// DefaultLimits suits models of a service: files up to 256 MB, batches up to
// some hundred thousand rows.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:        256 << 20,
		Nodes:            100_000,
		ConstantElements: 64 << 20,
		TreeNodes:        16 << 20,
		TreeDepth:        4096,
		TensorElements:   512 << 20,
		RunWork:          1 << 36,
	}
}
