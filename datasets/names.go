package datasets

import (
	"fmt"
	"math/rand/v2"

	"github.com/tarozi/tarozi"
)

// Made-up names in Uzbek's Latin letters, with U+02BB in oʻ and gʻ and U+02BC for the tutuq belgisi. Any likeness is chance.
var (
	maleNames = []string{
		"Aziz", "Bahodir", "Botir", "Doniyor", "Elyor", "Farruh", "Gʻayrat", "Gʻolib", "Hamid", "Ibrohim", "Jasur", "Komil", "Laziz",
		"Maʼmur", "Maʼruf", "Muzaffar", "Nodir", "Oʻktam", "Oʻtkir", "Rustam", "Sanʼat", "Sardor", "Sherzod", "Sunnat", "Timur", "Ulugʻbek",
		"Umid", "Xurshid", "Yoʻldosh", "Zafar",
	}
	femaleNames = []string{
		"Barno", "Dildora", "Feruza", "Gʻuncha", "Gulnora", "Iroda", "Kamola", "Lola", "Maʼmura", "Malika", "Nargiza", "Nilufar", "Oʻgʻiloy",
		"Robiya", "Sanobar", "Saʼdiya", "Shahnoza", "Umida", "Xurshida", "Zulfiya",
	}
	surnames = []string{
		"Abdullayev", "Boʻriyev", "Choriyev", "Doʻstov", "Ergashev", "Fayziyev", "Gʻaniyev", "Gʻulomov", "Hasanov", "Isʼhoqov", "Joʻrayev",
		"Karimov", "Maʼrufov", "Mirzayev", "Nazarov", "Normurodov", "Oʻrinov", "Oʻtayev", "Poʻlatov", "Qodirov", "Qoʻchqorov", "Rahimov",
		"Saʼdullayev", "Saidov", "Toʻrayev", "Toʻxtayev", "Umarov", "Xoʻjayev", "Yoʻldoshev", "Yusupov", "Zokirov",
	}
)

// regions are the areas of Uzbekistan with an agency each, the three of the demo first.
var regions = [MaxAgencies]struct{ id, name string }{
	{"toshkent", "Toshkent shahri"}, {"samarqand", "Samarqand viloyati"}, {"fargona", "Fargʻona viloyati"},
	{"andijon", "Andijon viloyati"}, {"buxoro", "Buxoro viloyati"}, {"jizzax", "Jizzax viloyati"}, {"qashqadaryo", "Qashqadaryo viloyati"},
	{"navoiy", "Navoiy viloyati"}, {"namangan", "Namangan viloyati"}, {"surxondaryo", "Surxondaryo viloyati"},
	{"sirdaryo", "Sirdaryo viloyati"}, {"toshkent-viloyati", "Toshkent viloyati"}, {"xorazm", "Xorazm viloyati"},
	{"qoraqalpogiston", "Qoraqalpogʻiston Respublikasi"},
}

// MaxAgencies is the most agencies that a population can be spread over.
const MaxAgencies = 14

// SyntheticAgencies are the agencies of a population, with the ids that its histories name.
func SyntheticAgencies(n int) []tarozi.Agency {
	list := make([]tarozi.Agency, 0, n)
	for _, r := range regions[:min(max(n, 0), len(regions))] {
		list = append(list, tarozi.Agency{ID: r.id, Name: r.name + " probatsiya boʻlimi"})
	}
	return list
}

// identity makes up a name and a telephone number; +998 00 is given to nobody.
func identity(random *rand.Rand, person string, female bool) tarozi.Identity {
	surname, given, child := pick(random, surnames), pick(random, maleNames), "oʻgʻli"
	if female {
		surname, given, child = surname+"a", pick(random, femaleNames), "qizi"
	}
	return tarozi.Identity{
		PersonID: person,
		Name:     fmt.Sprintf("%s %s %s %s", surname, given, pick(random, maleNames), child),
		Contact:  fmt.Sprintf("+998 00 %03d %02d %02d", random.IntN(1000), random.IntN(100), random.IntN(100)),
	}
}

func pick[T any](random *rand.Rand, list []T) T { return list[random.IntN(len(list))] }
