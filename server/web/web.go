// Package web holds what the pages are made of: templates, styles and the pages' texts.
package web

import (
	"embed"
	"io/fs"
)

// Files are the folders templates, static and locales.
//
//go:embed templates static locales
var Files embed.FS

// Locales are the pages' texts, a folder for each locale.
func Locales() (fs.FS, error) { return fs.Sub(Files, "locales") }
