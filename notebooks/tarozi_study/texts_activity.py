"""The words of the card of ``georgia-activity``: English, Russian, Uzbek (Latin, U+02BB and U+02BC)."""

from .texts import words

TITLE = words(
    "Benchmark, not a forecast: Georgia (USA) with activity during supervision",
    "Эталон для сравнения, не прогноз: Джорджия (США) со сведениями за время надзора",
    "Bashorat emas, solishtirish mezoni: Jorjiya (AQSH), nazorat davridagi maʼlumotlar bilan",
)

INTENDED_USE = words(
    "To be run and compared with the published results of the Recidivism Forecasting Challenge for years 2 and 3. It reads what was "
    "summed over the whole supervision, the time after the landmark included, so it knows part of what it is to predict.",
    "Для запуска и сравнения с опубликованными результатами конкурса Recidivism Forecasting Challenge за второй и третий годы. Модель "
    "читает сведения, накопленные за весь надзор, включая время после даты оценки, поэтому часть того, что она предсказывает, ей "
    "уже известна.",
    "Recidivism Forecasting Challenge tanlovining ikkinchi va uchinchi yillar boʻyicha eʼlon qilingan natijalari bilan solishtirish "
    "uchun. Model butun nazorat davrida, jumladan baholash sanasidan keyin yigʻilgan maʼlumotlarni oʻqiydi, shuning uchun bashorat "
    "qilishi kerak boʻlgan narsaning bir qismi unga oldindan maʼlum.",
)

EXCLUDED_USES = [
    words(
        "Any use about a living case: pilot, live, shadow or advice. It can never be promoted.",
        "Любое применение к действующему делу: опытное, рабочее, теневое или для совета. Перевести её в работу нельзя никогда.",
        "Amaldagi ishga har qanday qoʻllash: sinov, amaliy, soya rejimida yoki maslahat uchun. Uni hech qachon amaliyotga oʻtkazib "
        "boʻlmaydi.",
    ),
]

LIMITS = [
    words(
        "The activity columns end with the arrest or the end of supervision. Few sessions or tests may mean that somebody was arrested "
        "early, so these terms partly report the outcome.",
        "Столбцы о времени надзора обрываются на аресте или конце надзора. Мало занятий или тестов может означать ранний арест, поэтому "
        "эти слагаемые отчасти сообщают исход.",
        "Nazorat davri ustunlari qoʻlga olinish yoki nazorat tugashi bilan tugaydi. Mashgʻulot yoki testlarning kamligi kishi erta qoʻlga "
        "olinganini bildirishi mumkin, shuning uchun bu qismlar natijaning oʻzini qisman aytib qoʻyadi.",
    ),
    words(
        "Days between tests are rounded to one day, shares to one percent and jobs a year to a tenth: that makes the leak smaller and does "
        "not close it.",
        "Дни между тестами округлены до одного дня, доли — до одного процента, число работ в год — до десятой: утечка меньше, но не "
        "закрыта.",
        "Testlar orasidagi kunlar bir kungacha, ulushlar bir foizgacha, yillik ishlar soni oʻndan birgacha yaxlitlangan: bu sizib "
        "chiqishni kamaytiradi, lekin yopmaydi.",
    ),
    words(
        "Unknown counts here as it did in the data, downwards too: nobody without a record of jobs was arrested in years 2 and 3. In "
        "the models that serve people unknown never lowers a score; here it shows how much the gaps alone give away.",
        "«Неизвестно» значит здесь то же, что в данных, в том числе в сторону понижения: из тех, о чьей работе сведений нет, во второй и "
        "третий годы не арестован никто. В моделях, оценивающих людей, «неизвестно» оценку не понижает; здесь оно показывает, сколько "
        "выдают одни пропуски.",
        "Bu yerda “nomaʼlum” maʼlumotlardagi kabi taʼsir qiladi, bahoni pasaytirishi ham mumkin: ishi haqida maʼlumot boʻlmaganlardan "
        "ikkinchi va uchinchi yillarda hech kim qoʻlga olinmagan. Kishilarni baholaydigan modellarda “nomaʼlum” bahoni pasaytirmaydi; "
        "bu yerda esa boʻsh kataklarning oʻzi qancha narsani oshkor qilishini koʻrsatadi.",
    ),
]
