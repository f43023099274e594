"""How mail systems say in many languages that a mail was not delivered, and why. Data only; `bounce_phrases` makes patterns of it."""

from __future__ import annotations

NOT_DELIVERED = (
    r"(?:ha sido|fue|foi) (?:devuelto|devolvid[oa]|rechazad[oa]|rejeitad[oa])|(?:è stato|è) (?:respinto|tornato indietro)|niet aangekomen|teruggestuurd|ulaştırılama|zurückgewiesen|returned to you|"
    r"nicht zugestellt|konnte[^\n]{0,60} nicht (?:zugestellt|übermittelt|ausgeliefert)|n'(?:a|ont) (?:pas )?(?:pu|pû|été) (?:être )?(?:d[eé]livr|remis|distribu|achemin)|n'a pas (?:pu|été)|non (?:remis|distribué)|"
    r"no (?:se )?(?:pudo|ha podido|ha sido|fue|puede) (?:ser )?entreg|no se (?:pudo|ha podido|ha entregado|entregó)|não (?:pôde|pode|foi) (?:ser )?(?:possível )?entreg|"
    r"non (?:è stato|è stata|ha potuto essere|può essere|è stato possibile) (?:possibile )?(?:consegna|recapita|invia)\w{0,3}|impossibile (?:consegnare|recapitare)|"
    r"(?:kon|kan|is|werd) niet (?:worden )?(?:bezorgd|afgeleverd)|niet worden (?:bezorgd|afgeleverd)|(?:kunde|kan) inte (?:levereras|skickas)|gick inte att leverera|(?:kunne|kan) ikke (?:leveres|afleveres|sendes)|ble(?:v)? ikke lever(?:t|et)|"
    r"ei voitu toimittaa|toimittaminen epäonnistui|nie (?:można|udało się|mogła zostać|została|mógł zostać) (?:\w{1,12} )?(?:dostarcz|doręcz)|nie dostarczon|ne(?:bylo|lze|podařilo|podarilo|bolo|mohla být)[^\n]{0,30} doruč|nedoruč|"
    r"nem (?:kézbesíthető|sikerült kézbesíteni|lehet kézbesíteni)|nu a (?:putut fi|fost) (?:livrat|trimis)|не (?:было|была|может быть|удалось|удается|удаётся) (?:быть )?доставл|не доставлен|не (?:вдалося|було|може бути) достав|"
    r"не (?:може|бе|беше) (?:да )?(?:бъде )?достав|δεν (?:παραδόθηκε|ήταν δυνατή η παράδοση|μπορεί να παραδοθεί)|teslim edileme|iletileme|לא (?:ניתן (?:היה )?למסור|נמסר)|تعذر (?:تسليم|إرسال)|لم يتم (?:تسليم|توصيل)|"
    r"(?:配信|送信|配達|お届け|送達)(?:することが)?(?:でき|され)ま(?:せん|せんでした)|届きませんでした|(?:送信|配信)に失敗|配信でき|送信でき|(?:未能|无法|無法)(?:送达|投递|传递|送達|傳遞|投遞)|被退回|投递失败|"
    r"(?:전달|전송|배달|발송)(?:하지|되지|이|을|할 수)? ?(?:못|실패|없)|발송이 실패|반송되었|전송할 수 없|không (?:thể )?(?:gửi|chuyển)|tidak (?:dapat|bisa) (?:di)?kirim|tidak terkirim|ไม่สามารถส่ง"
)
"""That a mail did not arrive."""
TITLES = (
    r"retour (?:de courrier|à l'expéditeur)|erreur de (?:remise|livraison|distribution)|[eé]chec de (?:la )?(?:remise|distribution|livraison)|devoluci(?:ó|o)n|(?:e-?mail|mensagem|correo|mensaje) (?:devuelto|devolvid[oa])|mancata consegna|error[ei]? di (?:consegna|recapito)|bezorgfout|zustell(?:ungs)?fehler|erro (?:na|de) entrega|"
    r"メール(?:送信|配信)?エラー|エラーメール|(?:送信|配信)失敗|不達|退回的邮件|退信通知|(?:메일|메세지|메시지)[^\n]{0,20}(?:반송|실패|못했습니다)|반송 ?메일|발송 ?실패|pesan tidak terkirim|thư không gửi được|ไม่สามารถส่ง"
)
"""Titles of such reports that say no more."""
UNKNOWN = (
    r"(?:nicht|weder) (?:im domino-verzeichnis|im adressbuch|in der adressliste)|(?:existiert|vorhanden|bekannt) nicht|nicht (?:vorhanden|existent|bekannt)|(?:empfänger|adresse|benutzer|postfach)[^\n]{0,20} (?:unbekannt|ungültig|existiert nicht)|unbekannter (?:benutzer|empfänger)|"
    r"n'existe pas|adresse[^\n]{0,30} (?:introuvable|inconnue|invalide|inexistante|erronée)|n'est pas répertorié|no figura en|(?:dirección|buzón|cuenta|usuario)[^\n]{0,20} (?:no existe|inexistente|desconocid|no válid)|non (?:esiste|è elencato)|inesistente|"
    r"(?:não existe|inexistente|não está listado|desconhecido)|niet vermeld in|onbekende (?:gebruiker|ontvanger)|bestaat niet|okänd (?:användare|mottagare)|finns inte|ukendt (?:bruger|modtager)|ukjent (?:bruker|mottaker)|findes ikke|finnes ikke|tuntematon|"
    r"nieznany (?:użytkownik|odbiorca|adres)|nie istnieje|neznámý (?:uživatel|příjemce)|neznámy|neexistuje|ismeretlen|nem létezik|necunoscut|nu există|не существует|неизвестн|не найден|неверный адрес|не існує|няма такъв|άγνωστος|δεν υπάρχει|"
    r"bulunamadı|mevcut değil|bilinmeyen|לא קיים|غير موجود|存在しません|見つかりません|にありません|登録されていません|(?:用户|帐号|账号|邮箱|收件人|地址)不存在|找不到(?:收件|用户|使用者|郵件)|존재하지 않|수신자가 없|không tồn tại|tidak ditemukan|ไม่พบ"
)
"""That the address is wrong."""
FULL = (
    r"postfach[^\n]{0,40} (?:ist )?(?:über)?voll|speicherplatz[^\n]{0,30} (?:erschöpft|überschritten)|bo[iî]te[^\n]{0,40} (?:est )?pleine|buzón[^\n]{0,40} (?:está )?lleno|casella[^\n]{0,40} (?:è )?piena|caixa[^\n]{0,40} cheia|mailbox[^\n]{0,30} (?:is )?vol\b|"
    r"brevlåda[^\n]{0,30} full|(?:postkasse|postboks|indbakke)[^\n]{0,30} (?:er )?full?d?\b|postilaatikko[^\n]{0,20} täynnä|skrzynka[^\n]{0,30} pełna|schránka[^\n]{0,30} plná|postafiók[^\n]{0,30} megtelt|ящик[^\n]{0,30} (?:переполнен|полон)|скринька[^\n]{0,30} переповнена|"
    r"kutusu[^\n]{0,10} dolu|(?:一杯|いっぱい|満杯|容量(?:を超|オーバー))|(?:邮箱|信箱|郵箱|空间|空間)(?:已|不)(?:满|滿|足)|가득|용량(?:이)? ?초과"
)
"""That there is no room."""
