"""The words of the card of ``georgia-parole``: English, Russian, Uzbek (Latin, U+02BB and U+02BC)."""


def words(en: str, ru: str, uz: str) -> dict:
    return {"en": en, "ru": ru, "uz": uz}


TITLE = words(
    "Parole in Georgia (USA): new arrest and violation of conditions",
    "Условно-досрочное освобождение в Джорджии (США): новый арест и нарушение условий",
    "Jorjiya (AQSH) shtatida shartli ravishda muddatidan ilgari ozod qilish: qayta qoʻlga olinish va shartlarni buzish",
)

INTENDED_USE = words(
    "To show the service on real data and to be measured against published results. It estimates how often people with "
    "a similar record, released on parole in Georgia (USA) in 2013–2015, were arrested again within 12, 24 and 36 "
    "months, or broke conditions of supervision. A person reviews every score; a score by itself decides nothing.",
    "Показать работу Tarozi на настоящих данных и сравнить её с опубликованными результатами. Модель оценивает, как "
    "часто люди с похожими сведениями, условно-досрочно освобождённые в Джорджии (США) в 2013–2015 годах, были снова "
    "арестованы в течение 12, 24 и 36 месяцев или нарушали условия надзора. Каждую оценку рассматривает человек; сама "
    "по себе оценка ничего не решает.",
    "Tarozini haqiqiy maʼlumotlarda koʻrsatish va eʼlon qilingan natijalar bilan solishtirish. Model 2013–2015-yillarda "
    "Jorjiyada (AQSH) shartli ravishda muddatidan ilgari ozod qilingan, maʼlumotlari oʻxshash kishilar 12, 24 va 36 oy "
    "ichida qanchalik koʻp qayta qoʻlga olingani yoki nazorat shartlarini buzganini baholaydi. Har bir bahoni xodim "
    "koʻrib chiqadi; bahoning oʻzi hech narsani hal qilmaydi.",
)

EXCLUDED_USES = [
    words(
        "Decisions about people outside the population of the training data, those of Uzbekistan included, before a local "
        "validation is signed.",
        "Решения о людях вне той совокупности, на которой модель обучена, в том числе в Узбекистане, пока не подписана "
        "местная проверка.",
        "Mahalliy tekshiruv imzolanmaguncha, model oʻrganilgan aholiga kirmaydigan kishilar, shu jumladan Oʻzbekistondagi "
        "kishilar haqida qaror qabul qilish.",
    ),
    words(
        "Sentencing, proof of guilt, detention, or refusing release: the score says nothing about what somebody has done.",
        "Назначение наказания, доказывание вины, заключение под стражу, отказ в освобождении: оценка ничего не говорит о "
        "том, что человек совершил.",
        "Jazo tayinlash, aybni isbotlash, hibsga olish yoki ozod qilishni rad etish: baho kishi nima qilganini bildirmaydi.",
    ),
    words(
        "Any decision taken by the score alone, without a person who has looked at the case.",
        "Любое решение только по оценке, без человека, изучившего дело.",
        "Ishni oʻrgangan xodim ishtirokisiz, faqat bahoga asoslangan har qanday qaror.",
    ),
    words(
        "People who were not released after custody, people under 18, and people who already have an established new arrest.",
        "Люди, не освобождённые из мест лишения свободы, лица моложе 18 лет и те, чей новый арест уже подтверждён.",
        "Jazoni ijro etish muassasalaridan ozod qilinmagan kishilar, 18 yoshga toʻlmaganlar va yangi qoʻlga olinishi "
        "tasdiqlangan kishilar.",
    ),
]

LIMITS = [
    words(
        "An arrest is not guilt: where police look more, they find more. The model predicts recorded arrests, not crimes.",
        "Арест не означает вину: где полиция больше ищет, там больше находит. Модель предсказывает зарегистрированные "
        "аресты, а не преступления.",
        "Qoʻlga olinish ayb degani emas: politsiya koʻproq qidirgan joyda koʻproq topiladi. Model jinoyatlarni emas, "
        "qayd etilgan qoʻlga olishlarni bashorat qiladi.",
    ),
    words(
        "The model does not know sex and over-predicts women: fewer women are arrested again than it says. A remedy, "
        "calibration by sex, is in this card; only an oversight committee may switch it on.",
        "Модель не знает пола и завышает оценки женщин: повторных арестов среди них меньше, чем она предсказывает. Средство — "
        "калибровка по полу — записано в этом паспорте; включить его может только надзорный комитет.",
        "Model jinsni bilmaydi va ayollar bahosini oshirib koʻrsatadi: ular orasida qayta qoʻlga olinganlar model aytganidan "
        "kamroq. Chora — jins boʻyicha kalibrlash — ushbu pasportda yozilgan; uni faqat nazorat qoʻmitasi yoqishi mumkin.",
    ),
    words(
        "Age is an input. Gang affiliation was recorded for men alone, so unknown counts as no.",
        "Возраст входит в модель. Связь с преступной группой записывалась только у мужчин, поэтому «неизвестно» считается «нет».",
        "Yosh modelga kiradi. Jinoiy guruhga aloqadorlik faqat erkaklarda qayd etilgan, shuning uchun “nomaʼlum” “yoʻq” deb "
        "hisoblanadi.",
    ),
    words(
        "The violation score has no time limit of its own: violations were counted while people were supervised, however "
        "long that was.",
        "У оценки нарушений нет собственного срока: нарушения считались, пока длился надзор, каким бы долгим он ни был.",
        "Shartlarni buzish bahosining oʻz muddati yoʻq: buzish holatlari nazorat qancha davom etgan boʻlsa, shuncha vaqt hisoblangan.",
    ),
    words(
        "Beyond 36 months since release the model says nothing.",
        "О времени после 36 месяцев с освобождения модель ничего не говорит.",
        "Ozod qilingandan keyingi 36 oydan ortiq vaqt haqida model hech narsa demaydi.",
    ),
    words(
        "An input that is unknown here counts as the average of the training sample. Where the intake score, the supervision "
        "level or the offence was unknown in the training data and more such people were arrested again, unknown raises the "
        "score; it never lowers one below that of the average value. Yet unknown can stand below a known high value: what "
        "is known should be recorded.",
        "Показатель, неизвестный здесь, считается равным среднему по обучающей выборке. Если балл при поступлении, уровень "
        "надзора или преступление бывали неизвестны и в обучающих данных и таких людей чаще арестовывали снова, "
        "«неизвестно» повышает оценку; ниже оценки при среднем значении оно её не опускает никогда. Но известное высокое "
        "значение может дать оценку выше, чем «неизвестно»: то, что известно, следует записывать.",
        "Bu yerda nomaʼlum boʻlgan maʼlumot oʻquv tanlanmasidagi oʻrtachaga teng deb olinadi. Dastlabki ball, nazorat "
        "darajasi yoki jinoyat turi oʻquv maʼlumotlarida ham nomaʼlum boʻlgan va bunday kishilar koʻproq qayta qoʻlga "
        "olingan boʻlsa, “nomaʼlum” bahoni oshiradi; u bahoni hech qachon oʻrtacha qiymatdagidan pastga tushirmaydi. Biroq "
        "maʼlum boʻlgan yuqori qiymat “nomaʼlum”dan yuqoriroq baho berishi mumkin: maʼlum narsani yozib qoʻyish kerak.",
    ),
]

POPULATION = words(
    "People released from prison on parole in Georgia (USA), 2013–2015, aged 18 and over, Black or White, followed for "
    "three years.",
    "Люди, условно-досрочно освобождённые из тюрем Джорджии (США) в 2013–2015 годах, от 18 лет, чернокожие и белые, "
    "под наблюдением три года.",
    "2013–2015-yillarda Jorjiya (AQSH) jazoni ijro etish muassasalaridan shartli ravishda muddatidan ilgari ozod qilingan, 18 yosh va undan "
    "katta, qora tanli yoki oq tanli kishilar; uch yil kuzatilgan.",
)

BAND_REASON = words(
    "Low: the odds are at most half those of the average person in the validation sample; high: at least twice those. The "
    "cuts are rounded to a whole percent. They mark how far a person stands from the average, not what should be done.",
    "Низкий: шансы не больше половины шансов среднего человека проверочной выборки; высокий: не меньше двойных. Границы "
    "округлены до целого процента. Они показывают отличие от среднего, а не то, что следует делать.",
    "Past: shanslar tekshiruv tanlanmasidagi oʻrtacha kishinikining yarmidan oshmaydi; yuqori: kamida ikki barobar "
    "koʻp. Chegaralar butun foizgacha yaxlitlangan. Ular nima qilish kerakligini emas, oʻrtachadan qanchalik farq qilishini "
    "koʻrsatadi.",
)
