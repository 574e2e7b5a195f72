package onnx_test

import (
	"fmt"
	"log"
	"os"

	"github.com/tarozi/tarozi/model/onnx"
)

// A model is loaded once; each goroutine runs it through a session of its own.
func Example() {
	file, err := os.ReadFile("testdata/example.onnx")
	if err != nil {
		log.Fatal(err)
	}
	program, err := onnx.Load(file, onnx.DefaultLimits())
	if err != nil {
		log.Fatal(err)
	}
	session := program.NewSession()
	outputs, err := session.RunRows([]float32{1, 0, 3, 2.5, 1, 0}, 2) // two rows of three features
	if err != nil {
		log.Fatal(err)
	}
	for i, value := range program.Outputs() {
		elements, _ := onnx.Data[float32](outputs[i])
		fmt.Println(value.Name, outputs[i].Dims(), elements)
	}
	// Output:
	// terms [2 2] [0.25 -0.5 0.75 0.5]
	// margin [2 1] [-1.25 0.25]
}
