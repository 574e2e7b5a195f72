package words_test

import (
	"testing"

	"github.com/tarozi/tarozi/explain/words"
)

func TestOtherScript(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"Cyrillic with all four own letters", "Ғуломов Қаҳрамон Ўткир", "gʻulomov qahramon oʻtkir"},
		{"digraphs to Latin", "Шарипов Чори Юсуф", "sharipov chori yusuf"},
		{"digraphs to Cyrillic", "Sharipov Chori Yusuf", "шарипов чори юсуф"},
		{"typed apostrophe", "O'tkir G‘ulom", "ўткир ғулом"},
		{"Russian", "Иванов", "ivanov"},
		{"nothing to change", "12-34", "12-34"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := words.OtherScript(row.in); got != row.want {
				t.Errorf("OtherScript(%q) = %q, want %q", row.in, got, row.want)
			}
		})
	}
}
