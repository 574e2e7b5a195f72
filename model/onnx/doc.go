// Package onnx runs tabular models in the ONNX format, in pure Go and with the
// numbers of ONNX Runtime.
//
// Load decodes a file, checks it and compiles it into a Program. What the engine
// does not support is refused there, with the node at fault; a run fails only
// where the input does not fit the model. A Program never changes and may be
// shared; each goroutine takes a Session of its own, whose runs allocate nothing
// once they have seen their largest batch:
//
//	program, err := onnx.Load(file, onnx.DefaultLimits())
//	session := program.NewSession()
//	outputs, err := session.RunRows(x, n) // x: n rows of float32, one after the other
//
// Supported are the operators of docs/onnx.md: what scikit-learn, LightGBM,
// XGBoost and explainable boosting machines are exported to, in opsets 9 to 21
// of the main domain and 1 to 5 of ai.onnx.ml. Where ONNX Runtime and the
// written specification differ the engine follows ONNX Runtime, since that is
// what a model's author tested against; a comment stands beside each such line.
//
// A file may come from anywhere: Limits bounds every size that it states, and no
// panic of the decoder or of a kernel leaves the package.
package onnx
