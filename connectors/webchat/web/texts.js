/* The words of the widget. The language is the page's (data-language) or the browser's; English where a word is missing. */

const en = {
  close: "Close chat", attach: "Attach a file", send: "Send", write: "Write a message…", label: "Your message",
  older: "Show earlier messages", newer: "New message", newers: "New messages", jump: "Latest messages",
  today: "Today", yesterday: "Yesterday", you: "You", automatic: "Automatic reply",
  sending: "Sending…", sent: "Sent", seen: "Seen", slow: "Waiting a moment…", failed: "Not sent", retry: "Try again", discard: "Discard",
  typing: "{name} is typing", away: "Away at the moment", with: "You are talking with {name}",
  connecting: "Connecting…", waiting: "Connection lost. Your messages are kept and sent when it is back.",
  full: "This chat is open in another window.", refused: "The chat is not available.",
  emailTitle: "Need to go?", emailText: "Tell us your e-mail address, so that we can reach you.", email: "E-mail address",
  emailIs: "My e-mail address: {email}", save: "Save", later: "Not now", saved: "Thank you. We will write to {email} if you are gone.", emailWrong: "This does not look like an e-mail address.",
  large: "{name} is too large ({limit} at most).", many: "At most {limit} files at once.", empty: "{name} is empty.",
  type: "{name}: files of this kind cannot be sent here.", uploadFailed: "{name} could not be uploaded. Please try again.", uploadSlow: "Too many files at once. Please wait a moment.",
  remove: "Remove {name}", drop: "Drop files to attach them", left: "{n} characters left", over: "{n} characters too many", image: "Image: {name}", openFile: "{name}, {size}",
};

const de = {
  close: "Chat schließen", attach: "Datei anhängen", send: "Senden", write: "Nachricht schreiben…", label: "Ihre Nachricht",
  older: "Frühere Nachrichten zeigen", newer: "Neue Nachricht", newers: "Neue Nachrichten", jump: "Neueste Nachrichten",
  today: "Heute", yesterday: "Gestern", you: "Sie", automatic: "Automatische Antwort",
  sending: "Wird gesendet…", sent: "Gesendet", seen: "Gelesen", slow: "Einen Moment…", failed: "Nicht gesendet", retry: "Noch einmal", discard: "Verwerfen",
  typing: "{name} schreibt", away: "Zurzeit nicht da", with: "Sie sprechen mit {name}",
  connecting: "Verbindung wird hergestellt…", waiting: "Verbindung unterbrochen. Ihre Nachrichten bleiben erhalten und werden danach gesendet.",
  full: "Dieser Chat ist in einem anderen Fenster offen.", refused: "Der Chat ist nicht verfügbar.",
  emailTitle: "Keine Zeit zu warten?", emailText: "Mit Ihrer E-Mail-Adresse können wir Sie erreichen.", email: "E-Mail-Adresse",
  emailIs: "Meine E-Mail-Adresse: {email}", save: "Speichern", later: "Jetzt nicht", saved: "Danke. Wir schreiben an {email}, wenn Sie weg sind.", emailWrong: "Das sieht nicht nach einer E-Mail-Adresse aus.",
  large: "{name} ist zu groß (höchstens {limit}).", many: "Höchstens {limit} Dateien auf einmal.", empty: "{name} ist leer.",
  type: "{name}: Dateien dieser Art können hier nicht gesendet werden.", uploadFailed: "{name} konnte nicht hochgeladen werden. Bitte noch einmal.", uploadSlow: "Zu viele Dateien auf einmal. Bitte einen Moment warten.",
  remove: "{name} entfernen", drop: "Dateien hier ablegen", left: "noch {n} Zeichen", over: "{n} Zeichen zu viel", image: "Bild: {name}", openFile: "{name}, {size}",
};

const fr = {
  close: "Fermer la discussion", attach: "Joindre un fichier", send: "Envoyer", write: "Écrire un message…", label: "Votre message",
  older: "Messages précédents", newer: "Nouveau message", newers: "Nouveaux messages", jump: "Derniers messages",
  today: "Aujourd’hui", yesterday: "Hier", you: "Vous", automatic: "Réponse automatique",
  sending: "Envoi…", sent: "Envoyé", seen: "Lu", slow: "Un instant…", failed: "Non envoyé", retry: "Réessayer", discard: "Supprimer",
  typing: "{name} écrit", away: "Absent pour le moment", with: "Vous parlez avec {name}",
  connecting: "Connexion…", waiting: "Connexion perdue. Vos messages sont gardés et partiront dès son retour.",
  full: "Cette discussion est ouverte dans une autre fenêtre.", refused: "La discussion n’est pas disponible.",
  emailTitle: "Vous devez partir ?", emailText: "Avec votre adresse e-mail, nous pourrons vous joindre.", email: "Adresse e-mail",
  emailIs: "Mon adresse e-mail : {email}", save: "Enregistrer", later: "Pas maintenant", saved: "Merci. Nous écrirons à {email} si vous êtes parti.", emailWrong: "Cette adresse e-mail ne semble pas correcte.",
  large: "{name} est trop grand ({limit} au plus).", many: "{limit} fichiers au plus à la fois.", empty: "{name} est vide.",
  type: "{name} : ce type de fichier ne peut pas être envoyé ici.", uploadFailed: "{name} n’a pas pu être envoyé. Veuillez réessayer.", uploadSlow: "Trop de fichiers à la fois. Un instant, s’il vous plaît.",
  remove: "Retirer {name}", drop: "Déposez vos fichiers ici", left: "{n} caractères restants", over: "{n} caractères de trop", image: "Image : {name}", openFile: "{name}, {size}",
};

const es = {
  close: "Cerrar el chat", attach: "Adjuntar un archivo", send: "Enviar", write: "Escriba un mensaje…", label: "Su mensaje",
  older: "Mostrar mensajes anteriores", newer: "Mensaje nuevo", newers: "Mensajes nuevos", jump: "Últimos mensajes",
  today: "Hoy", yesterday: "Ayer", you: "Usted", automatic: "Respuesta automática",
  sending: "Enviando…", sent: "Enviado", seen: "Leído", slow: "Un momento…", failed: "No enviado", retry: "Intentar de nuevo", discard: "Descartar",
  typing: "{name} está escribiendo", away: "Ausente en este momento", with: "Está hablando con {name}",
  connecting: "Conectando…", waiting: "Conexión perdida. Sus mensajes se guardan y se envían cuando vuelva.",
  full: "Este chat está abierto en otra ventana.", refused: "El chat no está disponible.",
  emailTitle: "¿Tiene que irse?", emailText: "Díganos su correo electrónico para que podamos escribirle.", email: "Correo electrónico",
  emailIs: "Mi correo electrónico: {email}", save: "Guardar", later: "Ahora no", saved: "Gracias. Escribiremos a {email} si ya no está aquí.", emailWrong: "Esto no parece un correo electrónico.",
  large: "{name} es demasiado grande ({limit} como máximo).", many: "Como máximo {limit} archivos a la vez.", empty: "{name} está vacío.",
  type: "{name}: aquí no se pueden enviar archivos de este tipo.", uploadFailed: "No se pudo subir {name}. Inténtelo de nuevo.", uploadSlow: "Demasiados archivos a la vez. Espere un momento.",
  remove: "Quitar {name}", drop: "Suelte los archivos para adjuntarlos", left: "quedan {n} caracteres", over: "{n} caracteres de más", image: "Imagen: {name}", openFile: "{name}, {size}",
};

export const languages = { en, de, fr, es };

/** A function from a word's name and its facts to the text, and the tag, with its region: British clocks are not American ones. */
export function wordsFor(...wanted) {
  const tag = wanted.map(canonical).find((one) => base(one) in languages) || "en";
  const words = { ...en, ...languages[base(tag)] };
  return { tag, say: (name, facts = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => String(facts[key] ?? "")) };
}

const base = (tag) => tag.split("-")[0];

/** The tag as `Intl` takes it; "" when it is none. */
function canonical(tag) {
  try {
    return Intl.getCanonicalLocales(String(tag || "").replaceAll("_", "-"))[0] ?? "";
  } catch {
    return "";
  }
}
