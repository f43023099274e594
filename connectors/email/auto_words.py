"""Words that automatic answers are made of, language by language: to be joined with each other, not to be found alone. Data only.

`auto_phrases` makes patterns of them. A subject of a program is "automatic" and "reply" in either order, or a noun for a notice
together with one for absence; so a pair of words in a table here stands for many phrases there.
"""

from __future__ import annotations

AUTOMATIC = (
    r"auto(?:m(?:\.|at\w{0,12})?)?|[oa]u?tomat\w{1,12}|otomat\w{1,8}|a[wv]tomat\w{1,12}|autom(?:à|á|ā)t\w{1,8}|autom(?:ā|á)tisk\w{0,3}|auto-?generated|uathoibr\w{1,6}|samodejn\w{1,3}|sj(?:á|a)lfvirkt|"
    r"авто(?:мат\w{0,12})?|аутоматск\w{1,3}|αυτόματ\w{1,3}|αυτοματ\w{1,12}|ავტომატურ\w{1,3}|ավտոմատ\w{0,3}|"
    r"تلقائي|آلي|خودکار|אוטומטי(?:ת)?|स्वचालित|स्वयंचलित|স্বয়ংক্রিয়|தானியங்கி|స్వయంచాలక|tự (?:độ|do)ng|tự động|อัตโนมัติ"
)
"""What stands for "automatic", before or after its noun."""
ANSWER = (
    r"repl(?:y|ies)|respon[sd]e?|responder|answers?|acknowledge?ments?|antwort(?:schreiben)?|rückantwort|rueckantwort|antwoord|beantwoording|reactie|svar(?:smeddelande)?|respons|"
    r"réponse|reponse|rép|répondeur|respuesta|contestación|contestacion|contestador|resposta|risposta|risponditore|"
    r"odpowied(?:ź|z)|odpov(?:ě|e)(?:ď|d)|odpoveď|atbilde|atsakymas|vastaus(?:viesti)?|vastaaja|vastus|válasz|valasz|r(?:ă|a)spuns|відповідь|ответ(?:чик)?|отговор|одговор|odgovor|"
    r"απάντηση|yanıt|cevap|cavab|javob|жауап|хариу|balasan|jawaban|jawapan|respons|tugon|ateb|freagra|përgjigje|äntwert|erantzuna?|"
    r"رد|الرد|جواب|پاسخ|תשובה|תגובה|מענה|उत्तर|जवाब|प्रतिक्रिया|উত্তর|பதில்|ప్రత్యుత్తరం|trả lời|thư trả lời|ตอบกลับ|การตอบกลับ|პასუხი|պատասխան"
)
"""What stands for "reply" beside "automatic"."""
NOTE = (
    r"message|notification|notice|confirmation|conferma|confirmaci(?:ó|o)n|confirmação|ontvangstbevestiging|nachricht|mitteilung|(?:eingangs|empfangs)?bestätigung|(?:eingangs|empfangs)?bestaetigung|rückmeldung|rueckmeldung|e-?mail|mensaje|mensagem|notificaci(?:ó|o)n|notificação|notifica|aviso|avis|messaggio|avviso|bericht|"
    r"meddelande|meddelelse|besked|beskjed|utskick|viesti|wiadomość|potwierdzenie|oznámení|oznámenie|zpráva|správa|üzenet|értesítés|mesaj|bildirim|ileti|уведомление|сообщение|повідомлення|съобщение|"
    r"acuse(?: de recibo)?|accusé(?: de)? réception|pesan|thông báo"
)
"""What stands for "message" beside "automatic": not as telling as an answer."""
ABSENCE = (
    r"absen(?:ce|t|te|t\(e\))(?: (?:du|de) bureau)?|ausencia|ausência|ausente|assenza|assente|afwezig(?:heid)?|abwesenheit(?:s\w{3,16})?|frånvaro|fravær|poissaolo|nieobecno(?:ść|ści|sc|sci)|nepřítomnosti?|neprítomnosti?|távollét|absență|absenta|"
    r"отсутстви(?:е|и|я)|відсутн(?:ість|ості)|απουσία(?:ς)?|vacation|holiday|vacaciones|férias|ferie|congés?|vakantie|semester|loma|urlop(?:ie)?|dovolen(?:á|é)|szabadság|concediu|отпуск(?:е)?"
)
"""What stands for "absence" beside a notice."""
CJK_ANSWER = r"自[动動](?:回[复復覆信]|答[复復覆]|应答|應答|返信|応答|送信|配信|回复邮件|回覆郵件)(?:メール|通知|邮件|郵件|信息)?|자동 ?(?:회신|응답|답장|답변)(?: ?메일)?"
CJK_AWAY = (
    r"(?:外出|休假|出差|请假|請假|度假)(?:時的|时的|中的?)?(?:自[动動](?:回[复復覆]|答[复復覆])|通知)|"
    r"不在(?:通知|のお知らせ|连絡|連絡|メッセージ)?|不在(?:办公室|辦公室)|休暇中|外出中|休业のお知らせ|休業のお知らせ|"
    r"부재 ?중(?: ?자동 ?(?:응답|회신|답장)| ?메시지| ?알림| ?안내)?|휴가 ?중"
)
"""Chinese, Japanese and Korean write such words without spaces."""
FORMULAS = (
    r"(?:mensagem|messaggio|mensaje|correo|message|courriel|e-?mail) (?:foi |é |est |es |se ha |ha sido |wurde )?(?:gerad[ao]|generato|generado|généré|enviad[ao]|erzeugt|generiert) autom|ceci est un accusé de réception automatique|dette er (?:et|en) autosvar|"
    r"(?:这是|這是)[^。\n]{0,12}自[动動](?:发送|發送)|자동 ?발송(?:되었|된 ?메일입니다)|ticket (?:with (?:the )?(?:number|id)|number|no\.|id|#)[^.\n]{0,30}has been (?:created|opened)|this is an automated confirmation|"
    r"dit is een automatische ontvangstbevestiging|questa è una risposta automatica|(?:questo|il presente) messaggio è (?:stato )?(?:generato|inviato) automaticamente|ti preghiamo di non rispondere|"
    r"tämä on automaattinen (?:vastaus|viesti|sähköposti|ilmoitus)|tämä (?:viesti|sähköposti) on (?:lähetetty )?automaatti|älä vastaa tähän|(?:toto|tento|tato) (?:je|e-?mail|zpráva|správa) (?:je )?(?:automatick\w{1,3} (?:odpov|zpráv|správ|e-?mail|oznámen)|byl[ao]? (?:vygenerov|odeslán)\w{0,4} automaticky)\w{0,4}|(?:prosím(?:e)?,? )neodpov(?:í|ě)dejte|prosím neodpovedajte|"
    r"ez egy automatikus (?:válasz|üzenet|levél|értesítés|e-?mail)|automatikusan (?:generált|küldött) (?:üzenet|levél|válasz)|kérjük,? (?:erre )?ne válaszoljon|acest(?:a)? (?:este un )?(?:mesaj|e-?mail) (?:este generat )?automat|vă rugăm (?:să )?nu răspunde|"
    r"це автоматичн\w{1,3} (?:відповід|повідомл|лист)|(?:цей|даний) лист (?:створено|сформовано|надіслано) автоматично|это письмо (?:создано|отправлено|сформировано) автоматически|(?:на это письмо|на данное сообщение) (?:отвечать )?не (?:нужно|отвечай)|"
    r"bu (?:e-?posta|ileti|mesaj|otomatik)[^.\n]{0,30}otomatik|bu otomatik bir (?:yanıt|cevap|mesaj|e-?posta|ileti|bildirim)|lütfen bu (?:e-?postayı|maili|iletiyi) (?:yanıtlama|cevaplama)|"
    r"(?:本|この)メールは[^。\n]{0,30}自動(?:返信|送信|配信|応答)|(?:自動返信|自動送信|自動応答|自動配信)(?:です|メールです|しており|により)|からの自動返信|送信専用(?:アドレス|メール)|"
    r"(?:此|本)(?:为|為|邮件|郵件|信件|電郵)[^。\n]{0,12}自[动動](?:回[复復覆]|发送|發送|生成|发出)|来自[^。\n]{0,12}自动回复|请勿(?:直接)?回[复复]|請勿(?:直接)?回[覆復]|"
    r"발신 ?전용|자동 ?(?:회신|응답|발송)(?:된|되는|으로)? ?(?:메일|메시지|이메일)|자동으로 (?:생성|발송|전송)된|회신하지 마|(?:đây là|this is) (?:e-?mail|thư) tự động|vui lòng không trả lời|(?:pesan|e-?mail) ini (?:dikirim|dibuat|dihasilkan)? ?(?:secara )?otomatis|"
    r"est[ea] é? ?(?:uma? )?(?:e-?mail|mensagem|correio|resposta) (?:foi )?(?:automátic[ao]|gerad[ao] automaticamente|enviad[ao] automaticamente)|este é um e-?mail automático|por favor,? não responda|este (?:correo|mensaje|e-?mail) (?:ha sido|fue|es) (?:generado|enviado)? ?automátic|"
    r"ovo je automatsk\w{1,2} (?:odgovor|poruk|obavijest)|to je samodejn\w{1,2} (?:odgovor|sporočil)|αυτό είναι (?:ένα )?αυτόματο (?:μήνυμα|e-?mail)|това е автоматич\w{1,4} (?:съобщение|отговор|имейл)|ini adalah (?:e-?mail|pesan|balasan) (?:otomatis|automatik)|dette er (?:en|et) (?:automatisk|autogenerer)|detta (?:är ett|mail är) auto|dit (?:is een|bericht (?:is|wordt|werd)) automatisch|"
    r"(?:apologi[sz]e|sorry) for this auto(?:matic|mated) (?:reply|response|e-?mail)|(?:this|the) (?:mailbox|inbox|e-?mail (?:address|account)|account) is (?:un(?:attended|monitored|manned)|(?:not|no longer) (?:being )?(?:monitored|read|checked|attended|in use))|"
    r"your (?:support )?(?:request|ticket|e-?mail|message|enquiry|inquiry|case)(?: (?:\([^)\n]{1,20}\)|#? ?\w{0,6}\d{1,12}))? has been (?:received|logged|registered) and|"
    r"acknowledge (?:that we have received|(?:the )?receipt of) your (?:request|ticket|e-?mail|message|enquiry|inquiry)|(?:new )?(?:support )?ticket has been (?:created|opened|registered) (?:for|with|and)|"
    r"your (?:e-?mail|message|mail) will not be (?:forwarded|read|answered|processed)|ihre (?:e-?mail|nachricht) wird (?:nicht|weder|auch nicht) (?:automatisch )?(?:weitergeleitet|gelesen|bearbeitet)|(?:votre|ce) (?:message|courriel|mail) ne sera (?:pas|ni) (?:lu|transféré|transmis)|"
    r"only notification you will receive while this person is away|dies(?:e|es)? (?:ist|e-?mail ist|nachricht ist) (?:eine )?automatisch (?:erzeugte|erstellte|generierte|verschickte)"
)
"""Sentences in which a program says that it is one."""
AWAY = (
    r"i(?: am|'m|’m| will be|'ll be|’ll be) (?:currently |presently )?(?:ooo\b|out of (?:the )?(?:office|country)|away from (?:my desk|the office|work)|travell?ing|attending an? )|i (?:only )?work part[- ]time|(?:un)?til i (?:return|am back)|"
    r"i(?: am|'m|’m) out (?:until|till)|i(?: am|'m|’m) (?:currently |presently )?on (?:annual |parental |maternity |sick )?(?:leave|vacation|holidays?)|bis (?:zum )?\d[^\n]{1,12} bin ich nicht (?:erreichbar|im|da)|je suis (?:actuellement )?(?:en vacances|en congés?|absente?)|"
    r"(?:estoy|estaré|me encuentro) (?:fuera|de vacaciones|ausente)|(?:estou|estarei) (?:ausente|de férias|fora)|sono (?:attualmente )?(?:in ferie|assente)|ik ben (?:op|met) (?:vakantie|verlof)|jag är (?:på semester|ledig)|jeg er (?:på ferie|bortreist|fraværende)|"
    r"(?:jsem|budu) [^.\n]{0,20}dovolené|szabadságon vagyok|я (?:сейчас )?(?:нахожусь )?в отпуске|нахожусь в отпуске|у відпустці|(?:yıllık )?izindeyim|夏季休業|(?:目前|正在|在)(?:[^，。\n]{0,6})(?:休假|度假|出差)|(?:출장|휴가) ?중|"
    r"our offices? (?:is|are|will be) closed|(?:unser |das )?büro (?:ist|bleibt) [^\n]{0,60}geschlossen|ich bin (?:[^.\n]|\d\.){0,60}(?:wieder (?:im (?:büro|haus)|erreichbar|da)|im urlaub|abwesend|nicht im (?:büro|haus))|(?:^|[.!,]\s{1,4})absente? (?:du |jusqu|de )|"
    r"sono fuori (?:sede|ufficio)|tillbaka (?:på kontoret )?den \d|ei ole tavoitettavissa|(?:בחופשה|מחוץ למשרד)|不在にしております|休業(?:期間|いたし|させて)|お休みをいただ|放假|휴가 ?(?:중|입니다)|휴무"
)
"""That somebody is away, as people say it as well: it needs one of `PROMISES` beside it."""
PROMISES = (
    r"(?:will|shall) (?:return|be back)\b|wieder (?:für sie (?:da|erreichbar)|erreichbar)|serai (?:de retour|à nouveau)|volveré|regresaré|rientrerò|tornerò|assim que regressar|estarei de volta|åter (?:den|på)|tilbake|ozvu se|visszatérés|döneceğim|返回|"
    r"(?:wenden sie sich|kontaktieren sie)|collega [^.\n]{1,30}helpt|patchy|can't wait|get back to you|werden (?:ab|nach) [^\n]{1,20} (?:beantwortet|bearbeitet)|회신이 늦|"
    r"(?:no|limited|without|intermittent|little) (?:e-?mail |internet |network )?(?:access|connectivity)|no e-?mail access|expect (?:a |some )?delays?|delayed respons|will be back (?:in the office )?on|"
    r"(?:respond|reply|answer|get back)[^.\n]{0,60} (?:when i (?:am|'m|get|return)|upon my|on my (?:return|next)|once i)|will (?:respond|reply) then|next working day|your (?:e-?mails?|messages?) will (?:not )?be (?:answered|read|processed|forwarded)|"
    r"ihre (?:e-?)?(?:mails?|nachricht(?:en)?|anfragen?) (?:wird|werden) (?:nicht|danach|anschließend|erst|nach|ab)\b|kann ihre (?:nachricht|e-?mail)[^.\n]{0,60} nicht|(?:à|dès) mon retour|je vous répondrai|risponderò|במקרים דחופים|"
    r"以降に(?:ご)?(?:返信|連絡|対応|回答)|順次(?:ご)?(?:返信|対応)|akuta ärenden|vuoroaan|복귀하|回复您|will be back and (?:answer|reply)"
)
"""What a notice says besides: that nobody reads, when an answer comes."""
