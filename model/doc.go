// Package model reads bundles: a card that says what a model is for, from whom it was learnt and where it fails, the ONNX graph of
// each head, and a self-test.
//
// Load and Read hold every file against its sum, check the card strictly and run the self-test before a bundle is given back: a
// Bundle that exists is what its card says. A head gives the terms of its margin (log-odds before calibration); Calibration turns the
// margin into calibrated log-odds. Shipped are the bundles within the binary. docs/model.md says how they were made.
package model
