"""The words and shapes by which signatures are known: closings, sign-offs of programs, contacts, disclaimers, footers. Data and its patterns.

Own collection from what people and programs write; used by `signatures` alone. A language is added here, with a mail in the corpus.
"""

from __future__ import annotations

import re

DELIMITER = re.compile(r"^(?:-- ?|--\u00a0|—|–|―|\*--\*|-- --|- -- ?|_{2,3}|-{3,4})$")
DEVICE = (
    r"(?:i-?phon\w*|i-?pad|i-?pod|ios|apple watch|mac(?:book)?|android\w*|samsung|galaxy|huawei|honor|xiaomi|redmi|mi phone|oneplus|oppo|vivo|nokia|"
    r"blackberry|htc|lg|motorola|moto|sony|xperia|pixel(?!s)|realme|windows ?(?:phone|mobile|mail|10|11)?|lumia|handy|smartphone|smart ?phone|mobil\w*|móvil|"
    r"m[óo]vel|cellulare|celular|téléphone|telefon\w*|telefono|teléfono|puhelim\w*|phone|tablet\w*|handset|cell(?:phone)?|device|terminal|gerät|outlook\w*|gmail|"
    r"yahoo|aol|hotmail|(?:the )?(?:new )?mail(?: app)?|e-?mail|k-9|fairemail|bluemail|blue|typemail|spark|newton|mailspring|airmail|superhuman|"
    r"proton ?mail|tutanota|tuta|canary|zoho|edison|polymail|hey|front|mailbird|thunderbird|nine|aqua ?mail|my ?mail|mail\.ru|яндекс\w*|myself|"
    r"айфон\w*|смартфон\w*|телефон\w*|планшет\w*|acompli|mailbox|boxer|cloudmagic|xfinity|мобильн\w*|gmx|web\.de|t-online|orange|free|sfr|laposte|libero|virgilio)"
)
SENT = (
    r"sent (?:wirelessly )?(?:from|via|with|using|by|through)|sent on|get outlook for|gesendet (?:von|mit|über|via|aus)|"
    r"(?:von|aus) mein\w* [^\n]{0,40}(?:gesendet|verschickt|geschickt)|von [^\n,.;]{2,40} gesendet$|diese (?:nachricht|e-?mail) wurde (?:von|mit)|holen sie sich outlook|outlook für|"
    r"verschickt (?:von|mit)|versendet (?:von|mit)|envoyé (?:de|depuis|à partir|avec|par|via)|envoyé d['’]un|télécharge[rz] outlook|obtenez outlook|obtenir outlook|"
    r"enviado (?:desde|de|do|a partir|com|con|por|mediante|via)|enviada (?:do|de|a partir)|enviat des|obtener outlook|descarga outlook|obter o outlook|"
    r"inviato (?:da|dal|con|tramite)|scarica outlook|ottieni outlook|verzonden (?:vanaf|vanuit|met|via)|verstuurd (?:vanaf|vanuit|met|via)|outlook voor|download outlook|"
    r"skickat (?:från|med|via)|skickad från|skickades (?:från|med|via)|hämta outlook|sendt (?:fra|med|via)|hent outlook|få outlook|lähetetty|hanki outlook|saadetud|"
    r"wysłan[eoay] z|wysłano z|pobierz (?:aplikację )?outlook|odesláno z|odoslan[éo] z|poslan[éo] z|získat outlook|küldve|elküldve|trimis (?:de|din|cu)|"
    r"отправлено (?:с|из|от|через)|(?:получить|завантажити|скачать) outlook|get (?:blue ?mail|aqua mail|spark|typeapp) for|надіслано (?:з|із|через)|изпратен[оа] от|στάλθηκε από|εστάλη από|poslano (?:s|iz|z)|послато са|"
    r"gönderildi|נשלח מ|أُ?رسلت من|تم الإرسال من|ส่งจาก|được gửi từ|đã gửi từ|gửi từ|dikirim dari|dihantar daripada|išsiųsta iš|nosūtīts no|sent frá|enviado do meu"
)
MOBILE = re.compile(rf"^\W{{0,4}}(?:{SENT})[^\n]{{0,90}}$", re.IGNORECASE)
MOBILE_DEVICE = re.compile(DEVICE, re.IGNORECASE)
MOBILE_TAIL = re.compile(
    r"(?:iphone(?:'?u?m?dan| ?から送信)|i(?:Phone|Pad)から送信|から送信|自我的|發自我的|发自我的|发自|從我的 ?\S{2,20} ?傳送|傳送自|나의 ?\S{2,12}에서 보냄|에서 보냄|보낸 ?메일|스마트폰에서 보냈습니다|से भेजा गया|"
    r"gönderildi|iphone-omról|iphone-?ról|\w+-?omról küldve|(?:készülékem|telefonom)ről[^\n]{0,16} küldve|从我的 ?\S{2,20} ?发送|来自 ?QQ邮箱\S{0,6}$|发送自 ?[^\n]{2,20}版?邮件应用|puhelimestani|iphonesta|meinem \w+ gesendet|sans fil par mon|móvil blackberry|"
    r"get outlook for (?:ios|android|mac)|获取 ?outlook for \w+|取得 ?(?:android|ios)? ?(?:版)? ?outlook|outlook for \w+ を入手|outlook for \w+ 다운로드)",
    re.IGNORECASE,
)
_SYSTEM = r"(?:ios|android|mac|windows)"
GET_OUTLOOK = re.compile(
    r"^\W{0,3}(?:(?:get|download|holen sie sich|téléchargez|télécharger|obtenez|obtenir|obtener|obtén|descargar?|scarica|ottieni|obter o|obtenha o|baixe o|hämta|skaffa|skaff deg|hent|få|hanki|hankige|"
    r"pobierz(?: program| aplikację)?|získat|získajte|stáhněte si|stiahnite si|obțineți|descărcați|скачать|получить|загрузить|завантажити|отримати|изтеглете|λήψη του|קבל את|الحصول على|获取|取得|"
    rf"tải|รับ|dapatkan|nabavite|prenesi|preuzmite|gaukite|iegūstiet) ?[„\"«]?outlook\b[^\n.,;!?]{{0,30}}[„\"«]?{_SYSTEM}\S{{0,6}}|(?:获取|取得) ?{_SYSTEM} ?版 ?outlook|下载适用于 ?{_SYSTEM} ?的 ?outlook|"
    rf"outlook (?:für|voor|for) {_SYSTEM} ?(?:beziehen|herunterladen|downloaden|を入手|다운로드)|{_SYSTEM} için outlook[^\n]{{0,24}} (?:edinin|indirin)|{_SYSTEM} ?版 ?(?:の )?outlook ?を入手(?:する)?|"
    rf"{_SYSTEM}용 outlook 다운로드|az outlook beszerzése {_SYSTEM}-r[ea]|az {_SYSTEM}-h[eo]z készült outlook letöltése)\W{{0,3}}(?:[<(\[]http[^\n]{{0,120}})?$",
    re.IGNORECASE,
)
APOLOGY = re.compile(
    r"(?<=\w)[.!] (?:Please excuse|Bitte entschuldigen|Veuillez excuser|Por favor, disculpa|Perdonate|Proszę wybaczyć|Omluvte|Excuseer|Ursäkta|Undskyld|Desculpe|Elnézést)[^\n.]{0,60}\.?$",
    re.IGNORECASE,
)
PRODUCT = re.compile(
    r"^(?:sent (?:from|via|with|using)|gesendet (?:von|mit)|envoyé (?:avec|via|depuis)|enviado (?:con|desde|via)) (?:my )?(?-i:[A-Z]|e(?=M ))[A-Za-z]{1,20}(?: (?-i:[A-Z])[a-z]{2,12})?(?: (?:for|für|pour|para) [A-Za-z]{2,12})?\W{0,2}$",
    re.IGNORECASE,
)
FROM_MY = re.compile(
    r"^\W{0,3}(?:(?:sent )?from my(?: [^\s,.;?!]{1,20}){1,4}|från min [^\W\d]{3,20}|von (?:meine[mr](?:/meiner)? )?[^\s,.;]{2,30} gesendet|gönderen: ?\w+|我的 ?\S{2,12} ?发送|provenance : courrier pour windows(?: \d{1,2})?|sent from my verizon, [^\n]{3,50}|"
    r"bitte entschuldigen sie die kürze[^\n]{0,60}|(?:please )?(?:excuse|forgive|pardon) (?:my |the |any )?(?:brevity|typos|mistakes|terseness)[^\n]{0,60})"
    r"(?:[,.;-]{1,2}\s*(?:please )?(?:excuse|forgive|pardon|sorry for|apolog)[^\n]{0,80})?[.!)]?$",
    re.IGNORECASE,
)
MAILER_LINE = re.compile(
    r"^\W{0,3}(?:yahoo mail:? (?:search|encrypted)|get the new aol app|простите за краткость|download (?:the )?(?:app|mail\.ru)|protected by|secured? (?:by|with)|this message was (?:sent from|secured by)|"
    r"virus-free\.|virenfrei\.|garanti sans virus|libre de virus|livre de vírus|privo di virus|this email has been (?:checked|scanned)|"
    r"diese e-mail wurde (?:von avast|auf viren)|l'absence de virus|este (?:mensaje|correo) (?:ha sido|fue) (?:analizado|enviado desde)|avast)",
    re.IGNORECASE,
)
DISCLAIMER = re.compile(
    r"(?:^|\b)(?:confidentiality (?:notice|note|statement)|legal (?:notice|disclaimer)|disclaimer\s*[:.]?$|privileged (?:and|and/or|or) confidential|"
    r"confidential(?:,| and| and/or| or) (?:may be |legally )?privileged|intended (?:solely|only|exclusively) for (?:the )?(?:use|person|individual|addressee|named|intended|recipient)|"
    r"(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|transmission)[^\n]{0,100}(?:confidential|privileged|intended)|"
    r"please consider the environment|think before (?:you )?print|if you (?:are not|aren't) the (?:intended|named) (?:recipient|addressee)|(?:have )?received this (?:e-?mail|message|communication)[^\n]{0,20} (?:in error|by mistake)|"
    r"nicht der (?:richtige|beabsichtigte|bestimmungsgemäße) (?:adressat|empfänger)|(?:e-?mail|nachricht) irrtümlich erhalten|reçu (?:ce|cet) (?:message|e-?mail|courriel) par erreur|recibido (?:este|esta)[^\n]{0,30} por error|"
    r"recebeu(?:-a| esta| este)[^\n]{0,30} por engano|ricevuto (?:questo|questa)[^\n]{0,30} per errore|(?:bericht|e-?mail) (?:ten onrechte|per abuis) ontvang|"
    r"diese (?:e-?mail|nachricht)[^\n]{0,100}(?:vertraulich|rechtlich geschützt)|vertrauliche (?:und/oder|oder|und) rechtlich|"
    r"ce (?:message|courriel|mail)[^\n]{0,100}(?:confidentiel|destiné exclusivement)|este (?:mensaje|correo)[^\n]{0,100}confidencial|"
    r"aviso (?:legal|de confidencialidad)|esta mensagem[^\n]{0,100}confidencia|(?:questo messaggio|le informazioni contenute)[^\n]{0,120}(?:riservat|confidenzial)|"
    r"dit (?:e-?mail)?bericht[^\n]{0,100}vertrouwelijk|den här (?:e-posten|mejlet)[^\n]{0,80}konfidentiell|denne (?:e-?mail|e-?post)[^\n]{0,80}fortrolig|"
    r"(?:niniejsza|ta) (?:wiadomość|korespondencja)[^\n]{0,100}poufn|"
    r"(?:это|данное|настоящее) (?:сообщение|письмо)[^\n]{0,100}конфиденциальн|detta (?:meddelande|mejl|e-post\w{0,4})[^\n]{0,80}konfidentiell|"
    r"t(?:ato|ento) (?:zpráva|e-?mail)[^\n]{0,100}důvěrn|bu (?:e-?posta|ileti|mesaj)[^\n]{0,80}gizli[^\n]{0,20}bilgi|acest (?:mesaj|e-?mail)[^\n]{0,80}confidențial|"
    r"ez az (?:üzenet|e-?mail|levél)[^\n]{0,80}bizalmas|tämä (?:viesti|sähköposti)[^\n]{0,80}luottamuksell|本(?:电子)?[邮郵]件[^\n]{0,40}(?:保密|[机機]密)|"
    r"(?:この|本)(?:電子)?メール[^\n]{0,40}機密|(?:이|본) (?:이)?메일[^\n]{0,60}기밀|denken sie (?:bitte )?an die umwelt|pensez à l['’]environnement|"
    r"piense en el medio ?ambiente|pense no meio ambiente|pens[ai] all['’]ambiente|denk aan het milieu|tänk på miljön)",
    re.IGNORECASE,
)
LIST_FOOTER = re.compile(
    r"(?:mailing list\b|_{3,}list\b|you received this (?:message|email) because you are subscribed|to unsubscribe (?:from|send|,|click)|unsubscribe:? https?:|"
    r"(?<!@)\b(?:hotmail|msn|yahoo|juno)\.com|netzero|lycos|sponsored by|free e-?mail|do you yahoo|yahoo! groups|"
    r"reply to this email directly(?: or|,)|view it on github|manage your subscription|mailman/listinfo|lists\.[a-z0-9.-]+/)",
    re.IGNORECASE,
)
FOOTER_HEAD = re.compile(
    r"^(?:-{6,}\s?Yahoo! Groups (?:Sponsor|Links)|Yahoo! Groups Links|Your use of Yahoo! Groups is subject|This sf\.net email is sponsored by|To unsubscribe from this (?:list: send the line|group,? send an? e-?mail)|"
    r"To unsubscribe,? e-?mail: |You received this message because you are subscribed to)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"^\W{0,3}(?:(?:with |my |many )?(?:best|kind|kindest|warm|warmest)(?: (?:regards|wishes|greetings))?|regards|cheers|sincerely(?: yours)?|"
    r"yours (?:sincerely|truly|faithfully)|(?:many )?thanks(?: (?:and|&) (?:best |kind )?regards| again| in advance)?|thank you(?: very much)?|thx|br|"
    r"kr|have a (?:nice|good|great|lovely|wonderful) (?:day|evening|weekend|week|one)|(?:talk|speak) soon|see you(?: soon)?|greetings(?: from [^\n,.]{2,30})?|(?:einen )?schönen (?:tag|abend)(?: noch)?|schönes wochenende|bis (?:dann|bald|später)|(?:sin otro particular, )?reciban? un cordial saludo|[^\n]{0,60}porg(?:o|iamo) (?:i miei )?(?:distinti|cordiali) saluti|(?:je vous prie d['’]|nous vous prions d['’]|veuillez )(?:agréer|recevoir|croire)[^\n]{0,100}(?:salutations|sentiments|considération)[^\n]{0,40}|much appreciated|(?:thanks|thank you) so much|thank you in advance|"
    r"(?:mit )?(?:freundlich|best|lieb|herzlich|schön)e[mn]? gru(?:ß|ss)|grüsse|(?:vielen|besten|herzlichen) dank(?: (?:und|im voraus)[^\n,]{0,25})?|meilleures salutations|à (?:bientôt|très vite)|respectueusement|a presto|"
    r"alvast (?:bedankt|dank)|bedankt|tack(?: på förhand)?|(?:på forhånd )?tak|mange hilsner|på forhånd takk|takk|kiitos|s přátelským pozdravem|ďakujem|o zi (?:bună|frumoasă)|mulțumesc|toate cele bune|спасибо|дякую|благодаря|"
    r"φιλικά|ευχαριστώ(?: πολύ)?|teşekkürler|teşekkür ederim|sevgiler|selamlar|agur bero bat|saúdos|(?:kær |bestu )?kveðj(?:a|ur)|takk fyrir|شكرا|با تشکر|敬上|(?:以上、)?(?:よろしく|宜しく)お願い(?:いた|致)?し?ます|aitäh|ačiū|paldies|hvala|"
    r"mit (?:freundlichen|besten|lieben|herzlichen|kollegialen) gr(?:ü|ue)(?:ß|ss)en?|(?:freundliche|beste|viele|liebe|herzliche|schöne) gr(?:ü|ue)(?:ß|ss)e[^\n,]{0,25}|"
    r"mfg|lg|vg|gruß|gruss|grüße|danke(?: und)?[^\n]{0,25}|cordialement|bien cordialement|bien à vous|salutations(?: distinguées)?|rgds|üdv|مع (?:أطيب |خالص )?(?:التحيات|التحية|تحياتي)|با (?:احترام|سپاس)|धन्यवाद|सादर|merci(?: d'avance)?|"
    r"(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|muchas gracias|gracias|atenciosamente|cumprimentos|obrigad[oa]|abraços?|att|"
    r"cordiali saluti|distinti saluti|saluti|grazie(?: mille)?|met (?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|vriendelijke groet(?:en)?|"
    r"(?:med )?(?:vänlig(?:a)?|bästa) hälsning(?:ar)?|mvh|hälsningar|(?:med )?venlig hilsen|(?:med )?vennlig hilsen|hilsen|"
    r"(?:de )?bedste hilsner|kærlig hilsen|kh|dbh|vh|hälsn\.?|vänligen|ha det(?: så)? bra|all the best|best,? always|take care|yours|love|xo(?:xo)?|warmly|respectfully|cordially|"
    r"(?:hochachtungsvoll|liebe gr(?:ü|ue)(?:ß|ss)e|sch(?:ö|oe)ne gr(?:ü|ue)(?:ß|ss)e|beste gr(?:ü|ue)(?:ß|ss)e|bg|gr|sg|freundlichst)|bonne (?:journée|soirée|réception)|(?:très )?cordialement|sincères salutations|bises?|amicalement|"
    r"cordialmente|atte\.?|quedo (?:a la espera|atent[oa])|un abrazo|saludos|melhores cumprimentos|com os melhores cumprimentos|grat[oa]|abs|buona giornata|un saluto|ciao|hartelijke groet(?:en)?|groeten|vriendelijk|met vriendelijke groeten|"
    r"(?:z )?wyrazami szacunku|łączę wyrazy szacunku|serdecznie pozdrawiam|serdeczne pozdrowienia|z powazaniem|s úctou|s přáním hezkého dne|hezký den|děkuji|s pozdravem a přáním|с наилучшими пожеланиями|всего доброго|tisztelettel|köszönettel|"
    r"(?:ystävällisin|parhain) terveisin|terveisin|t\.|yst\. terv\.?|z poważaniem|pozdrawiam|pozdrowienia|s pozdravem|s pozdravom|с уважением|з повагою|с уважение|"
    r"üdvözlettel|cu (?:stimă|respect)|saygılarımla|iyi çalışmalar|με εκτίμηση|lp|lep pozdrav|lijep pozdrav|srdačan pozdrav|s poštovanjem|pozdrav|s spoštovanjem|lugupidamisega|parimate soovidega|tervitades|tervitustega|salutacions(?: cordials)?|cordialment|atentament|pagarbiai|ar cieņu|adeitasunez|agur|kveðja|með kveðju|с поздрави|поздрави|поздрав|с поштовањем|срдачан поздрав|trân trọng|thân mến|salam(?: hormat)?|hormat (?:saya|kami)|terima kasih|בברכה|תודה|مع (?:أطيب )?التحي(?:ة|ات)|تحياتي|ขอแสดงความนับถือ|ขอบคุณ(?:ครับ|ค่ะ)?|敬具|此致|敬礼|祝好|顺颂商祺|谢谢|謝謝|감사합니다|드림|以上|よろしくお願いいたします|よろしくお願い致します|よろしくお願いします)"
    r"[^\w\n]{0,6}$",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"(?:\+?\d[\d\s()./-]{6,}\d|\b(?:tel|phone|fon|mobile|mobil|cell|fax|telefon|téléphone|teléfono|telefono|тел)\b\.?\s?[:.]?|https?://|\bwww\.|"
    r"[^\s@]{1,60}@[^\s@]{1,60}\.[a-z]{2,}|\b(?:gmbh|ltd|inc|llc|s\.?r\.?l|s\.?a\.?s|ag|b\.?v|oy|ab|as|kg|co\. ?kg|corp)\b\.?)",
    re.IGNORECASE,
)
DASH_NAME = re.compile(
    r"^(?:[-–—~]{1,2}[^\W\d][\w.'’-]{0,20}(?: [A-ZÀ-ÞА-Я][\w.'’-]{0,20}){0,2}|[-–—] ?[A-ZÀ-ÞА-Я][\w.'’-]{0,20}(?: [A-ZÀ-ÞА-Я][\w.'’-]{0,20}){0,2}|- [a-z]{2,15})\.?$"
)
TWO_DASHES = re.compile(r"^--[A-ZÀ-ÞА-Я][\w.'’-]{0,20}(?: [A-ZÀ-ÞА-Я][\w.'’-]{0,20}){0,2}[,.]?$")
SLASH_NAME = re.compile(r"^/ ?[A-ZÀ-ÞА-Я][^\W\d]{1,20}(?: [A-ZÀ-ÞА-Я][^\W\d]{1,20}){0,2}$")
NAME = re.compile(
    r"^[*_~–—-]{0,3}\s?(?:(?:Dr|Prof|Mr|Mrs|Ms|Herr|Frau|M|Mme|Ing|Dipl|Sr|Sra|Dott|pan|pani)\.?[ -]?(?:[A-Za-z]{2,5}\.)?\s?)?[^\W\d_][^\W\d_.'’-]{0,24}[.,]?(?:[ -](?:[^\W\d_][^\W\d_.'’-]{0,24}\.?|&|/)){0,3}\s?[*_,.!:)]{0,3}$"
)
PARTICLES = frozenset((
    "von", "van", "de", "der", "den", "di", "da", "del", "du", "dos", "la", "le", "zu", "bin", "al", "and", "und", "et", "y", "e", "i", "team",
))  # fmt: skip
NO_NAME = re.compile(
    r"(?:yes|no|ok|okay|please|sure|done|also|and|but|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|today|now|ja|nein|bitte|doch|auch|morgen|heute|oui|non|demain|s[ií]|no|mañana|sim|não|nee|jo|nej|да|нет|так|ні)",
    re.IGNORECASE,
)
SMALL_WORD = re.compile(
    r"(?:a|all|and|at|but|de|del|die|do|en|et|for|för|für|fra|from|i|if|in|is|it|je|la|le|me|mit|my|no|not|of|on|or|per|please|por|que|so|that|the|this|to|und|van|voor|vous|was|we|with|y|you|your|за|и|на|по)"
)
GIVEN = re.compile(r"[A-ZÀ-ÞĀ-ŽА-ЯІЇЄΑ-Ω][^\W\d_][\w'’-]{0,20}\.?")
SHORT_CLOSING = re.compile(
    r"(?:mfg|lg|vg|mvg|mvh|vh|kh|bg|br|regards|grüße|gruß|saludos|cordialement|pozdrawiam|hilsen|groet(?:en|jes)?)$",
    re.IGNORECASE,
)
FULL_NAME = re.compile(
    r"(?:(?:Dr|Prof|Mr|Mrs|Ms|Ing|Mme|Herr|Frau)\.? )?(?:[A-ZÀ-ÞĀ-ŽА-Я][\w'’-]{1,20}|[A-Z]\.)(?: (?:[A-ZÀ-ÞĀ-ŽА-Я][\w'’-]{1,20}|[A-Z]\.|von|van|de|der|di|da)){1,4}(?:, (?:Ph\.?D|MBA|M\.?D|M\.?Sc|B\.?Sc|Esq|Jr|Sr)\.?)?"
)
WAYS = (
    re.compile(r"\+?\d[\d\s()./-]{6,}\d"),
    re.compile(r"https?://|\bwww\.", re.IGNORECASE),
    re.compile(r"[^\s@]{1,60}@[^\s@]{1,60}\.[a-z]{2,}", re.IGNORECASE),
)
ANNOUNCED = re.compile(
    r"\b(?:address|details|contact|deliver|ship|send|call|reach|invoice|adresse|daten|liefer|rechnung|anschrift|livr|coordonn|dirección|datos|indirizzo|adres|gegevens)",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"^\W{0,3}(?:(?:many |with )?thanks?|thank|thx|much appreciated|have a |(?:talk|speak) soon|see you|(?:einen )?schönen (?:tag|abend)|schönes wochen|bis (?:dann|bald|später)|(?:vielen|besten|herzlichen) dank|alvast |på forhånd |o zi |à (?:bientôt|très)|a presto|благодар|ευχαριστ|شكر|با تشکر|aitäh|ačiū|paldies|hvala|danke|merci|gracias|muchas|obrigad|grazie|bedankt|dank|tack|tak|takk|kiitos|dzięk|děkuj|ďakuj|спасибо|дякую|köszön|mulțum|teşekkür|谢|謝|ありがとう|감사)",
    re.IGNORECASE,
)
"""Said to the reader as well as above a name: alone they stay."""
PICTURE = re.compile(
    r"^\s*(?:!\[[^\]\n]{0,120}\]\([^)\s]{1,400}\)|\[(?:image|cid|bild|grafik|imagen|immagine|afbeelding)\s?: ?[^\]\n]{1,200}\]|<image\d{1,4}\.\w{3,4}>)(?:<[^<>\s]{1,300}>)?\s*$",
    re.IGNORECASE,
)
"""A line that stands for a picture in the plain text."""
FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")
