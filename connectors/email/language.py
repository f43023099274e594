"""Which language a text is in: by script where that decides, else by its commonest small words. Short texts stay undecided."""

from __future__ import annotations

import re

_SAMPLE = 4_000
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ur", re.compile("[\u0679\u0688\u0691\u06ba\u06d2]")),
    ("fa", re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("pa", re.compile("[\u0a00-\u0a7f]")),
    ("gu", re.compile("[\u0a80-\u0aff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("te", re.compile("[\u0c00-\u0c7f]")),
    ("kn", re.compile("[\u0c80-\u0cff]")),
    ("ml", re.compile("[\u0d00-\u0d7f]")),
    ("si", re.compile("[\u0d80-\u0dff]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("am", re.compile("[\u1200-\u137f]")),
    ("km", re.compile("[\u1780-\u17ff]")),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SMALL_WORDS = {
    "en": "the and you for is that have this with not are can my your please it we i was what hi hello thanks but would of to be on our me has "
    "when where why which will arrive arrived order cancel could should got get good great does did there still been yes how thank best regards like want need better than tuesday monday wednesday thursday friday saturday sunday fine sounds see all much here she he his her they",
    "de": "und der die das ist nicht ich sie ein eine mit für auf den von zu haben wir bitte es dass wie auch mein habe kann noch hallo danke im "
    "wann wo warum welche kommt bestellung paket ihre ihr meine meinen bin sind wird werden wurde nur schon leider gerne grüße freundlichen vielen sehr geehrte an beim als oder wenn nach blaue besser dienstag montag mittwoch donnerstag freitag samstag sonntag gut klingt bis passt rote mir dir uns euch was wer ja nein alles",
    "fr": "le la les des et est je vous pour que une dans pas avec sur nous ce mon votre bonjour merci du au ai qui ne par mais sont en "
    "quand où pourquoi quel quelle arrive commande colis veuillez annuler mes bien reçu cordialement avez avons toujours encore plus fait ça cette ces leur été ou mieux rouge bleu mardi lundi mercredi jeudi vendredi samedi dimanche cela convient bon oui non tout très moi lui elle sans sous être peut si",
    "es": "el la los que de y en una por con para es no se mi su hola gracias lo como pero me tengo está muy ha las un del le más "
    "cuándo cuando dónde favor pedido llega llegó cancele paquete quiero quisiera puede pueden necesito saludos buenos días tarde ya sin sobre este esta también hasta mejor martes lunes miércoles jueves viernes sábado domingo bien parece sí todo mucho queda rojo azul ella él ser fue puedo",
    "it": "il che di e la un per non è con una sono mi ho come del ciao grazie ma anche si alla questo le ha da della mio più nel "
    "quando dove perché vorrei ordine pacco arriva arrivato buongiorno saluti cordiali vostro vostra avete abbiamo ancora già gentile potete posso quello dal nella va bene martedì lunedì mercoledì giovedì venerdì sabato domenica meglio rosso sì no tutto molto ti ci vi nostro nostra può essere stato",
    "pt": "o que de e a um para não com uma é do da em os no na por mais obrigado olá meu você se foi está como mas eu dos ao "
    "quando onde porque encomenda pedido chega chegou já cancele gostaria posso podem favor bom dia cumprimentos atenciosamente ainda esta este são tem pelo pela seu sua azul melhor vermelho terça segunda quarta quinta sexta sábado domingo até parece sim tudo muito bem fica mim nós ela ele ser pode",
    "nl": "de het een en ik van is dat niet op te mijn voor met zijn je u hallo bedankt wij kan maar heb dit er ook naar bij hebben aan "
    "wanneer waar waarom bestelling pakket komt aangekomen annuleren kunt graag alvast vriendelijke groet groeten mij ons onze wordt werd nog al geen deze blauwe beter dan rode dinsdag maandag woensdag donderdag vrijdag zaterdag zondag goed klinkt tot past ja nee alles zeer wel hoe wie wat hier daar hem haar",
    "sv": "och att det är jag en på som inte för har med av till ni hej tack kan vi men den om ett mig min från så vill detta "
    "när var varför beställning paketet kommer kommit avbryta ert era mina mitt hälsningar vänliga gärna skulle kunna inget varit blir eller där bättre än tisdag måndag onsdag torsdag fredag lördag söndag bra låter ses passar röda blå ja nej allt mycket vad vem här honom henne",
    "da": "og det at er jeg en på som ikke til har med af for vi hej tak kan de den men et mig min fra om hvad skal være "
    "hvornår hvor hvorfor ordre pakken kommer vil venligst annullere jeres deres hilsen venlig gerne kunne skulle blevet noget denne endnu bedre end tirsdag mandag onsdag torsdag fredag lørdag søndag godt lyder ses passer røde blå ja nej alt meget hvem her der ham hende",
    "no": "og det at er jeg en på som ikke til har med av for vi hei takk kan de den men et meg min fra om hva skal være "
    "når hvor hvorfor bestillingen pakken kommer dere kansellere deres hilsen vennlig gjerne kunne skulle blitt noe denne ennå hvordan bedre enn tirsdag mandag onsdag torsdag fredag lørdag søndag bra høres ut sees passer røde blå ja nei alt mye hvem her der ham henne",
    "fi": "ja on ei se että olen minun mutta kun hei kiitos niin voi tämä ovat oli joka myös minä kanssa mitä sen jos hän nyt voitte "
    "milloin missä miksi tilaus tilaukseni paketti saapuu saapunut peruuttaa voitteko haluaisin terveisin ystävällisin vielä onko meille teille olisi tilauksen minulle paremmin kuin tiistaina maanantai keskiviikko torstai perjantai lauantai sunnuntai hyvä hyvältä kuulostaa nähdään kyllä kaikki hyvin mikä kuka tässä tuolla hänen",
    "pl": "i w nie na się z do jest to że jak dzień dobry dziękuję czy mam po od ale proszę mój za tym ma o co jego tak już mnie "
    "kiedy gdzie dlaczego zamówienie paczka dotrze anulować moje mogę chciałbym chciałabym jeszcze pozdrawiam państwo jaki który jeśli było została lepiej niż wtorek wtorku poniedziałek środa czwartek piątek sobota niedziela dobrze brzmi zobaczenia wszystko bardzo kto tutaj tam mu jej we pasuje",
    "cs": "a v i byla byl se na je že to s z do ne dobrý den děkuji jsem jak ale prosím mám pro po od tak co by už které nebo mi "
    "kdy kde proč objednávka objednávky balík dorazí dorazilo zrušení zrušit mohu můžete chtěl chtěla ještě pozdravem jste jsme není bylo která lépe než úterý pondělí středa čtvrtek pátek sobota neděle dobře zní uvidíme ano vše velmi kdo tady tam mu jí ve sedí",
    "sk": "a v sa na je že to s z do nie dobrý deň ďakujem som ako ale prosím mám pre po od tak čo by už ktoré alebo mi "
    "kedy kde prečo objednávka objednávky balík prišlo zrušenie zrušiť môžem môžete chcel chcela ešte pozdravom ste sme bolo ktorá",
    "hu": "a az és hogy nem is egy van köszönöm de meg ez csak kérem már mint szeretném ha volt én jó napot nekem vagy lehet tisztelt "
    "mikor hol miért rendelés rendelésemet csomag érkezik megérkezett tudna tudnák még üdvözlettel tisztelettel önök kell lenne itt jobban kedd kedden hétfő szerda csütörtök péntek szombat vasárnap jól hangzik találkozunk igen minden nagyon ki mi ott neki piros kék",
    "ro": "și de la în nu este cu pentru că o un din mai am pe mulțumesc bună să care ce dar acest ale sunt vă mi al fi ați "
    "când unde comanda mea coletul ajunge anulați rog aș dori pot puteți încă salutări stimă fost dacă despre",
    "tr": "ve bir bu için de da ne ben çok ile var merhaba teşekkür ederim ama değil mi olarak daha gibi siz benim olan nasıl lütfen "
    "nerede neden sipariş siparişim siparişimi paket gelecek iptal istiyorum zaman teşekkürler iyi günler hâlâ henüz bana size kadar ulaştı salı pazartesi çarşamba perşembe cuma cumartesi pazar evet hayır her şey kim burada orada ona mavi",
    "ru": "и в не на я что с по это как но мы вы за у мне из же к спасибо здравствуйте так все для от пожалуйста мой был "
    "когда где почему заказ посылка придёт придет получил получила отмените отменить могу можете хочу хотел ещё уже нет была если пришло лучше чем вторник понедельник среда четверг пятница суббота воскресенье хорошо да очень кто здесь там ему ей",
    "uk": "і в не на я що з по це як але ми ви за у мені із до дякую доброго дня так все для від будь ласка мій був та є "
    "коли де чому замовлення посилка прийде отримав отримала скасуйте скасувати можу можете хочу ще вже немає була якщо краще ніж вівторок понеділок середа четвер п'ятниця субота неділя добре дуже хто тут там йому їй",
    "bg": "и на в да се не от за с че е по аз но ще са ми това как благодаря здравейте моля имам при до има съм ли "
    "кога къде защо поръчка поръчката пристигна отменете мога можете искам още вече няма беше ако",
    "sr": "и у не на ја да са по то како али ми ви за из до хвала поштовани све од молим мој био што сам је се "
    "када где зашто поруџбина пакет стигло откажите могу можете желим још већ нема",
    "hr": "i u ne na ja da sa po to kako ali mi vi za iz do hvala poštovani sve od molim moj bio što sam je se su "
    "kada gdje zašto narudžba narudžbu paket stiglo otkažite mogu možete želim još već nema vas moju",
    "id": "yang dan di saya tidak ini untuk dengan dari ada apa bisa terima kasih tolong anda akan itu ke sudah atau juga halo kami mohon "
    "kapan dimana pesanan paket belum batalkan bagaimana",
    "vi": "và của là tôi không có cho được này với một bạn xin cảm ơn đã các trong chào những người để khi nhưng anh chị rất",
    "ca": "el la els que de i en una per amb és no es meu hola gràcies com però tinc molt les un del més dels si us plau "
    "quan comanda paquet arribat arriba ja ha vull puc podeu encara cancel·lar",
    "et": "ja on ei see et ma minu aga kui tere aitäh võib ka oma mis oli või teie palun saan mulle kas "
    "millal kus tellimus tellimust pakk jõudis kohale tühistada saaks veel",
    "lt": "ir yra ne tai kad aš mano bet kaip labas ačiū gali su iš prašau ar mes jūs už tik buvo man "
    "kada kur užsakymas užsakymą siunta gavau jau atšaukti galėčiau dar",
    "lv": "un ir ne tas ka es mans bet kā labdien paldies var ar no lūdzu vai mēs jūs par tikai bija man "
    "kad kur pasūtījums pasūtījumu sūtījums saņēmis saņēmu atcelt varētu vēl",
}
_SMALL_WORDS |= {
    "sl": "in je na se da ne za so pa sem bo ki kje kdaj zakaj moje moja naročilo naročila paket prosim hvala lep pozdrav še ni ali lahko pri kako ste nisem bil že vam",
    "is": "og að er ekki ég það við á til með sem hef minn mín takk hvar hvenær hvers pöntun pöntunin pöntunina pakkinn kveðja góðan dag þetta hún hann eru ykkur ennþá komin",
    "eu": "eta da ez dago nire non noiz zergatik eskaera paketea bat ere du dut kaixo eskerrik asko mesedez iritsi oraindik nola agur zuen hau",
    "sq": "është dhe në nuk një për të ku kur pse porosia porosinë ime pako faleminderit përshëndetje arritur ende lutem dua mund ka kam juaj",
}
_LETTERS = {
    "cs": "řěů", "sk": "ľĺŕô", "pl": "łąęśźż", "hu": "őű", "ro": "șțşţă", "tr": "ğış", "de": "ß", "es": "ñ¿¡", "pt": "ãõ",
    "da": "æø", "no": "æø", "uk": "іїєґ", "bg": "ъ", "sr": "ћђљњј", "hr": "đć", "et": "õ", "lt": "ėųūį", "lv": "āēīņļ", "vi": "đạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "fr": "çœêèù", "ca": "·ïç", "ru": "ыэё",
}  # fmt: skip
_INDEX: dict[str, list[str]] = {}
for _code, _words in _SMALL_WORDS.items():
    for _one in _words.split():
        _INDEX.setdefault(_one, []).append(_code)


def detect(text: str) -> str:
    """The ISO 639-1 code of the text's language, or empty when it is too short or unclear. Norwegian is `no`, as most detectors call it."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters < 4:
        return ""
    script = _by_script(sample, letters)
    return script or _by_words(sample) or _by_alphabet(sample, letters)


def _by_script(sample: str, letters: int) -> str:
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(sample)) / letters
        if share > (0.05 if code in ("ja", "fa", "ur") else 0.3):
            return code
    return ""


def _by_alphabet(sample: str, letters: int) -> str:
    """Cyrillic of which no words are known: its language by the letters that only one of them has, Russian when it has none."""
    if letters < 8 or len(_CYRILLIC.findall(sample)) / letters < 0.6:
        return ""
    found = (
        code
        for code, own in (("uk", "іїєґ"), ("sr", "ћђљњџј"), ("ru", "ыэё"))
        if set(own) & set(sample.lower())
    )
    return next(found, "ru")


def _by_words(sample: str) -> str:
    scores: dict[str, float] = {}
    words = _WORD.findall(sample.lower())
    for word in words:
        codes = _INDEX.get(word, ())
        for code in codes:
            # A word that belongs to one language says more than one shared by six.
            scores[code] = scores.get(code, 0.0) + 1.0 / len(codes) ** 0.5
    for code, letters in _LETTERS.items():
        # Letters that few others use decide between neighbours (Czech and Slovak, Russian and Ukrainian).
        scores[code] = scores.get(code, 0.0) + 0.5 * min(6, sum(sample.count(letter) for letter in letters))
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < max(1.05, len(words) * 0.06):
        return ""
    if len(ranked) > 1 and ranked[0][1] < ranked[1][1] * 1.08:
        return ""
    return ranked[0][0]
