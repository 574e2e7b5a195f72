"""The words of the card of ``monitoring-demo``: English, Russian, Uzbek (Latin, U+02BB and U+02BC)."""

from .texts import words

TITLE = words(
    "Demonstration on made-up people: the next three months of supervision, and of custody",
    "Демонстрация на вымышленных людях: ближайшие три месяца надзора и лишения свободы",
    "Oʻylab topilgan kishilardagi namoyish: nazorat va ozodlikdan mahrum qilishning yaqin uch oyi",
)

INTENDED_USE = words(
    "To show how monitoring records reach a score and its explanation. The model was trained on made-up people: no real person is "
    "behind it. For made-up people under supervision it estimates how often conditions are broken in the next three months, for "
    "made-up people in prison how often an incident is established in that time. It is for demonstrations, teaching and tests alone.",
    "Показать, как записи мониторинга входят в оценку и её объяснение. Модель обучена на вымышленных людях: за ней не стоит ни "
    "один настоящий человек. Для вымышленных поднадзорных лиц она оценивает, как часто в ближайшие три месяца нарушаются условия, "
    "для вымышленных людей в учреждениях исполнения наказания — как часто за это время устанавливается происшествие. Только для "
    "показа, обучения и испытаний.",
    "Monitoring yozuvlari baho va uning izohiga qanday kirishini koʻrsatish. Model oʻylab topilgan kishilarda oʻrgatilgan: uning "
    "ortida birorta ham haqiqiy odam yoʻq. U oʻylab topilgan nazoratdagi shaxslar yaqin uch oyda shartlarni qanchalik koʻp "
    "buzishini, jazoni ijro etish muassasasidagi oʻylab topilgan kishilarda esa shu muddatda qanchalik koʻp hodisa aniqlanishini "
    "baholaydi. Faqat namoyish, oʻqitish va sinov uchun.",
)

EXCLUDED_USES = [
    words(
        "Any decision about a real person. Nothing was learned about real people, so nothing it says holds for them, in any country.",
        "Любое решение о настоящем человеке. О настоящих людях модель ничего не узнала, поэтому ни в одной стране её оценки для них "
        "не верны.",
        "Haqiqiy odam haqidagi har qanday qaror. Model haqiqiy odamlar haqida hech narsa oʻrganmagan, shuning uchun uning baholari "
        "hech bir mamlakatda ular uchun toʻgʻri emas.",
    ),
    words(
        "Being promoted to pilot or live use, or being recalibrated for a service: train a model on the service's own records instead.",
        "Перевод в опытное или рабочее использование, а также перекалибровка для службы: вместо этого обучите модель на записях "
        "самой службы.",
        "Sinov yoki amaldagi foydalanishga oʻtkazish, shuningdek xizmat uchun qayta kalibrlash: buning oʻrniga modelni xizmatning "
        "oʻz yozuvlarida oʻrgating.",
    ),
]

LIMITS = [
    words(
        "Trained on made-up people. Their lives follow a process that is written down in docs/synthetic.md; the weights in it are "
        "invented, not measured.",
        "Обучена на вымышленных людях. Их жизнь идёт по процессу, описанному в docs/synthetic.md; веса в нём придуманы, а не измерены.",
        "Oʻylab topilgan kishilarda oʻrgatilgan. Ularning hayoti docs/synthetic.md hujjatida yozilgan jarayon boʻyicha kechadi; undagi "
        "vaznlar oʻlchanmagan, oʻylab topilgan.",
    ),
    words(
        "The model does not know sex and over-predicts women: in the made-up process women break conditions less often than men with "
        "the same record.",
        "Модель не знает пола и завышает оценки женщин: в вымышленном процессе женщины нарушают условия реже, чем мужчины с такими же "
        "сведениями.",
        "Model jinsni bilmaydi va ayollar bahosini oshirib koʻrsatadi: oʻylab topilgan jarayonda ayollar maʼlumotlari xuddi shunday "
        "boʻlgan erkaklarga qaraganda shartlarni kamroq buzadi.",
    ),
    words(
        "Earlier violations and incidents weigh more than they cause: they also tell who has broken conditions all along, for reasons that "
        "no record holds. A factor is not a cause.",
        "Прежние нарушения и происшествия весят больше, чем они вызывают: по ним видно и то, кто нарушал всегда, по причинам, которых "
        "нет ни в одной записи. Фактор — не причина.",
        "Ilgarigi shartlarni buzish va hodisalarning vazni ularning haqiqiy taʼsiridan katta: ular hech bir yozuvda yoʻq sabablarga "
        "koʻra doim shartlarni buzib kelgan kishilarni ham koʻrsatadi. Omil sabab degani emas.",
    ),
    words(
        "An unknown value counts as the average of those known, or more where such people did worse; never less. Somebody who never wore a "
        "bracelet has no alerts on record: they count as the average of those who did, and having no bracelet now lowers the score.",
        "Неизвестное значение считается равным среднему по известным или большим, если такие люди нарушали чаще; меньшим — никогда. "
        "У того, кто не носил браслета, нет записей о сигналах: они считаются средними по тем, кто его носил, а отсутствие браслета "
        "сейчас снижает оценку.",
        "Nomaʼlum qiymat maʼlumlarning oʻrtachasiga teng deb olinadi yoki, bunday kishilar koʻproq buzgan boʻlsa, undan katta deb; hech "
        "qachon undan kichik emas. Bilaguzuk taqmagan kishida signallar yozuvi yoʻq: ular taqqanlarning oʻrtachasiga teng deb olinadi, "
        "hozir bilaguzuk yoʻqligi esa bahoni kamaytiradi.",
    ),
    words(
        "What happened to people with similar scores was counted on no more than one month of a made-up person, drawn by lot.",
        "То, что было с людьми с похожими оценками, посчитано не более чем по одному месяцу каждого вымышленного человека, выбранному по жребию.",
        "Bahosi oʻxshash kishilar bilan nima boʻlgani har bir oʻylab topilgan kishining qurʼa bilan tanlangan koʻpi bilan bitta oyi "
        "boʻyicha hisoblangan.",
    ),
]

POPULATION = words(
    "Made-up people: nobody real. Under supervision (probation, parole, house arrest; some with a bracelet) or in prison before a "
    "planned release; a row for each month.",
    "Вымышленные люди, настоящих нет. Под надзором (пробация, условно-досрочное освобождение, домашний арест; часть с браслетом) или в "
    "учреждении исполнения наказания перед запланированным освобождением; строка на каждый месяц.",
    "Oʻylab topilgan kishilar, haqiqiylari yoʻq. Nazoratda (probatsiya, shartli ravishda muddatidan ilgari ozod qilish, uy qamogʻi; "
    "bir qismi bilaguzuk bilan) yoki rejalashtirilgan ozod qilishdan oldin jazoni ijro etish muassasasida; har oyga bir qator.",
)

BAND_REASON = words(
    "Low: the odds are at most half those of the average made-up person; high: at least twice those. The cuts are rounded to a whole "
    "percent and say how far a score stands from the average, not what should be done.",
    "Низкий: шансы не больше половины шансов среднего вымышленного человека; высокий: не меньше двойных. Границы округлены до целого "
    "процента и показывают отличие от среднего, а не то, что следует делать.",
    "Past: shanslar oʻrtacha oʻylab topilgan kishinikining yarmidan oshmaydi; yuqori: kamida ikki barobar koʻp. Chegaralar butun "
    "foizgacha yaxlitlangan va nima qilish kerakligini emas, oʻrtachadan farqni koʻrsatadi.",
)
