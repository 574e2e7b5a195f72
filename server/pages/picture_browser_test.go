//go:build browser

package pages_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// images is where the pictures of the README and the guides lie; the tests that go through the pages make them anew.
const images = "../../docs/images/"

// picture writes what the window shows, from the element on, as a PNG with 256 colours; most bytes it may have are said.
func (b *screen) picture(name, from string, width, height int64, most int) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}})
	must(b, err)
	b.do(chromedp.EmulateViewport(width, height))
	evaluate[bool](b, `document.querySelector('`+from+`').scrollIntoView(); document.activeElement.blur(); true`)
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	must(b, err)
	full, err := png.Decode(bytes.NewReader(shot))
	must(b, err)
	var small bytes.Buffer
	must(b, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColours(full)))
	if small.Len() > most {
		b.Errorf("%s has %d bytes, more than %d", name, small.Len(), most)
	}
	must(b, os.MkdirAll(images, 0o755))
	must(b, os.WriteFile(filepath.Join(images, name), small.Bytes(), 0o644))
	b.do(chromedp.EmulateViewport(1280, 900))
}

// fewColours draws a picture with its 256 most frequent colours: pages have few, and shades of letters.
func fewColours(full image.Image) *image.Paletted {
	area, count := full.Bounds(), map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(full.At(x, y)).(color.RGBA) }
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int { return count[b] - count[a] })
	palette := make(color.Palette, 0, 256)
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range colours {
		nearest[c] = uint8(palette.Index(c))
	}
	drawn := image.NewPaletted(area, palette)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			drawn.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	return drawn
}
