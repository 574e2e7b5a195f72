package onnx

import "maps"

// Info is what a model file says about itself.
type Info struct {
	Bytes           int
	IRVersion       int64
	Producer        string
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Graph           string
	// Opsets are the imported operator sets by domain, "" the main one.
	Opsets map[string]int
	// Metadata are the file's own properties.
	Metadata map[string]string
	// Operators counts the nodes by operator, other domains as "domain.Operator".
	Operators map[string]int
	// Constants counts the elements of all initializers.
	Constants int
}

func (d *decoded) info(size int) Info {
	i := Info{
		Bytes: size, IRVersion: d.irVersion, Producer: d.producer, ProducerVersion: d.producerVersion,
		Domain: d.domain, ModelVersion: d.modelVersion, Graph: d.graphName,
		Opsets: maps.Clone(d.opsets), Metadata: maps.Clone(d.metadata), Operators: map[string]int{},
	}
	for _, n := range d.header.nodes {
		i.Operators[qualified(n.domain, n.op)]++
	}
	for _, t := range d.initializers {
		i.Constants += t.Len()
	}
	return i
}

func qualified(domain, op string) string {
	if domain == "" {
		return op
	}
	return domain + "." + op
}

// Description is what Describe finds in a file that may not run.
type Description struct {
	Info            Info
	Inputs, Outputs []Value
	// Unsupported holds a message for each node whose operator is not supported, or
	// the first reason for which Load refuses the file; nothing when it runs.
	Unsupported []string
}

// Describe reads a model file without the demand that it runs.
func Describe(file []byte, limits Limits) (Description, error) {
	h, _, err := prepare(file, limits)
	if err != nil {
		return Description{}, err
	}
	d := Description{Info: (&decoded{header: h}).info(len(file)), Inputs: h.inputs, Outputs: h.outputs}
	p, err := Load(file, limits)
	if err == nil {
		d.Info, d.Inputs, d.Outputs = p.info, p.inputs, p.outputs
		return d, nil
	}
	for _, n := range h.nodes {
		if _, refused := lookup(&node{name: n.name, op: n.op, domain: n.domain, opset: h.opsets[n.domain]}); refused != nil {
			d.Unsupported = append(d.Unsupported, refused.Error())
		}
	}
	if len(d.Unsupported) == 0 {
		d.Unsupported = []string{err.Error()}
	}
	return d, nil
}
