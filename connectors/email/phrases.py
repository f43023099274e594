"""The words by which mail programs of many languages mark history, forwards, header blocks and signatures. Data and its patterns.

Own collection from what the programs write; a language is added by adding words here and a mail to the corpus.
"""

from __future__ import annotations

import re

# --- "X wrote" ---------------------------------------------------------------------------------------------------

_WROTE = (
    "wrote", "writes", "has written", "schrieb", "schrieben", "geschrieben", "a écrit", "a ecrit", "écrivait", "écrit", "escribió",
    "escribio", "ha escrito", "escribiu", "escreveu", "escreveram", "escrito", "ha scritto", "scritto", "scriveva", "schreef", "geschreven",
    "geskryf", "skrev", "har skrivit", "har skrevet", "skreiv", "skrifaði", "kirjoitti", "kirjutas", "napisał(a)", "napisał/a", "napisał",
    "napisała", "pisze", "napsal(a)", "napsal", "napsala", "napísal(a)", "napísal", "napísala", "napisal", "napisala", "napisao",
    "napisao/la", "je napisao", "написао", "írta", "a scris", "пишет", "написал(а)", "написал", "написала", "писал(а)", "писал", "писала",
    "пише", "написав", "написала", "написа", "напиша", "έγραψε", "yazdı", "yazmış", "yazıyor", "כתב", "כתבה", "כתב/ה", "كتب", "كتبت",
    "نوشت", "नेलिखा", "ने लिखा", "ने लिखा है", "เขียนว่า", "เขียน", "đã viết", "viết", "menulis", "書きました", "書いた", "のメール",
    "のメッセージ", "写道", "寫道", "撰寫", "写到", "작성", "작성했습니다", "썼습니다", "쓰기", "rašė", "parašė", "rakstīja", "va escriure", "quoting", "zitat von", "citando a", "citando", "quotando", "à écrit",
    "ha escrit", "idatzi du", "idatzi zuen", "shkroi", "დაწერა", "գրել է", "ysgrifennodd", "scríobh",
    "напісаў", "напісала", "піша", "skreau", "napisa", "piše", "sgrìobh", "נכתב על ידי", "წერს", "жазды", "жазған", "жазғаны", "жазғаныңыз", "쓴 글", "쓴 내용",
    "membalas", "ha scrit", "scrit", "a scrît", "yozdi", "yazıb", "نوشته است", "escriguèt", "a escrich", "skribis", "idatzita", "sporoča", "寫到", "schreven", "ați scris",
    "написали", "писали", "написано", "napisali", "yazdınız", "எழுதியது", "ಬರೆದಿದ್ದಾರೆ", "എഴുതിയിരിക്കുന്നു", "लिहिले", "લખાયેલ", "લખ્યું", "লিখেছেন", "లేఖ వ్రాసారు", "kirjutasid",
    "scribeva", "vau escriure", "បានសរសេរ", "បានសរសេរថា", "գրեց", "al scrivè",
    "cytowanie", "lainaus", "citat af", "citiram", "نقل قول", "s'està citant", "引用", "引述", "cituji", "citujem", "цитирую", "цитую", "idézet", "citēju", "citát", "παραθέτοντας", "alıntı",
    "vísa til", "siterer", "citerar", "citeren",
)  # fmt: skip
WROTE = re.compile(
    r"(?<![^\W\d_])(?:"
    + "|".join(sorted((re.escape(w) for w in _WROTE), key=len, reverse=True))
    + r")(?![^\W\d_])|写道|寫道|작성|書きました|เขียน",
    re.IGNORECASE,
)
WROTE_END = re.compile(
    r"(?:wrote|schrieb|écrit|escribió|escreveu|scritto|schreef|geschreven|skrev|kirjoitti|napisał\(?a?\)?|napsal\(?a?\)?|"
    r"написала?\(?а?\)?|пишет|写道|寫道|yazdı|viết|έγραψε|(?:գրել է|գրեց)\.?|쓴 글)\s{0,3}[-–—:：*_\s]{0,20}$",
    re.IGNORECASE,
)

_PRONOUN_WROTE = re.compile(
    r"\b(?:i|you|we|he|she|they|ich|du|sie|wir|er|je|j'|tu|il|elle|nous|vous|ils|yo|ella|él|ik|jij|u|we|hij|zij|jag|du|jeg)\s+"
    r"(?:had\s+|have\s+|just\s+)?(?:wrote|written|write|schrieb|schreibe|geschrieben|ai écrit|a écrit|schreef|skrev)\b|"
    r"\b(?:schrieb|schrieben|schreef|schreven|skrev)\s+(?:ich|er|sie|wir|du|ihr|ik|jij|je|hij|zij|we|wij|jag|han|hon|vi|ni|jeg|hun|de|min|mein\w{0,2}|ihr\w{0,2}|mijn)\b",
    re.IGNORECASE,
)


def speaks_of_writing(text: str) -> bool:
    """Somebody tells that somebody wrote (`On Monday I wrote:`): a sentence, not a mark."""
    return _PRONOUN_WROTE.search(text) is not None


COMMON_NOUN_WROTE = re.compile(r"(?<![\w.])(?<!, )[a-z]{2,20}\s+wrote\b(?!.*@)")
"""`On Monday at 10:00 the customer wrote:` is told by a person: programs put a name before the verb, or a comma and a user's name."""
_DATED = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[^\n]{0,12}\d{1,2}[:.h]\d{2}"
_DATED_FROM = (
    r"\d{4}[/-]\d{1,2}[/-]\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?,? [^\n:<>]{2,60} <[^\s<>]{3,100}@[^\s<>]{3,100}>:?|"
    r"in message <[^\s<>]{3,200}>,? [^\n]{3,120} writes:?|"
    r"(?:on|at) \w{3}, \d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4},? [^\n]{2,120} (?:said|says):|"
    r"le \d{1,2} [^\W\d]{3,9}\.? \d{4},?(?: à)? \d{1,2}[:h]\d{2},? [^\n]{2,120} nous a dit ?:|"
    r"(?!(?:i|you|we|he|she|they|it|the|a|my|your|our|his|her|their|der|die|das|mein\w{0,2}|unser\w{0,2}|ein\w{0,2}|le|la|les|un|une|el) )[^\n:,;]{2,50} via [^\n:,;]{2,50} (?:wrote|schrieb|a écrit|escribió) ?:"
)
EXACT_WROTE = re.compile(
    rf"^(?:at {_DATED}(?::\d{{2}})?(?: ?[ap]m)?, you wrote:|\d{{4}}-\d{{2}}-\d{{2}} \d{{1,2}}:\d{{2}} (?:GMT|UTC)[+-]\d{{1,2}}:\d{{2}} [^\n:]{{2,80}}:?|{_DATED_FROM}|missatge de [^\n]{{3,200}} del dia [^\n]{{6,80}}:|"
    rf"(?:(?:in)?active hide details for )?[^\n]{{2,80}}? ?---{_DATED}(?::\d{{2}})?(?: ?[ap]m)?---[^\n]{{0,200}}|"
    rf"(?!(?:the|your|my|our|his|her|their|one|a|der|die|das|(?:ihr|mein|unser|ein)\w{{0,2}}|le|la|les|mon|ma|notre|votre|un|une) )[^\n:,;]{{2,60}}? (?:kirjoitti|a écrit le|schrieb am|wrote on|escribió el|ha scritto il|schreef op|skrev den|escreveu no dia \w{{3,9}},) {_DATED}[^\n]{{0,6}}:)$",
    re.IGNORECASE,
)
"""Forms that only programs write, date and time included: sure marks whatever stands below them."""

INTRO = re.compile(
    r"(?:in a message dated|in article|on|am|le|il|el|em|op|den|d\.|på|pe|in data|il giorno|dnia|w dniu|dne|dňa|dana|dne|v|u|на|в|во|at|a|pada|vào|lúc|เมื่อ|"
    r"στις|την|το|ב-?|בתאריך|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|пн|вт|ср|чт|пт|сб|вс|нд|於|في|فی|در|于|在|tarihinde|el día|la data|no dia|em|kl\.|ma|vs|quoting|von|from|data|þann|2\d{3}|\d{1,2}[./-]|"
    r"mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?=[\s\d,.:'’/-]|年|$)",
    re.IGNORECASE,
)

# --- separators --------------------------------------------------------------------------------------------------

_ORIGINAL = (
    "original message", "original email", "original e-mail", "original mail", "original appointment", "repl(?:y|ied) message", "回复的原邮件", "previous (?:message|repl(?:y|ies))", "reply message", "antwort ?nachricht", "vorherige (?:nachricht|antwort)(?:en)?", "vorige nachricht", "(?:your|ihre|votre) original message",
    "urspr(?:ü|ue)ngliche (?:nachricht|e-?mail|mail)", "originalnachricht", "original[- ]?nachricht", "initial header", "original ?text", "message d['’ ]origine",
    "message original", "message initial", "réponses? précédentes?", "respuestas? anterior(?:es)?", "eerdere antwoorden", "courriel original", "mail original", "mensaje original", "correo original",
    "mensagem original", "messaggio originale", "messaggio originario", "oorspronkelijk(?:e)? (?:bericht|e-?mail|mail)",
    "origineel bericht", "origin(?:a|al)l?t? ?meddelande", "ursprungligt meddelande", "originalmeddelande", "oprindelig (?:meddelelse|besked|e-?mail)",
    "opprinnelig (?:melding|e-?post)", "original melding", "alkuperäinen viesti", "algne kiri", "(?:oryginalna|pierwotna) wiadomość",
    "wiadomość oryginalna", "původní (?:zpráva|e-?mail)", "originální zpráva", "pôvodná správa", "eredeti üzenet", "mesaj(?:ul)? (?:original|ini[tț]ial)",
    "исходное сообщение", "исходное письмо", "оригинальное сообщение", "вихідне повідомлення", "оригінальне повідомлення",
    "първоначално съобщение", "оригинално съобщение", "αρχικό μήνυμα", "orijinal (?:mesaj|ileti)", "özgün (?:mesaj|ileti)", "asıl ileti",
    "הודעה מקורית", "الرسالة الأصلية", "رسالة أصلية", "原始邮件", "原邮件", "原始郵件", "原始信件", "原始訊息", "元のメッセージ", "元のメール",
    "オリジナル ?メッセージ", "original message", "원본 ?메시지", "원본 ?메일", "원본 메일", "thư gốc", "tin nhắn gốc", "pesan asli", "mesej asal",
    "ข้อความ(?:ต้นฉบับ|เดิม)", "(?:izvorna|originalna) poruka", "izv(?:irno|orno) sporočilo", "(?:оригинална|изворна) порука", "missatge original", "jatorrizko mezua",
    "oorspronklike boodskap", "الرسالة (?:الأصليَّة|الأساسية)", "mensaxe orixinal", "(?:зыходнае|арыгінальнае) паведамленне", "оригинално писмо", "оригинална порака",
    "початкове повідомлення", "originalus (?:laiškas|pranešimas)", "sākotnēj(?:ā vēstule|ais ziņojums)", "oppr?(?:h?av|inne)leg melding", "orginalpost", "treść oryginalnej wiadomości",
    "pôvodná správa --- original message", "alkuperäinen viesti / orig\\.msg\\.", "mesazhi orig?jinal", "(?:özgün|orjinal) [iİ]leti", "原始(?:消息|信息)", "پیام اصلی",
    "original besked", "oprindeligt brev", "esialgne kiri", "algupärane sõnum", "orgineel bericht", "orginalmeddelande", "upprunaleg(?:ur)? (?:póstur|texti|skilaboð)",
    "საწყისი წერილი", "ორიგინალი შეტყობინება", "түпнұсқа хабарламасы", "բնօրինակ նամակը", "म(?:ौलिक|ूल|ुळ) (?:संदेश|सन्देश)", "মূল বার্তা", "மூல செய்தி", "ಮೂಲ ಸಂದೇಶ",
    "asl (?:xabar|xat)", "orijinal məktub", "originalan e-mail", "オリジナルの(?:メッセージ|メール)",
)  # fmt: skip
_FORWARDED = (
    "(?:begin )?forwarded (?:message|email|mail)", "forwarded by [^\\n]{2,100}? on [^\\n]{4,30}?", "forward(?:ed)? message", "(?:anfang der )?weitergeleiteten? (?:nachricht|e-?mail|mail)",
    "weiterleitung", "(?:début du )?message (?:transféré|transmis|réexpédié)(?: *)?", "début du message (?:réexpédié|transféré) ?",
    "(?:inicio del )?mensaje reenviado", "(?:início da )?mensagem (?:re)?encaminhada", "(?:inizio )?messaggio inoltrato",
    "(?:begin )?doorgestuurd bericht", "(?:vidarebefordrat|vidarebefordrad) (?:meddelande|mejl|brev|e-post)", "vidarebefordrat mejl",
    "(?:start på )?videresendt? (?:meddelelse|besked|melding|e-?mail|e-?post)", "videresendt (?:meddelelse|besked|melding)",
    "(?:välitetty|edelleenlähetetty|edelleen lähetetty) viesti", "(?:początek przekazanej wiadomości|przekazana wiadomość|wiadomość przekazana dalej)",
    "wiadomość przesłana dalej", "(?:přeposlaná|přesměrovaná|předaná) zpráva", "začátek přeposlané zprávy", "preposlaná správa",
    "(?:továbbított üzenet|továbbított levél)", "mesaj redirec[tț]ionat", "(?:пересылаемое|пересланное|переадресованное|перенаправленное) (?:сообщение|письмо)",
    "начало переадресованного сообщения", "(?:переслане|перенаправлене) повідомлення", "препратено съобщение", "προωθημένο μήνυμα",
    "(?:iletilen|yönlendirilen|yönlendirilmiş) (?:mesaj|ileti|e-?posta)", "iletilmiş mesaj", "הודעה שהועברה", "רשאי מועבר", "رسالة معاد توجيهها",
    "الرسالة المعاد توجيهها", "转发的?(?:邮件|信息|消息)", "轉寄的?(?:郵件|信件|訊息)", "被转发邮件信息", "(?:転送)(?:された)?(?:メッセージ|メール)", "전달된 ?(?:메시지|메일)",
    "(?:thư|tin nhắn|email) (?:đã )?(?:được )?chuyển tiếp", "pesan (?:yang )?diteruskan", "ข้อความที่ส่งต่อ", "(?:proslijeđena|prosleđena) poruka",
    "začátek přeposílané zprávy", "välitetty viesti(?: alkaa| / fwd\\.msg)", "započni proslijeđenu poruku", "továbbított levél kezdete", "początek przekazywanej wiadomości",
    "începe mesajul redirec[tț]ionat", "začiatok preposlanej správy", "ileti başlangıcı", "початок листа, що пересилається", "treść przekazanej wiadomości",
    "preposlaná správa --- forwarded message", "メッセージを転送",
    "posredovano sporočilo", "missatge reenviat", "birbidalitako mezua",
    "رسالة (?:ممرّرة|محولة)", "mensaxe reenviada", "перанакіраванае паведамленне", "препратено писмо", "edastatud (?:kiri|sõnum)", "persiųstas laiškas", "pārsūtītā vēstule",
    "mesej dikirim semula", "vidaresend melding", "mesazhi i përcjellë", "прослеђена порука", "[iİ]letilen [iİ]leti", "áframsendur póstur", "გადაგზავნილი წერილი",
)  # fmt: skip
_DASH = r"[-‐‑‒–—_=*#~+>•·\s]"
ORIGINAL = re.compile(
    rf"^{_DASH}{{2,80}}(?:{'|'.join(_ORIGINAL)}){_DASH}{{0,80}}:?{_DASH}{{0,80}}$", re.IGNORECASE
)
DAVID = re.compile(r"^(?:\[?original message processed by david|\[quoted text hidden\]$)", re.IGNORECASE)
ORIGINAL_WORD = re.compile(r"^-{3,60}\s{0,5}(?:original|原始|回复)\s{0,5}-{3,60}$", re.IGNORECASE)
ORIGINAL_BARE = re.compile(rf"^{_DASH}{{0,4}}(?:{'|'.join(_ORIGINAL)}){_DASH}{{0,4}}:?\s*$", re.IGNORECASE)
FORWARD = re.compile(
    rf"^{_DASH}{{0,80}}(?:{'|'.join(_FORWARDED)})\s?{_DASH}{{0,80}}[:：]?{_DASH}{{0,80}}$", re.IGNORECASE
)
FORWARD_START = re.compile(rf"^{_DASH}{{0,80}}(?:{'|'.join(_FORWARDED)})", re.IGNORECASE)
ANDROID_WROTE = re.compile(
    r"^-{2,20}\s{0,3}[^\n]{1,200}?\s(?:wrote|schrieb|écrit|a écrit|escribió|написал\(?а?\)?)\s{0,3}-{2,20}$",
    re.IGNORECASE,
)
REPLY_ABOVE = re.compile(
    r"(?:(?:reply|respond|write|type)[^\n]{0,40}above (?:this|the) line|reply above(?: this)?(?: line)?\b.{0,4}$|above this line to (?:reply|respond)|"
    r"antwort[^\n]{0,60}(?:über|oberhalb) dieser (?:zeile|linie)|(?:über|oberhalb) dieser (?:zeile|linie)[^\n]{0,40}antwort|"
    r"(?:répond|réponse|écri)[^\n]{0,60}au-dessus de cette ligne|(?:respu|respond|escrib)[^\n]{0,60}(?:encima|arriba) de esta línea|"
    r"(?:respo|escrev)[^\n]{0,60}acima desta linha|(?:rispo|scriv)[^\n]{0,60}sopra (?:di )?questa (?:riga|linea)|"
    r"(?:antwoord|reageer|schrijf|typ)[^\n]{0,60}boven deze (?:lijn|regel)|(?:svar|skriv)[^\n]{0,60}(?:ovenfor|over|ovanför) (?:denne|den här|denna) (?:linje|linjen|raden|rad)|"
    r"(?:odpowied|napisz)[^\n]{0,60}(?:nad|powyżej) t(?:ą|ej) lini|(?:ответ|напишите)[^\n]{0,60}выше (?:этой )?(?:линии|черты|строки)|"
    r"(?:请|請)在此(?:行|线|線)(?:之)?(?:上|以上|上方)[^\n]{0,10}(?:回复|回覆))",
    re.IGNORECASE,
)
OUTSIDE = re.compile(
    r"[^\n]{0,300}aka\.ms/LearnAboutSenderIdentification[\])> ]{0,4}$|\W{0,3}\[?(?<![^\W_])(?:EXTERNAL|EXT|EXTERN|EXTERNAL E-?MAIL|EXTERNAL SENDER)\b\W{1,4}$|"
    r"\W{0,3}(?:(?:Some people who received this message|You) don['’]t often get e-?mail from|Sie erhalten nicht (?:häufig|oft) E-Mails von|Vous n['’](?:obtenez|recevez) pas souvent d['’]e-mail|"
    r"No suele recibir correo|Non si ricevono spesso messaggi|U ontvangt niet vaak e-mail van|Você não costuma receber|Du får (?:inte|ikke) ofte? )[^\n]{0,200}$|"
    r"^\W{0,6}(?:(?:caution|warning|attention|be careful|notice|external(?: e-?mail| sender| message)?|achtung|vorsicht|externe e-?mail|attenzione|atención|atenção|let op|varning|advarsel)\W{1,6}){1,3}"
    r"(?=.{0,400}$)(?=[^\n]{0,300}\b(?:this e-?mail|this message|sender|message came|diese (?:e-?mail|nachricht)|absender|ce (?:message|courriel|mail)|expéditeur|messaggio|mittente|este (?:correo|mensaje)|remitente|esta mensagem|"
    r"este e-?mail|remetente|deze? (?:e-?mail|bericht)|afzender|avsändare|detta (?:mejl|meddelande)|denne (?:e-?mail|besked|e-?post)))[^\n]{0,120}(?:outside (?:of )?(?:the|your|our|this)|external (?:source|sender|e-?mail|domain)|from an external|externen? (?:absender|quelle|e-?mail)|von außerhalb|extérieur|expéditeur externe|dall['’]esterno|mittente esterno|"
    r"fuera de|remitente externo|fora da|remetente externo|buiten (?:de|onze)|externe afzender|utanför|uden for|utenfor)",
    re.IGNORECASE,
)
"""A banner that a mail gateway put above the text."""
INLINE = re.compile(
    r"\b(?:in-?line\b|(?:answers?|comments?|repl(?:y|ies)|responses?|remarks) (?:are )?(?:below|in (?:red|blue|green|bold|capitals))|"
    r"in (?:rot|blau|grün|fett)\b|(?:antworten|anmerkungen|kommentare)[^\n]{0,20} (?:unten|im text|inline)|dans le (?:texte|corps)|en (?:rouge|bleu|gras)\b|"
    r"(?:respuestas|comentarios)[^\n]{0,20} (?:abajo|en rojo|en azul)|(?:risposte|commenti)[^\n]{0,20} (?:sotto|in rosso)|(?:antwoorden|opmerkingen)[^\n]{0,20} (?:hieronder|in rood))",
    re.IGNORECASE,
)
"""The writer says that the answers stand within the old text, where nothing marks them."""
FORWARD_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,60}\]\s*)?(?:fwd?|wg|tr|rv|enc|i|doorst|fs|vs|pd|vb|továbbítás|iht|ilt|fwd|转发|轉寄|転送|전달|пересл|vl|vidarebef|prosl|hnv)\s*(?:\[\d{1,3}\])?\s*[:：]",
    re.IGNORECASE,
)
REPLY_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,60}\]\s*)?(?:re|aw|antw|sv|vs|odp|rif|ref|res|r|rép|回复|回覆|答复|返信|회신|ynt|yan|отв|відп|на|atb|vá|bls|απ|σχετ|תשובה|رد|ตอบ|trả lời|bal|balas|ad)\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]",
    re.IGNORECASE,
)

# --- header blocks -----------------------------------------------------------------------------------------------

_LABELS = {
    "from": "from von de da van från fra lähettäjä od feladó expéditeur expediteur от від από kimden gönderen من מאת 发件人 寄件者 寄件人 差出人 "
    "送信者 送信元 보낸사람 보낸_사람 발신 từ người_gửi dari จาก saatja nuo remitente mittente afzender absender avsändare pošiljatelj pošiljalac "
    "remetente de_la nadawca mesaj_sahibi от_кого отправитель від_кого подател kiruja igorlea sender del von_: šalje expeditorul frá ბ. 发件者 发信人 nga daripada kellelt siuntėjas प्रेषक از кімнен nork од"
    " مِن ад fan wot wót ումից ვინ kas frå шаље jo‘natuvchi 從 gửi_từ expeditor වෙතින් sendanto ուղարկող ارسال_کننده அனுப்புனர் хэнээс kimdən kimdan αποστολέας لە pengirim avsender გამგზავნი remitent អ្នកផ្ញើ প্রেরক ผู้ส่ง odesílatel gönderici ಇಂದ भेजने_वाला 発信者 المرسل പ്രേഷിതന്‍ keneltä oddi_wrth afsender şandyar seolaí ó vun",
    "date": "sent date dată data_trimiterii gesendet datum envoyé envoye enviado enviada enviado_el enviada_em enviado_em inviato data verzonden skickat sendt dato "
    "lähetetty päiväys päivämäärä wysłano wysłane data_wysłania odesláno odoslané dátum elküldve küldve trimis отправлено дата відправлено надіслано "
    "изпратено στάλθηκε εστάλη ημερομηνία gönderildi gönderilme_tarihi gönderme_tarihi tarih التاريخ تاريخ تم_الإرسال אשלח נשלח תאריך נשלח_ב 发送时间 "
    "发送日期 日期 时间 寄件日期 傳送時間 時間 送信日時 日時 日付 送信日 보낸날짜 보낸_날짜 날짜 발송일 đã_gửi ngày thời_gian dikirim tanggal วันที่ ส่ง "
    "fecha sent_at sent_on saadetud išsiųsta nosūtīts poslano датум sendt_den le reçu envoyé_le enviat bidalia date_sent дата_отправки 送信日付 sent_date αποστολή تاريخ_الإرسال terkirim dihantar poslato послато भेजा_गया ارسال_شده жіберілді испратено dërguar"
    " kuupäev dáta ամսաթիվ dagsetning dags თარიღი күні datums tarikh datë sana تاریخ दिनांक දිනය dîrok தேதி огноо tann tarix بەروار កាលបរិច្ឆេត তারিখ ದಿನಾಂಕ तारीख तारिख തീയതി pvm dyddiad",
    "to": "to an à a para aan till til vastaanottaja do pro komu címzett către кому до προς kime alıcı إلى אל 收件人 收件者 宛先 宛て 받는사람 받는_사람 수신 tới đến "
    "kepada ถึง kellele kam za pre prima pour destinatarul 送信先 на per nori destinatario destinataire ontvanger empfänger mottagare destinatário do_kogo adresat za: per_a 收信人 за adressaat gavėjas प्रति به кімге për ke"
    " pa да saaja oan ում ვის uz прима qabul_qiluvchi 到 người_nhận каму प्रती destinatar වෙත ricevanto ստացող பெறுனர் хэнд kimə kimga παραλήπτης بۆ penerima mottaker modtager destinatari អ្នកទទួល примач প্রাপক ผู้รับ adresát standyar chuig un ಗೆ पाने_वाला المستقبل प्रापक സ്വീകര്‍ത്താവ് kenelle",
    "cc": "cc kopie kopie_(cc) copie_à kópia kopio copie kopia kopi copia cópia копия копія κοιν κοιν. bilgi نسخة עותק 抄送 副本 참조 c.c. cc: kopi_til másolatot_kap skrytá_kopie bcc "
    "đồng_gửi salinan สำเนา cópia_para с_копией в_копии másolat cc_: dw kopija"
    " رونوشت đồng_kính_gửi לידיעה מכותב நகல் nüsxə κοινοποίηση kp koopia ასლი nusxasi цц копирај คัดลอก kopya karbon_kopya afrit копие_до kopiraj көшірме",
    "subject": "subject subiectul naslov betreff objet sujet asunto assunto oggetto onderwerp ämne emne aihe temat předmět predmet tárgy subiect тема θέμα konu "
    "الموضوع موضوع נושא 主题 主旨 件名 題名 標題 제목 chủ_đề perihal subjek judul เรื่อง teema tema temats assumpte gaia относно zadeva विषय тақырып предмет subjekti tēma efni"
    " asuntu тэма underwerp ûnderwerp ábhar վերնագիր viðfangsefni titill თემა სათაური тақырыбы subjekt หัวเรื่อง หัวจดหมาย mavzu tiêu_đề مضمون මාතෘකාව temo தலைப்பு subjecto гарчиг evni mövzu ناونیشان pealkiri наслов ចំណងជើង বিষয় ವಿಷಯ заглавие विशय വിഷയം pwnc",
    "other": "odgovori_na odpověď_na odpovědět_na svar_til vastaus vastausosoite válaszcím rispondi_a odpowiedź-do responder_a răspuns_către ответ-кому ответить odpovedať-pre svara_till yanıt_adresi кому_відповісти reply-to reply_to organization attachments importance anlagen anlage priorität priorité importance_: priority pièces_jointes "
    "bijlagen antwort_an répondre_à répondre_a svar_till odpowiedź_do antwoord_aan 添付ファイル 附件 첨부 resent-from mailed-by signed-by categories wichtigkeit",
}
LABELS: dict[str, str] = {
    word.replace("_", " ").strip(" :"): kind
    for kind, words in _LABELS.items()
    for word in words.split()
    if len(word.strip("_:")) > 0
}
LABEL_LINE = re.compile(r"^[\s*_|•>]{0,12}([^\W\d_][^\n:：@]{0,28}?)[\s*_]{0,4}[:：][\s*_]{0,4}(.*)$")
_FLAT = re.compile(r"([^\s:：*@]{1,25}(?: [^\s:：*@]{1,25})?)[\s*]{0,3}[:：](?=\s|\*|$)")


def label_kind(line: str) -> str:
    """Which header a line looks like (`from`, `date`, `to`, `cc`, `subject`, `other`), or empty."""
    found = LABEL_LINE.match(line)
    if not found:
        return ""
    label = found.group(1).strip().lower()
    if label == "no":  # Latvian for "from", and an answer or a number elsewhere
        return "from" if "@" in found.group(2) else ""
    return LABELS.get(label, "")


def flat_kinds(text: str) -> list[str]:
    """The headers named in one line of text, in order: what is left of a header block when its line breaks are lost."""
    found = []
    for label in _FLAT.findall(text):
        kind = LABELS.get(label.lower()) or LABELS.get(label.lower().rpartition(" ")[2])
        if kind:
            found.append(kind)
    return found
