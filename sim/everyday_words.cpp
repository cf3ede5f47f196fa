#include "sim/everyday_words.h"

#include <span>
#include <utility>

#include "sim/wording.h"

namespace letterlock::sim {
namespace {

using Lines = std::span<const char* const>;

// --- subjects
constexpr const char* vendor_subjects_en[] = {
    "Delivery of {goods}", "Your order {order}",      "Price list",           "Visit to {site}",   "Shortage on the last delivery",
    "Planned maintenance", "Credit note for {goods}", "Statement of account", "New contact person"};
constexpr const char* vendor_subjects_de[] = {
    "Lieferung {goods}", "Ihre Bestellung {order}", "Preisliste", "Besuch {site}", "Fehlmenge der letzten Lieferung", "Gutschrift",
    "Kontoauszug",       "Neuer Ansprechpartner"};
constexpr const char* vendor_subjects_fr[] = {
    "Livraison {goods}", "Votre commande {order}", "Tarifs", "Visite {site}", "Manquant sur la dernière livraison", "Avoir",
    "Relevé de compte",  "Nouvel interlocuteur"};
constexpr const char* vendor_subjects_es[] = {"Entrega de {goods}", "Su pedido {order}",        "Tarifas",
                                              "Visita a {site}",    "Faltan unidades",          "Abono",
                                              "Extracto de cuenta", "Nueva persona de contacto"};
constexpr const char* customer_subjects_en[] = {
    "Order for {goods}",       "Quantities for next week", "Availability of {goods}", "Feedback from our site visit",
    "Complaint about {goods}", "Contract renewal",         "Remittance advice",       "Your bank details for our master data"};
constexpr const char* customer_subjects_de[] = {"Bestellung {goods}",  "Mengen für nächste Woche", "Verfügbarkeit {goods}",
                                                "Reklamation {goods}", "Vertragsverlängerung",     "Zahlungsavis"};
constexpr const char* customer_subjects_fr[] = {"Commande {goods}",    "Quantités de la semaine prochaine", "Disponibilité {goods}",
                                                "Réclamation {goods}", "Renouvellement du contrat",         "Avis de paiement"};
constexpr const char* customer_subjects_es[] = {"Pedido de {goods}",         "Cantidades para la semana que viene",
                                                "Disponibilidad de {goods}", "Reclamación sobre {goods}",
                                                "Renovación del contrato",   "Aviso de pago"};
constexpr const char* inside_subjects_en[] = {"Rota for {site}",
                                              "Minutes from {day}",
                                              "Stock count: {goods}",
                                              "Holiday cover",
                                              "Month-end figures",
                                              "Visitors at {site} on {day}",
                                              "New starter on {day}",
                                              "Question about {goods}",
                                              "Budget for the second half",
                                              "Fire drill at {site}",
                                              "Payment run {day}",
                                              "Quick question",
                                              "Expenses",
                                              "Password for the scanner"};
constexpr const char* inside_subjects_de[] = {
    "Schichtplan {site}",     "Protokoll {day}",  "Inventur {goods}",        "Urlaubsvertretung", "Monatszahlen", "Besuch am {day}",
    "Neue Kollegin ab {day}", "Frage zu {goods}", "Budget zweites Halbjahr", "Zahllauf {day}",    "Kurze Frage",  "Spesen"};
constexpr const char* inside_subjects_fr[] = {
    "Planning {site}",     "Compte rendu de {day}", "Inventaire {goods}",   "Remplacement congés",
    "Chiffres du mois",    "Visiteurs {day}",       "Question sur {goods}", "Budget du second semestre",
    "Règlements de {day}", "Petite question",       "Notes de frais"};
constexpr const char* inside_subjects_es[] = {"Turnos {site}",
                                              "Acta del {day}",
                                              "Inventario de {goods}",
                                              "Vacaciones",
                                              "Cifras del mes",
                                              "Visita el {day}",
                                              "Duda sobre {goods}",
                                              "Presupuesto del segundo semestre",
                                              "Pagos del {day}",
                                              "Una pregunta",
                                              "Gastos"};

// --- first letters
constexpr const char* outside_first_en[] = {
    "could you let me know when we can expect {goods}? There are {n} on hand and {site} is asking for the plan until {day}.",
    "a quick update on {goods}: the truck left this morning and should reach {site} by {day} noon. I will send the papers separately.",
    "following our call, here is what we agreed for {site}: start on {day}, two people from each side, safety shoes please.",
    "we counted {n} short on the last run. Could somebody look at the pick list before {day}?",
    "please find below the quantities for next week. {goods} goes up by {n} per cent, the rest stays as it is.",
    "attached to the last delivery was a note for {site} that nobody here can read. Do you have a copy?",
    "our accounts team tells me that two invoices are still open on your side. Could you check with whoever does the payment run on {day}?",
    "from next month {n} pallets of {goods} will come from our second warehouse. Nothing changes for you but the address on the papers."};
constexpr const char* outside_first_de[] = {
    "wann dürfen wir mit {goods} rechnen? Es sind noch {n} da, und {site} braucht den Plan bis {day}.",
    "kurz zum Stand bei {goods}: Der LKW ist heute früh los und sollte {day} mittags bei {site} sein.",
    "bei der letzten Lieferung fehlten {n}. Könnte jemand bis {day} in die Packliste sehen?",
    "anbei die Mengen für nächste Woche. {goods} steigt um {n} Prozent, der Rest bleibt.",
    "unsere Buchhaltung sagt, zwei Rechnungen seien noch offen. Können Sie das vor dem Zahllauf am {day} prüfen?"};
constexpr const char* outside_first_fr[] = {
    "pouvez-vous me dire quand arrivent {goods} ? Il en reste {n} et {site} attend le planning avant {day}.",
    "un point sur {goods} : le camion est parti ce matin et devrait être à {site} {day} midi.",
    "il manquait {n} unités à la dernière livraison. Quelqu'un peut-il vérifier le bon avant {day} ?",
    "voici les quantités de la semaine prochaine. {goods} augmente de {n} pour cent, le reste ne change pas.",
    "notre comptabilité me signale deux factures ouvertes. Pouvez-vous vérifier avant les règlements de {day} ?"};
constexpr const char* outside_first_es[] = {
    "¿cuándo podemos contar con {goods}? Quedan {n} y {site} pide el plan antes del {day}.",
    "sobre {goods}: el camión ha salido esta mañana y debería estar en {site} el {day} a mediodía.",
    "en la última entrega faltaban {n}. ¿Puede alguien revisar el albarán antes del {day}?",
    "estas son las cantidades de la semana que viene. {goods} sube un {n} por ciento, el resto igual.",
    "en administración nos constan dos facturas abiertas. ¿Podéis mirarlo antes de los pagos del {day}?"};
constexpr const char* inside_first_en[] = {
    "the auditors come to {site} on {day}. I would like to walk through the open points before that. Do {n} minutes after lunch suit you?",
    "there was a question about {goods} in this morning's meeting and nobody was sure. Do you know who signed it off last time?",
    "can you put the hotel for the fair into the payment run on {day}? The confirmation is with me, I drop it on your desk.",
    "I am out on {day}. Would you take the call with {site}? It should be quick.",
    "here are the figures that you asked for. {n} is preliminary, the rest is final.",
    "are you free for a moment before {day}? It is about the people at {site}, I would rather talk than write.",
    "somebody left a bag with {goods} at reception. If it is yours, please pick it up today.",
    "please send me the list of open items until {day}, I need it for the bank."};
constexpr const char* inside_first_de[] = {
    "am {day} kommen die Prüfer zu {site}. Passen Ihnen {n} Minuten nach dem Mittag, um die offenen Punkte durchzugehen?",
    "heute früh kam eine Frage zu {goods} auf. Weißt du, wer das zuletzt freigegeben hat?",
    "kannst du das Hotel für die Messe in den Zahllauf am {day} nehmen? Die Bestätigung liegt bei mir.",
    "ich bin am {day} nicht da. Übernimmst du das Gespräch mit {site}?",
    "hier die gewünschten Zahlen. {n} ist vorläufig, der Rest endgültig."};
constexpr const char* inside_first_fr[] = {
    "les auditeurs viennent à {site} {day}. Aurais-tu {n} minutes après le déjeuner pour revoir les points ouverts ?",
    "une question sur {goods} ce matin, personne ne savait. Qui l'avait validé la dernière fois ?",
    "peux-tu ajouter l'hôtel du salon aux règlements de {day} ? La confirmation est sur mon bureau.",
    "je suis absent {day}. Peux-tu prendre l'appel avec {site} ?",
    "voici les chiffres demandés. {n} est provisoire, le reste est définitif."};
constexpr const char* inside_first_es[] = {
    "los auditores vienen a {site} el {day}. ¿Te van bien {n} minutos después de comer para repasar lo pendiente?",
    "esta mañana salió una duda sobre {goods}. ¿Quién lo aprobó la última vez?",
    "¿puedes meter el hotel de la feria en los pagos del {day}? Tengo yo la confirmación.",
    "el {day} no estoy. ¿Atiendes tú la llamada con {site}?", "aquí van las cifras que pediste. {n} es provisional, el resto definitivo."};

// --- answers
constexpr const char* answers_en[] = {"thank you, that works for us. I have told {site} and put it into the plan for {day}.",
                                      "let me check with the team and come back to you before {day}.",
                                      "{n} is fine. Please mark the pallets, last time it took us an hour to find them.",
                                      "sorry for the late reply, I was at {site} all day. Yes, go ahead.",
                                      "that is not quite what I meant. It was about {goods}, not about the rest; shall I ring you?",
                                      "done. The paper is in the folder, and the payment goes out with the run on {day}.",
                                      "could you send that once more? The attachment did not open here.",
                                      "agreed. I copy whoever needs to know."};
constexpr const char* answers_de[] = {"danke, das passt. {site} weiß Bescheid, im Plan steht es für {day}.",
                                      "ich frage im Team nach und melde mich bis {day}.",
                                      "{n} sind in Ordnung. Bitte kennzeichnen Sie die Paletten.",
                                      "entschuldigen Sie die späte Antwort, ich war den ganzen Tag bei {site}. Ja, gern.",
                                      "erledigt. Die Zahlung geht mit dem Lauf am {day} raus.",
                                      "könnten Sie das noch einmal schicken? Der Anhang ließ sich nicht öffnen."};
constexpr const char* answers_fr[] = {"merci, c'est parfait. {site} est prévenu et c'est au planning de {day}.",
                                      "je vérifie avec l'équipe et je reviens vers vous avant {day}.",
                                      "{n}, c'est bon. Merci de marquer les palettes.",
                                      "désolé pour la réponse tardive, j'étais à {site} toute la journée. Oui, allez-y.",
                                      "c'est fait. Le règlement part avec ceux de {day}.",
                                      "pouvez-vous le renvoyer ? La pièce jointe ne s'ouvre pas."};
constexpr const char* answers_es[] = {"gracias, nos va bien. {site} está avisado y queda en el plan del {day}.",
                                      "lo miro con el equipo y te digo antes del {day}.",
                                      "{n} está bien. Marcad los palés, por favor.",
                                      "perdona el retraso, estuve todo el día en {site}. Sí, adelante.",
                                      "hecho. El pago sale con los del {day}.",
                                      "¿puedes volver a mandarlo? El adjunto no se abre."};

// --- the rest
constexpr const char* headlines_en[] = {"Energy prices ease for a third week", "New rules for driver hours: what changes",
                                        "Retailers test returnable trays",     "Apprenticeships: the numbers behind the headlines",
                                        "Warehouse robots, one year on",       "A small bakery that ships to nine countries",
                                        "Ports report shorter queues",         "Invoice fraud: how one firm noticed in time"};
constexpr const char* headlines_de[] = {"Strompreise geben nach", "Neue Lenkzeiten: was sich ändert",  "Mehrweg im Handel",
                                        "Ausbildung in Zahlen",   "Roboter im Lager, ein Jahr danach", "Häfen melden kürzere Wartezeiten"};
constexpr const char* headlines_fr[] = {"L'énergie baisse encore",         "Temps de conduite : ce qui change",
                                        "Le retour de la consigne",        "L'apprentissage en chiffres",
                                        "Robots en entrepôt, un an après", "Moins d'attente dans les ports"};
constexpr const char* headlines_es[] = {"Baja la energía",        "Tiempos de conducción: qué cambia",    "Vuelve el envase retornable",
                                        "La formación en cifras", "Robots en el almacén, un año después", "Menos colas en los puertos"};
constexpr const char* issues_en[] = {"Five things to know this week",       "Prices, people and plants: the weekly round-up",
                                     "What the new labelling rules mean",   "Energy costs: where they go from here",
                                     "Interview: thirty years on the road", "Last chance to register"};
constexpr const char* issues_de[] = {"Fünf Dinge der Woche", "Preise und Köpfe: der Überblick", "Was die neue Kennzeichnung bedeutet",
                                     "Jetzt noch anmelden"};
constexpr const char* issues_fr[] = {"Cinq choses à savoir", "Prix et hommes : le tour d'horizon", "Ce que change l'étiquetage",
                                     "Dernière chance pour s'inscrire"};
constexpr const char* issues_es[] = {"Cinco cosas de la semana", "Precios y personas: el resumen", "Qué cambia con el etiquetado",
                                     "Última oportunidad para inscribirse"};
constexpr const char* private_en[] = {"Tickets for {day}, so that I have them on the phone too.", "Recipe for the weekend.",
                                      "Photos from {site}, for the slides.", "Please print when I am back: boarding pass."};
constexpr const char* private_de[] = {"Fahrkarten für {day}, damit ich sie auch hier habe.", "Rezept fürs Wochenende.",
                                      "Fotos von {site} für die Folien."};
constexpr const char* private_fr[] = {"Billets pour {day}, pour les avoir aussi ici.", "Recette du week-end.",
                                      "Photos de {site} pour les diapositives."};
constexpr const char* private_es[] = {"Billetes para el {day}, para tenerlos también aquí.", "Receta del fin de semana.",
                                      "Fotos de {site} para la presentación."};
constexpr const char* meetings_en[] = {"Weekly stand-up", "Budget review", "{site}: handover",
                                       "Interview",       "Supplier call", "Safety briefing"};
constexpr const char* meetings_de[] = {"Wochenrunde", "Budgetgespräch", "Übergabe {site}", "Lieferantengespräch"};
constexpr const char* meetings_fr[] = {"Point hebdomadaire", "Revue du budget", "Passation {site}", "Appel fournisseur"};
constexpr const char* meetings_es[] = {"Reunión semanal", "Revisión del presupuesto", "Traspaso {site}", "Llamada con proveedor"};
constexpr const char* away_en[] = {
    "I am out of the office until {day}. Your mail is not forwarded; for urgent matters please ring the front desk."};
constexpr const char* away_de[] = {"Ich bin bis {day} nicht im Haus. Ihre Mail wird nicht weitergeleitet."};
constexpr const char* away_fr[] = {"Je suis absent jusqu'à {day}. Votre message n'est pas transféré."};
constexpr const char* away_es[] = {"Estoy fuera hasta el {day}. Su mensaje no se reenvía."};
constexpr const char* thanks_en[] = {"received, thank you. It is booked and goes out with the payment run on {day}.",
                                     "thank you, we checked it against the order. Payment on {day}.",
                                     "there is a difference of {n} to our order, could you look at it?"};
constexpr const char* thanks_de[] = {"danke, ist gebucht und geht mit dem Zahllauf am {day} raus.",
                                     "vielen Dank, geprüft. Zahlung am {day}."};
constexpr const char* thanks_fr[] = {"bien reçu, merci. C'est comptabilisé et réglé {day}.",
                                     "merci, vérifié avec la commande. Règlement {day}."};
constexpr const char* thanks_es[] = {"recibido, gracias. Contabilizado, sale con los pagos del {day}.",
                                     "gracias, comprobado. Pago el {day}."};

constexpr const char* goods_words[4][6] = {
    {"the tomato base", "lids for the 500 g tubs", "two trailers", "the reefer units", "pallet wrap", "the spare parts"},
    {"Deckel", "Ersatzteile", "Folie", "Etiketten", "Paletten", "Kartons"},
    {"les couvercles", "deux remorques", "les pièces détachées", "le film", "les étiquettes", "les bacs"},
    {"las tapas", "dos remolques", "los recambios", "el film", "las etiquetas", "las cubetas"}};
constexpr const char* site_words[4][5] = {{"the Thornbury plant", "line 2", "the depot", "the test kitchen", "the Leeds warehouse"},
                                          {"Werk 2", "Halle 4", "Lager Süd", "Rampe 3", "Standort Hagen"},
                                          {"l'usine", "le quai 4", "l'entrepôt sud", "l'atelier", "le site de Lille"},
                                          {"la planta", "el muelle 4", "el almacén sur", "el taller", "la nave de Getafe"}};

std::string pick(const Lines (&by_language)[4], Language language, Random& random) {
  const auto index = static_cast<std::size_t>(std::to_underlying(language));
  const auto line = by_language[index][random.below(by_language[index].size())];
  Slots slots;
  slots["goods"] = random.pick(goods_words[index]);
  slots["site"] = random.pick(site_words[index]);
  slots["day"] = day_name(language, random);
  slots["n"] = std::to_string(random.between(2, 60));
  slots["order"] = std::to_string(random.between(4000, 9999));
  return filled(line, slots);
}

}  // namespace

std::string talk_subject(Language language, Talk talk, Random& random) {
  static constexpr Lines vendor[4] = {vendor_subjects_en, vendor_subjects_de, vendor_subjects_fr, vendor_subjects_es};
  static constexpr Lines customer[4] = {customer_subjects_en, customer_subjects_de, customer_subjects_fr, customer_subjects_es};
  static constexpr Lines inside[4] = {inside_subjects_en, inside_subjects_de, inside_subjects_fr, inside_subjects_es};
  return pick(talk == Talk::vendor ? vendor : talk == Talk::customer ? customer : inside, language, random);
}
std::string talk_text(Language language, Talk talk, bool first, Random& random) {
  static constexpr Lines outside_first[4] = {outside_first_en, outside_first_de, outside_first_fr, outside_first_es};
  static constexpr Lines inside_first[4] = {inside_first_en, inside_first_de, inside_first_fr, inside_first_es};
  static constexpr Lines answers[4] = {answers_en, answers_de, answers_fr, answers_es};
  auto text = pick(!first ? answers : talk == Talk::inside ? inside_first : outside_first, language, random);
  if (!random.chance(45)) return text;
  for (int tries = 0; tries < 4; ++tries) {  // a second thought, not the first one again
    const auto more = pick(!first ? answers : talk == Talk::inside ? inside_first : outside_first, language, random);
    if (more.substr(0, 16) != text.substr(0, 16)) return text + "\n\n" + more;
  }
  return text;
}
std::string headline(Language language, Random& random) {
  static constexpr Lines lines[4] = {headlines_en, headlines_de, headlines_fr, headlines_es};
  return pick(lines, language, random);
}
std::string newsletter_subject(Language language, Random& random) {
  static constexpr Lines lines[4] = {issues_en, issues_de, issues_fr, issues_es};
  return pick(lines, language, random);
}
std::string private_note(Language language, Random& random) {
  static constexpr Lines lines[4] = {private_en, private_de, private_fr, private_es};
  return pick(lines, language, random);
}
std::string meeting_topic(Language language, Random& random) {
  static constexpr Lines lines[4] = {meetings_en, meetings_de, meetings_fr, meetings_es};
  return pick(lines, language, random);
}
std::string out_of_office(Language language, Random& random) {
  static constexpr Lines lines[4] = {away_en, away_de, away_fr, away_es};
  return pick(lines, language, random);
}
std::string invoice_thanks(Language language, Random& random) {
  static constexpr Lines lines[4] = {thanks_en, thanks_de, thanks_fr, thanks_es};
  return pick(lines, language, random);
}

}  // namespace letterlock::sim
