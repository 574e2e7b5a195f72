package model

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed bundles
var shipped embed.FS

// Shipped loads the bundles that are part of the program, in the order of their ids.
func Shipped() ([]*Bundle, error) {
	folders, err := shipped.ReadDir("bundles")
	if err != nil {
		return nil, fmt.Errorf("listing the shipped bundles: %w", err)
	}
	var bundles []*Bundle
	for _, folder := range folders {
		files, err := fs.Sub(shipped, "bundles/"+folder.Name())
		if err != nil {
			return nil, fmt.Errorf("bundle %s: %w", folder.Name(), err)
		}
		b, err := Load(files)
		if err != nil {
			return nil, fmt.Errorf("bundle %s: %w", folder.Name(), err)
		}
		bundles = append(bundles, b)
	}
	return bundles, nil
}
