"""The words of machines that answer: subjects, formulas and headers of automatic mail in many languages. Data and its patterns.

Own collection from what the programs write; used by `auto` alone. A language is added here or among the words of `auto_words`, with
a mail in the corpus.
"""

from __future__ import annotations

import re

from connectors.email import auto_words as words

VACATION_SUBJECT = (
    r"out[ -]of[ -](?:the[ -])?office(?: (?:auto[- ]?)?(?:reply|response|message|notification|autoreply))?|ooo|oof|(?:i am|i'm|i will be|currently) (?:on (?:vacation|holiday|leave)|out of (?:the )?office(?: (?:un?til|from|on|this|next|today)[^\n?]{1,40})?|away)|away from (?:the |my )?(?:office|desk|mail)|"
    r"vacation (?:reply|notice|response|message)|on vacation|on holiday|holiday (?:reply|notice)|(?:automatic|auto) vacation (?:reply|response)|"
    r"abwesenheits(?:notiz|nachricht|meldung|assistent|benachrichtigung|agent)|abwesend|abwesenheit(?: (?:vom|bis|am|ab|von|zwischen) [^\n]{0,40})?|ich bin (?:im urlaub|abwesend|nicht im b(?:ü|ue)ro)|nicht im b(?:ü|ue)ro|au(?:ß|ss)er haus|urlaub(?:snotiz|smeldung)|"
    r"absence du bureau|absen(?:t|te|ce)(?: (?:du bureau|de bureau|jusqu|(?:du|au|le) \d)[^\n]{0,40})?|je suis (?:absente?|en congés?)|message d['’]absence|en congés?|notification d['’]absence|"
    r"fuera de (?:la )?oficina|ausente(?: (?:de la oficina|do escrit(?:ó|o)rio))?|ausencia(?: (?:temporal|hasta|del|de la oficina)[^\n]{0,30})?|ausência(?: (?:tempor|até|do escr)[^\n]{0,30})?|fora do escrit(?:ó|o)rio|em férias|"
    r"fuori (?:sede|ufficio)|risposta non al computer|assen(?:te|za)(?: (?:fino|dal|dall|per)[^\n]{0,40})?|"
    r"afwezig(?:heid(?:sbericht|smelding|sassistent)?)?(?: (?:tot|van|t/m|wegens)[^\n]{0,30})?|niet aanwezig|buiten kantoor|"
    r"frånvar(?:o(?:meddelande)?|ande)|semester(?:meddelande)?|fravær(?:sbesked|smelding|sassistent)?|ikke til stede|ikke på kontoret|poissa(?:olo(?:viesti|ilmoitus)?)?|lomalla|loma-?automaattivastaus|"
    r"nieobecno(?:ść|sc)(?: (?:do|od|w biurze)[^\n]{0,30})?|poza biurem|nieobecny|mimo kancel(?:ář|áriu)|nepřítomnost(?: (?:do|od|v kancel)[^\n]{0,30})?|neprítomnosť|nem vagyok az irodában|házon kívül|szabadságon|"
    r"absen[tț](?: din [^\n]{0,20})?|în concediu|вне офиса|нет на месте|в отпуске|отсутств(?:ую|ие)(?: (?:до|с|на рабочем)[^\n]{0,30})?|відсутній|відсутня|поза офісом|у відпустці|"
    r"εκτός γραφείου|απουσία|ofis dışında|ofis dışı|işyeri dışında|מחוץ למשרד|הודעת היעדרות|خارج المكتب|不在(?:通知|のお知らせ|连絡|連絡)?|不在办公室|外出中|"
    r"休假(?:通知|自动回复)?|부재 ?중(?: ?자동 ?(?:응답|회신)| ?메시지)?|휴가중|ngoài văn phòng|vắng mặt|di luar kantor|sedang cuti"
)
REPLY_SUBJECT = (
    r"auto(?:matic|matisk|matische|matisch|mated|-|_)?[ :_-]?(?:reply|response|respond(?:er)?|answer|acknowledg(?:e)?ment)|autoreply|autoresponse|autoresponder|automail|"
    r"automat(?:ed|ic) (?:e-?mail )?(?:reply|response|message|notification|acknowledg(?:e)?ment)|automatische (?:antwort|r(?:ü|ue)ckmeldung|r(?:ü|ue)ckantwort|e-?mail|eingangsbest(?:ä|ae)tigung|best(?:ä|ae)tigung)|"
    r"automatische(?:s)? antwort(?:schreiben)?|autoantwort|auto-?antwort|automatisch generierte|eingangsbest(?:ä|ae)tigung|"
    r"r(?:é|e)ponse automatique|message automatique|accus(?:é|e) de r(?:é|e)ception automatique|r(?:é|e)pondeur(?: automatique)?|"
    r"respuesta autom(?:á|a)tica|contestaci(?:ó|o)n autom(?:á|a)tica|autorespuesta|auto-?respuesta|mensaje autom(?:á|a)tico|"
    r"resposta autom(?:á|a)tica|mensagem autom(?:á|a)tica|auto-?resposta|risposta automatica|messaggio automatico|"
    r"automatisch(?:e)? (?:antwoord|bericht|reactie)|automatisch bericht|autoantwoord|autosvar|automatiskt? svar|automatsvar|svarsmeddelande|automatiskt meddelande|"
    r"automaattinen vastaus|automaattivastaus|automaatvastus|automaatne vastus|odpowied(?:ź|z) automatyczna|automatyczna odpowied(?:ź|z)|autoodpowied(?:ź|z)|autoresponder|"
    r"automatick(?:á|a) odpov(?:ě|e)ď|automatická odpoveď|automatikus v(?:á|a)lasz|r(?:ă|a)spuns automat|"
    r"автоматический ответ|ответ автоматически|автоответ(?:чик)?|автоматическое (?:уведомление|сообщение)|автоматична відповідь|автовідповідь|автоматичен отговор|автоматски одговор|"
    r"automatski odgovor|samodejni odgovor|αυτόματη απάντηση|otomatik (?:yanıt|cevap)|תשובה אוטומטית|תגובה אוטומטית|מענה אוטומטי|הודעה אוטומטית|رد تلقائي|الرد التلقائي|رد آلي|پاسخ خودکار|"
    r"自动(?:回复|答复|回覆)|自動(?:返信|応答|回覆|回復|送信|答覆)|자동 ?(?:회신|응답|답장)|tr(?:ả|a) l(?:ờ|o)i t(?:ự|u) (?:độ|do)ng|thư trả lời tự động|(?:balasan|jawaban|respons) otomatis|(?:balasan|jawapan|jawab) automatik|sjálfvirkt svar|स्वचालित (?:जवाब|प्रतिक्रिया)|"
    r"ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|स्वचालित उत्तर|resposta automàtica|automatinis atsakymas|automātiska atbilde|erantzun automatikoa"
)
_NOTICE = (
    rf"(?:{words.NOTE}|{words.ANSWER}|information|informacja|info)(?: (?:{words.AUTOMATIC}))? (?:(?:de|di|da|o|om|über|of|про|об)\s)?(?:d['’]\s?)?(?:{words.ABSENCE})|"
    rf"(?:{words.AUTOMATIC})[ -]?(?:{words.ABSENCE}|abwesenheits\w{{4,16}}|afwezigheids\w{{4,12}})|(?:vacation|away|holiday|out[ -]of[ -]office)[ -](?:auto[ -]?)?(?:{words.ANSWER}|{words.NOTE})|"
    rf"abwesend(?: bis [^\n:]{{1,20}})?|absent\(e\) du bureau|bin im urlaub|nicht im (?:hause?|büro)|urlaubs(?:abwesenheit|nachricht|mitteilung|vertretung)|frånvaroavisering|poissa toimistosta|lomavastaaja|irodán kívül|nieobecn[ya] w biurze|"
    rf"mimo kancelárie|absen(?:ț|t)(?:ă|a) de la birou|(?:de|en) vacaciones|in ferie|met vakantie|met verlof|på semester|en vacances|na urlopie|нет на работе|on (?:annual|maternity|paternity|parental|sick|medical) leave|i am currently (?:out of (?:the )?office|away|on leave|on vacation|on holiday)|我正在(?:休假|度假|出差)|休暇中のため(?:不在です)?|{words.CJK_AWAY}"
)
_VACATION = rf"{VACATION_SUBJECT}|{_NOTICE}"
# A program puts its words first and ends them with a colon, or writes nothing else.
_THEN = r"(?:re|aw|antw|sv|vs|wg|fwd?|odp|rif|rép|r|ynt|回复|回覆|답장)\s?(?:\[\d+\])?\s?[:：]"
VACATION = re.compile(
    rf"^\W{{0,3}}(?:{_VACATION})\W{{0,3}}(?:[:：|】\]）>]|\s[-–—]\s|$|\((?:re|was|aw)|\s?{_THEN})",
    re.IGNORECASE,
)
VACATION_COLON = re.compile(rf"^\W{{0,3}}(?:{_VACATION})\W{{0,2}}(?:[:：]|{_THEN})", re.IGNORECASE)
VACATION_LAST = re.compile(rf"[\[(]\s?(?:{_VACATION})\s?[\])]\s?$", re.IGNORECASE)
SEASON = re.compile(
    rf"^\W{{0,3}}(?:away|(?:annual|maternity|paternity|parental|sick|medical) leave|on leave|holidays?|vacation|urlaub|elternzeit|krank|vacances|congés?|de vacaciones|vacaciones|férias|in ferie|ferie|ferien|"
    rf"vakantie|in vacanza|semester|ferie[rn]?|loma|urlop|dovolená|szabadság|concediu|отпуск|відпустка|tatil|izin|i̇zin|cuti|nghỉ phép|휴가|休假)\s{{0,2}}:?\s{{0,2}}{_THEN}",
    re.IGNORECASE,
)
"""Words of people as well as of programs: they count only in front of the subject that is answered."""
ANNOUNCED_AWAY = re.compile(
    r"^auto\s?:\s[^\n:?]{2,80}\([^()\n]{3,20} (?:\w{2,3} )?\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\)\.?$",
    re.IGNORECASE,
)
"""Lotus Notes in any language: who is away, and in brackets the day of the return."""
AWAY_UNTIL = re.compile(
    rf"^\W{{0,3}}(?:(?:{_VACATION}|{words.ABSENCE}|{words.AWAY})[^\n:?]{{0,16}}?\s(?:until|till|through|bis|jusqu['’]?(?:au|à)|hasta|fino al?|tot|t/m|até|til|do|до|по|până|έως|μέχρι)\s[^\n?]{{1,25}}|(?:poissa|lomalla) [^\n?]{{1,12}} (?:asti|saakka))$",
    re.IGNORECASE,
)
"""A whole subject that says until when."""
SOMEBODY_AWAY = re.compile(
    r"^(?:auto:\s)?(?!(?:your|my|our|the|he|she|it|this|that|who|nobody|everyone|everybody|ihr|mein|unser|der|die|das|er|sie|wer|mon|votre|notre|il|elle|mi|su|el|ella)\b)[^\n:?]{2,60}? (?:is|ist|est|está|è) (?:currently |derzeit |actuellement )?"
    r"(?:out of (?:the )?office|on (?:leave|vacation|holiday)|außer haus|ausser haus|abwesend|nicht im (?:haus|büro)|im urlaub|absent(?:\(e\)|e)?(?: d(?:u|e son) bureau)?|fuera de la oficina|ausente(?: de la oficina)?|fuori (?:ufficio|sede)|assente|afwezig|borta|nieobecn[ya])"
    r"\.?(?: ?\([^)\n]{2,60}\)| (?:until|till|bis|jusqu|hasta|fino) [^\n?]{2,40})?$",
    re.IGNORECASE,
)
"""Lotus Notes: `AUTO: Ann Lee is out of the office (returning 05/03/2024)`."""
_ANSWER = rf"{REPLY_SUBJECT}|(?:{words.AUTOMATIC})[ _:-]{{0,2}}(?:{words.ANSWER}|{words.NOTE})|(?:{words.ANSWER}|{words.NOTE})\.?[ -](?:{words.AUTOMATIC})|{words.CJK_ANSWER}"
REPLY = re.compile(
    rf"^\W{{0,3}}(?:this is an )?(?:{_ANSWER})(?=[^\w]|$)\W{{0,4}}(?:[:：|\[(\"“«】）>]|-(?![^\n]{{0,200}}\?$)|re\b|from\b(?! (?:your|my|our|the|his|her)\b)|von\b|de\b|(?:to|for|a|à|an|auf|na|на)(?:\s?:| your\b| message| письмо)|$)|"
    rf"^[【\[(（<](?:{_ANSWER}|auto[- ]?generated)[】\])）>]|^\W?auto\W{{0,2}}\s?[:：]?\s?{_THEN}|[\[(]\s?(?:{_ANSWER})\s?[\])]\s?$|"
    r"^\[request received\]|^ticket received\s?[:-]",
    re.IGNORECASE,
)
PREFIX = re.compile(r"^auto\s?[:：]", re.IGNORECASE)
"""Of programs, before the subject that they answer; and of people who write about their cars."""
WAS_READ = re.compile(
    r"your message|for the (?:mail|message) (?:that )?you sent|empfangsbest(?:ä|ae)tigung|accusé de (?:lecture|réception)|was (?:read|displayed|opened)|has been (?:read|displayed|opened)|ihre nachricht|wurde [^\n]{0,60}(?:gelesen|angezeigt|geöffnet)|votre message|a été (?:lu|ouvert|affiché)|su mensaje|sua mensagem|fue (?:leído|abierto)|"
    r"foi (?:lida|aberta)|messaggio|uw bericht|is gelezen|ditt meddelande|din (?:besked|meddelelse|melding)|viestisi|wiadomość|ваше сообщение|прочитан|您的|开封|開封|읽|meldingen din|din melding|vaše (?:zpráva|správa)|iletiniz|okundu|ricevuta di ritorno|recibo del correo|ontvangstbevestiging voor|üzenet",
    re.IGNORECASE,
)
RECEIPT = re.compile(
    r"^\W{0,3}(?:(?:not |un|non |no |niet |ikke |ej |inte |nie |не |ni)?(?:read|gelesen|lu|leído|lida|letto|gelezen|läst|læst|lest|luettu|przeczytano|přečteno|prečítané|прочит?(?:ано|тено)|прочтено)|已读|开封|已讀|未读|已讀|未讀|開封済み|开封済み|未開封|읽음|okundu|não lida|olvasva|citit|διαβάστηκε|נקרא|מושלם|تمت القراءة)\s?[:：]|"
    r"^(?:read receipt|return receipt|read notification|lesebestätigung|bekräftelse på läst|kvittering for læst|leesbevestiging|conferma di lettura|confirmação de leitura|уведомление о прочтении|potwierdzenie przeczytania|lesebest(?:ä|ae)tigung|accusé de lecture|confirmación de lectura|disposition notification)\b|"
    r"^(?:empfangsbestätigung|accusé de réception|confirmation de lecture|ricevuta di ritorno|recibo|confirmación de lectura|ontvangstbevestiging|kvittering|kvitto|leesbevestiging)\s?(?:\([^)\n]{3,30}\)\s?[-:]|:)",
    re.IGNORECASE,
)
FORMULA = re.compile(
    rf"(?:{words.FORMULAS}|"
    r"this is an? (?:automatic(?:ally)?(?: generated)?|automated|auto[- ]?generated|auto)[ -](?:reply|response|e-?mail|message|acknowledg(?:e)?ment|notification|generated (?:e-?mail|message|reply|response))|"
    r"(?:this (?:e-?mail|message|reply|response)|it) (?:was|has been|is) (?:automatically (?:generated|sent)|generated automatically|sent automatically|auto-?generated)|"
    r"(?:please )?do not (?:reply|respond) to this (?:automated |automatic )?(?:e-?mail|message)(?! (?:until|before|unless|if|yet))|this mailbox is not monitored|"
    r"dies(?:e|es)? ist eine automatisch (?:generierte|erstellte|erzeugte|versendete)|diese (?:e-?mail|nachricht) wurde automatisch (?:generiert|erstellt|erzeugt|versendet|verschickt)|"
    r"dies ist eine automatische (?:antwort|nachricht|benachrichtigung)|bitte antworten sie nicht auf diese|"
    r"ceci est (?:un message|une réponse|un e-?mail|un courriel) automatique|(?:ce message|cet e-?mail|ce courriel) (?:a été|est) (?:généré|envoyé) automatiquement|merci de ne pas répondre à ce|"
    r"este es un (?:mensaje|correo) (?:automático|generado automáticamente)|(?:por favor,? )?no responda a este (?:mensaje|correo)|"
    r"esta é uma (?:mensagem|resposta) automática|(?:por favor,? )?não responda (?:a )?este|questo è un messaggio (?:automatico|generato automaticamente)|(?:si prega di )?non rispondere a questa|"
    r"dit is een automatisch(?:e)? (?:antwoord|bericht|gegenereerd)|detta är ett automatiskt|dette er (?:en|et) automatisk|to jest automatyczna|wiadomość (?:została )?wygenerowana automatycznie|"
    r"это автоматическ|(?:данное )?(?:письмо|сообщение) (?:создано|сформировано|отправлено) автоматически|此(?:邮件|郵件)(?:为|為|由)?系[统統]自[动動]|这是一封自动|このメールは自動|自動送信|이 ?메일은 ?자동|자동으로 ?발송)",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"(?:i(?: am|'m|’m| will be) (?:currently |presently |now )?(?:out of (?:the )?office|on (?:annual |maternity |paternity |parental |sick |medical |extended )?(?:leave|vacation|holidays?)|away)\b(?:[^.\n]|\d\.){0,80}"
    r"(?:until|through|till|and will|with (?:no|limited)|return|from|\d)|"
    r"ich befinde mich (?:[^.\n]|\d\.){0,60}(?:im urlaub|auf dienstreise|in elternzeit|außer haus)|actuellement (?:absente?|en congés?|en vacances|en déplacement)|me encuentro (?:fuera|de vacaciones|ausente)|encontro-me (?:ausente|de férias|fora)|(?:mi trovo|attualmente sono) (?:in ferie|assente|fuori)|"
    r"(?:momenteel|tot [^.\n]{1,30}) ben ik (?:afwezig|met vakantie|niet aanwezig|op vakantie)|ik ben (?:met vakantie|met verlof)|w dniach [^\n]{1,30}(?:na urlopie|nieobecn|poza biurem)|(?:čerpám|mám) dovolen|na godišnjem (?:sam )?odmoru|na dopustu|βρίσκομαι εκτός|(?:απουσιάζω|λείπω) (?:από|έως|μέχρι)|sedang cuti|"
    r"ich bin (?:derzeit |zurzeit |momentan |bis |vom |ab |am )?(?:[^.\n]|\d\.){0,60}(?:nicht im (?:büro|hause)|außer haus|abwesend|im urlaub|nicht erreichbar)|"
    r"je suis (?:actuellement )?(?:absente?|en congés?|en vacances|hors du bureau)(?:[^.\n]|\d\.){0,60}(?:jusqu|du \d|et |de retour)|"
    r"(?:estoy|estaré) (?:fuera de la oficina|de vacaciones|ausente)(?:[^.\n]|\d\.){0,60}(?:hasta|del|y )|(?:estou|estarei) (?:fora do escritório|de férias|ausente)(?:[^.\n]|\d\.){0,60}(?:até|de )|"
    r"(?:sono|sarò) (?:assente|fuori ufficio|in ferie)(?:[^.\n]|\d\.){0,60}(?:fino|dal|e )|ik ben (?:momenteel |tot |van )?(?:[^.\n]|\d\.){0,50}(?:afwezig|niet aanwezig|op vakantie)|"
    r"jag är (?:på semester|inte på kontoret|ledig|frånvarande)|jeg (?:er|har) (?:på )?(?:ferie|barsel|fravær\w*|ikke på kontoret|ikke til stede)|olen (?:lomalla|poissa|vuosilomalla)|"
    r"(?:obecnie )?(?:przebywam|jestem) (?:obecnie )?(?:na (?:urlopie|zwolnieniu)|poza biurem|nieobecn[ya])|(?:jsem|budu|momentálně jsem|som|budem) [^.\n]{0,30}(?:dovolené|dovolenke|mimo kancelář|mimo kancelárie|nepřítom\w+|neprítom\w+)|"
    r"(?:szabadságon|házon kívül) (?:vagyok|leszek)|(?:sunt|voi fi) (?:în|in) concediu|ofis dışında(?:yım|\w{0,6})|(?:yıllık )?izinde(?:yim|\w{0,4})|(?:я|сейчас|временно|буду)(?: сейчас| временно)?(?: нахожусь| буду)? (?:в отпуске|вне офиса|отсутствую|відсутн\w+|у відпустці|в командировке)|нахожусь в отпуске|я у відпустці|"
    r"休暇(?:中|を(?:いただいて|取得して))[^。\n]{0,20}|(?:出張|外出|夏季休業|年末年始)[^。\n]{0,20}(?:不在|休業)|(?:正在|目前|现在|現在)?(?:休假|度假|出差|请假|請假)(?:中)?[,，。至到]|(?:目前|现在|現在)?不在办公室|(?:目前|現在)?不在辦公室|(?:현재|지금)?[^.\n]{0,20}(?:부재중|휴가 ?중|출장 ?중))",
    re.IGNORECASE,
)
AWAY_LOOSE = re.compile(words.AWAY, re.IGNORECASE | re.MULTILINE)
REQUEST = re.compile(
    r"\bplease (?!contact|call|note|direct|e-?mail|write|use|reach|ping|refer|forward|get in touch|expect|be aware|do not|don't|ask)|\bbitte (?!wenden|kontaktieren|rufen|schreiben|beachten|haben|richten)|"
    r"\bpor favor,? (?!contact|escrib|dirij|llam|contat)|pouvez[- ]vous|veuillez (?!contacter|vous adresser|noter)|\bcan you\b|\bcould you\b|können sie|per favore (?!contatt|rivolg)|пожалуйста,? (?!обра|свя|пиш)",
    re.IGNORECASE,
)
"""What a person asks for; a notice only says whom else to ask."""
PROMISES = re.compile(words.PROMISES, re.IGNORECASE)
TEMPLATE = re.compile(
    r"(?:(?:limited|no|without|intermittent|restricted|sporadic) access to (?:my )?(?:e-?mails?|messages)|(?:will|shall) (?:respond|reply|answer|get back to you|read your)[^.\n]{0,80}(?:return|back|soon|possible)|"
    r"(?:in|for) (?:any )?(?:urgent|emergency|immediate)|if urgent|not (?:be )?(?:reading|checking) (?:my )?(?:e-?)?mails?|if (?:it is|this is|your (?:matter|request|message) is|you (?:need|require))[^.\n]{0,30}(?:urgent|immediate|assistance)|"
    r"in dringenden (?:fällen|angelegenheiten)|ihre (?:e-?mail|nachricht) wird nicht weitergeleitet|(?:werde|wird)[^.\n]{0,60}nach meiner rückkehr|"
    r"en cas d['’]urgence|à mon retour|en caso de urgencia|(?:para|por|ante) (?:urgencias|cualquier urgencia|asuntos urgentes)|a mi (?:regreso|vuelta)|em caso de urgência|no meu regresso|per (?:urgenze|emergenze)|al mio (?:rientro|ritorno)|"
    r"(?:bij|voor) (?:spoed|dringende)|na mijn terugkomst|vid brådskande|ved (?:haste\w*|presserende|akutte)|kiireellis\w+|w (?:pilnych|nagłych|sprawach pilnych)|po (?:moim )?powrocie|v (?:naléhav\w+|urgentn\w+|neodkladn\w+)|po (?:mém |mojom )?návratu|sürgős|za hitne|v nujnih|για επείγοντα|untuk (?:hal|keperluan|urusan) (?:yang )?mendesak|în caz de urgență|acil (?:durum|konu)\w*|"
    r"(?:по|в|у) (?:срочн|неотложн|экстренн|термінов)\w+|после (?:моего )?возвращения|після повернення|お急ぎ|緊急の|戻り次第|紧急|緊急|急事|及时回复|回来后|긴급|급한|복귀)",
    re.IGNORECASE,
)
INVITATION = re.compile(
    r"^[^\n]{2,120} (?:has (?:tentatively )?(?:accepted|declined|replied)|hat (?:diese|die|ihre)[^\n]{0,30} (?:zugesagt|abgesagt|angenommen|abgelehnt|vorläufig)|a (?:accepté|refusé|décliné)|ha (?:aceptado|rechazado|accettato|rifiutato)|"
    r"(?:aceitou|recusou)|heeft [^\n]{0,40}(?:geaccepteerd|afgewezen)|har (?:accepterat|tackat|accepteret|afvist|godtatt|avslått)|(?:zaakceptował|odrzucił)\w?|принял\w?|отклонил\w?)|(?:承諾|辞退|接受|拒绝|수락|거절)",
    re.IGNORECASE,
)
"""What calendars write in the place of somebody who only clicked."""
CHALLENGE = re.compile(
    r"(?:(?:this )?(?:account|mailbox|e-?mail address|inbox|address) is (?:protected|guarded) (?:by|with|against)|(?:add yourself to|be added to|have your (?:e-?mail )?address added to)[^.]{0,60}(?:guest|white|safe|allow(?:ed)?|approved)[ -]?(?:sender\w*[ -]?)?list|"
    r"your (?:message|e-?mail|mail) (?:about [^.]{1,200} )?(?:has been|is being|was|is) (?:wait-?listed|held (?:for|pending|until|awaiting)[^.]{0,60}(?:verif|confirm|authori[sz]|approv)|quarantined (?:pending|until|awaiting))|"
    r"(?:to (?:complete|ensure|allow|confirm)[^.]{0,40} delivery of (?:your|this|the) (?:message|e-?mail|mail)[^.]{0,80}(?:click|repl|confirm|verif|visit))|(?:click|reply|visit)[^.]{0,160}(?:to (?:verify|confirm|prove|authenticate) (?:that )?(?:you|your (?:e-?mail|address|message|identity))|ensure delivery of your (?:e-?mail|message))|"
    r"i now (?:only )?(?:allow|accept) (?:incoming )?(?:messages|mail|e-?mails?) only from|allow incoming messages only from senders|list of approved senders|"
    r"(?:only )?(?:need|have) to (?:verify|confirm|authenticate) (?:yourself|your (?:e-?mail|address|message)) (?:once|only once|one time)|"
    r"(?:bestätigen sie|um[^.]{0,60}zuzustellen)[^.]{0,80}(?:absender|kein spam|mensch)|(?:confirme[rz]?)[^.]{0,60}(?:que vous n'êtes pas un robot|livraison de votre message)|anti-?spam uol|confirma[cç][aã]o de (?:envio|mensagem)[^.]{0,40}anti-?spam)",
    re.IGNORECASE,
)
"""A filter that asks the sender to prove to be a person before it delivers."""
MACHINE_HEADERS = frozenset(
    (
        "x-ms-exchange-inbox-rules-loop",
        "x-facebook-notify",
        "x-cron-env",
        "x-ms-exchange-generated-message-source",
    )
)
MACHINE_HEADER = re.compile(
    r"x-(?!auto-response-suppress)(?:[a-z0-9]{1,20}-){0,3}(?:auto-?(?:repl(?:y|ied)|respond(?:er)?|response|answer)|vacation(?:-?reply)?|out-?of-?office)(?:-(?:from|to|id|message|type))?"
)
"""Programs that answer name a field of theirs like this, each differently."""
NO_REPLY = re.compile(
    r"^(?:[\w.+-]{0,30}[._+-])?(?:no|do[._-]?not|donot|never|nicht|ne)[._-]?(?:reply|antwort\w*|respond|respuesta|responder|pas-?repondre|risposta|rispondere|svara?|odpowiadaj)(?:[._+-][\w.+-]{0,30})?@",
    re.IGNORECASE,
)
DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|post[-_.]?master|mail[-_.]?daemon|autoresponder|auto-?reply|bounces?)(?:[-+._][\w.+=-]{0,200})?@",
    re.IGNORECASE,
)
CITED = re.compile(
    r"(?:[\"'“”„«‹‘]|\b(?:says?|said|wrote|writes|reads?|got|gets?|receive[ds]?|answers?|schreibt|schrieb|steht|bekomme|erhalte|dit|écrit|reçois|dice|dit que)\b[^.!?\n]{0,30})\s{0,2}$",
    re.IGNORECASE,
)
"""What stands right before a formula that somebody only cites."""
