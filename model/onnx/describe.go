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
