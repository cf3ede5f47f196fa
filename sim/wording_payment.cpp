// Texts about money. See wording.h for the slots.

#include "sim/wording.h"

namespace letterlock::sim {
namespace {

using enum Theme;
using enum Language;

constexpr Wording table[] = {
    // --- a VIP asks
    {vip_request, english, "Quick task",
     "{hello}\n\nAre you at your desk? I am in a meeting until four and cannot take calls. A payment to a new supplier has to go out "
     "today. Reply here and I will send you what you need.\n\n{bye}"},
    {vip_request, english, "Are you available?",
     "{hello}\n\nDo you have a moment? There is something I would like you to take care of before the end of the day, without making noise "
     "about it. Just answer by mail, my calendar is full.\n\n{bye}"},
    {vip_request, english, "A surprise for the team",
     "{hello}\n\nI want to thank the team for the quarter. Could you get ten gift cards of 100 each this afternoon and mail me the codes? "
     "Keep it to yourself until Friday, I will sign the expense.\n\n{bye}"},
    {vip_request, english, "Closing this week",
     "{hello}\n\nWe are closing a purchase this week and the lawyers expect a deposit of {amount}. Please talk to nobody about it yet. How "
     "late today can a transfer still leave, and what is on the main account?\n\n{bye}"},
    {vip_request, english, "Your mobile",
     "{hello}\n\nSend me your mobile number please, I need something done while I am out of the office.\n\n{bye}"},
    {vip_request, german, "Kurze Frage",
     "{hello}\n\nsind Sie am Platz? Ich sitze bis heute Nachmittag in einer Besprechung und kann nicht telefonieren. Es geht um eine "
     "Zahlung, die heute noch raus muss. Antworten Sie bitte kurz auf diese Mail.\n\n{bye}"},
    {vip_request, german, "Vertraulich",
     "{hello}\n\nwir schließen diese Woche einen Kauf ab, die Anwälte erwarten eine Anzahlung von {amount}. Bitte sprechen Sie vorerst mit "
     "niemandem darüber. Bis wann kann heute noch überwiesen werden?\n\n{bye}"},
    {vip_request, german, "Überraschung für das Team",
     "{hello}\n\nich möchte mich beim Team bedanken. Könnten Sie heute zehn Gutscheinkarten zu je 100 besorgen und mir die Codes schicken? "
     "Bitte noch nichts verraten.\n\n{bye}"},
    {vip_request, french, "Un virement à préparer",
     "{hello}\n\nÊtes-vous à votre bureau ? Je suis en réunion jusqu'à seize heures et je ne peux pas téléphoner. Un paiement à un nouveau "
     "fournisseur doit partir aujourd'hui. Répondez-moi ici et je vous envoie les éléments.\n\n{bye}"},
    {vip_request, french, "Dossier confidentiel",
     "{hello}\n\nNous signons une acquisition cette semaine et les avocats attendent un acompte de {amount}. N'en parlez à personne pour "
     "le moment. Jusqu'à quelle heure un virement peut-il encore partir ?\n\n{bye}"},
    {vip_request, spanish, "Una gestión",
     "{hello}\n\n¿Estás en tu mesa? Estoy reunido hasta las cuatro y no puedo atender llamadas. Hay un pago a un proveedor nuevo que tiene "
     "que salir hoy. Contéstame por aquí y te mando los datos.\n\n{bye}"},
    {vip_request, spanish, "Operación reservada",
     "{hello}\n\nEsta semana cerramos una compra y los abogados esperan una señal de {amount}. Por ahora no lo comentes con nadie. ¿Hasta "
     "qué hora puede salir hoy una transferencia?\n\n{bye}"},

    // --- a payment within a thread that runs already
    {thread_payment, english, "",
     "{hello}\n\nThank you for the quick reply. For invoice {invoice} over {amount} please use this account:\n\n{account}\n\nAnd send me "
     "the confirmation once it has gone out.\n\n{bye}"},
    {thread_payment, english, "",
     "{hello}\n\nFollowing up on the below: when do you expect to pay {invoice} ({amount})? So that nothing gets mixed up, here is where "
     "it goes:\n\n{account}\n\n{bye}"},
    {thread_payment, english, "",
     "{hello}\n\nI checked with our accounts people. Open is {amount} for {invoice}. Kindly remit to\n\n{account}\n\nand copy me on the "
     "remittance advice.\n\n{bye}"},
    {thread_payment, english, "",
     "{hello}\n\nSorry for the delay, I was on the road. Everything is ready here. The {amount} for {invoice} can go to\n\n{account}\n\nWe "
     "ship as soon as it is there.\n\n{bye}"},
    {thread_payment, german, "",
     "{hello}\n\nvielen Dank für die schnelle Antwort. Die Rechnung {invoice} über {amount} überweisen Sie bitte auf dieses "
     "Konto:\n\n{account}\n\nEine kurze Bestätigung wäre nett.\n\n{bye}"},
    {thread_payment, german, "",
     "{hello}\n\nich habe in der Buchhaltung nachgefragt: Offen sind {amount} aus {invoice}. Die Bankverbindung "
     "dafür:\n\n{account}\n\nSobald das Geld da ist, geht die Ware raus.\n\n{bye}"},
    {thread_payment, french, "",
     "{hello}\n\nMerci pour votre retour rapide. Pour la facture {invoice} d'un montant de {amount}, voici le compte à utiliser "
     ":\n\n{account}\n\nMerci de me confirmer le virement.\n\n{bye}"},
    {thread_payment, french, "",
     "{hello}\n\nJe reviens vers vous au sujet de {invoice}. Le solde est de {amount}, à régler sur\n\n{account}\n\nNous expédions dès "
     "réception.\n\n{bye}"},
    {thread_payment, spanish, "",
     "{hello}\n\nGracias por la rápida respuesta. Para la factura {invoice} de {amount}, la cuenta es esta:\n\n{account}\n\n¿Me mandas el "
     "justificante cuando salga?\n\n{bye}"},
    {thread_payment, spanish, "",
     "{hello}\n\nHe hablado con administración: quedan {amount} de {invoice}. El pago va a\n\n{account}\n\nEn cuanto llegue lo "
     "enviamos.\n\n{bye}"},

    // --- a vendor sends an invoice
    {vendor_invoice, english, "Invoice {invoice} from {vendor}",
     "{hello}\n\nPlease find attached our invoice {invoice} for {trade}.\n\nAmount due: {amount}\nDue date: {date}\n\nPlease use this "
     "account for the payment:\n{account}\n\nIf you have any question about the invoice, simply reply to this e-mail.\n\n{bye}"},
    {vendor_invoice, english, "Open items {vendor}",
     "{hello}\n\nOn our side {invoice} over {amount} is still open. For your records, all payments to {vendor} go to\n\n{account}\n\nThe "
     "invoice is attached again.\n\n{bye}"},
    {vendor_invoice, english, "Payment details for {invoice}",
     "{hello}\n\nHere is what you need for {invoice} ({amount}, due {date}):\n\n{account}\n\nPlease check your master data against it; "
     "money that arrives elsewhere cannot be matched.\n\n{bye}"},
    {vendor_invoice, english, "Your order, invoice {invoice}",
     "{hello}\n\nThe goods left us this morning. The invoice over {amount} is attached, payable by {date} to\n\n{account}\n\nThank you for "
     "your business.\n\n{bye}"},
    {vendor_invoice, german, "Rechnung {invoice} von {vendor}",
     "{hello}\n\nanbei erhalten Sie unsere Rechnung {invoice} über {trade}.\n\nBetrag: {amount}\nFällig am: {date}\n\nBitte überweisen Sie "
     "auf dieses Konto:\n{account}\n\n{bye}"},
    {vendor_invoice, german, "Offener Posten {invoice}",
     "{hello}\n\nbei uns ist {invoice} über {amount} noch offen. Bitte gleichen Sie Ihre Stammdaten ab, unsere Bankverbindung "
     "lautet:\n\n{account}\n\nDie Rechnung hängt noch einmal an.\n\n{bye}"},
    {vendor_invoice, french, "Facture {invoice} - {vendor}",
     "{hello}\n\nVeuillez trouver ci-joint notre facture {invoice} pour {trade}.\n\nMontant : {amount}\nÉchéance : {date}\n\nMerci de "
     "régler sur le compte suivant :\n{account}\n\n{bye}"},
    {vendor_invoice, french, "Relevé de compte, {invoice}",
     "{hello}\n\nSauf erreur de notre part, {invoice} d'un montant de {amount} reste due. Pour vos fichiers, nos coordonnées bancaires "
     ":\n\n{account}\n\n{bye}"},
    {vendor_invoice, spanish, "Factura {invoice} de {vendor}",
     "{hello}\n\nAdjuntamos nuestra factura {invoice} por {trade}.\n\nImporte: {amount}\nVencimiento: {date}\n\nRogamos el pago en esta "
     "cuenta:\n{account}\n\n{bye}"},
    {vendor_invoice, spanish, "Pendiente de pago: {invoice}",
     "{hello}\n\nNos consta pendiente la factura {invoice} de {amount}. Para vuestros registros, la cuenta de cobro "
     "es\n\n{account}\n\n{bye}"},

    // --- an employee's salary
    {payroll, english, "Bank details for payroll",
     "{hello}\n\nI have changed banks. Could my salary go to this account from the coming pay run on?\n\n{account}\n\nTell me if there is "
     "a form to fill in.\n\n{bye}"},
    {payroll, english, "Direct deposit",
     "{hello}\n\nIs there still time to change my direct deposit before payday? I opened a new account and would like to have it "
     "there.\n\n{bye}"},
    {payroll, english, "Change of account",
     "{hello}\n\nMy old account gets closed on {date}. Please note the new one for my pay:\n\n{account}\n\n{bye}"},
    {payroll, english, "My salary account",
     "{hello}\n\nWhat do you need from me to have my pay sent to a different account this month? I would like to avoid that it ends up at "
     "the old bank.\n\n{bye}"},
    {payroll, german, "Neue Bankverbindung",
     "{hello}\n\nich habe die Bank gewechselt. Könnten Sie mein Gehalt ab diesem Monat bitte hierhin überweisen?\n\n{account}\n\n{bye}"},
    {payroll, german, "Gehaltskonto",
     "{hello}\n\nmein altes Konto wird zum {date} geschlossen. Was brauchen Sie von mir, damit das Gehalt auf das neue geht?\n\n{bye}"},
    {payroll, french, "Changement de RIB",
     "{hello}\n\nJ'ai changé de banque. Pouvez-vous verser mon salaire sur ce compte à partir de ce mois ?\n\n{account}\n\n{bye}"},
    {payroll, french, "Mon virement de salaire",
     "{hello}\n\nMon ancien compte ferme le {date}. De quoi avez-vous besoin pour que mon salaire arrive sur le nouveau ?\n\n{bye}"},
    {payroll, spanish, "Cambio de cuenta para la nómina",
     "{hello}\n\nHe cambiado de banco. ¿Podéis ingresarme la nómina en esta cuenta desde este mes?\n\n{account}\n\n{bye}"},
    {payroll, spanish, "Mi nómina",
     "{hello}\n\nMe cierran la cuenta antigua el {date}. ¿Qué necesitáis para que la nómina llegue a la nueva?\n\n{bye}"},

    // --- a colleague asks for a payment
    {inside_payment, english, "Payment to {vendor}",
     "{hello}\n\nCould you put this one into today's run? {vendor} hold the delivery until {amount} are there.\n\n{account}\n\nThe invoice "
     "follows.\n\n{bye}"},
    {inside_payment, english, "Forgot one",
     "{hello}\n\nOne more for today please: {amount} to {vendor}.\n\n{account}\n\nMy mistake, I had it on my desk since last "
     "week.\n\n{bye}"},
    {inside_payment, english, "{vendor}: deposit",
     "{hello}\n\nWe agreed on a deposit of {amount} with {vendor}. It is approved on my side, the account is\n\n{account}\n\n{bye}"},
    {inside_payment, english, "Can this still go out?",
     "{hello}\n\n{vendor} rang me about {amount}. Can it still go out today? Details:\n\n{account}\n\n{bye}"},
    {inside_payment, german, "Zahlung an {vendor}",
     "{hello}\n\nkann das heute noch mit in den Zahllauf? {vendor} liefert erst, wenn {amount} da sind.\n\n{account}\n\nDie Rechnung kommt "
     "nach.\n\n{bye}"},
    {inside_payment, german, "Noch eine", "{hello}\n\nbitte heute noch {amount} an {vendor}, von mir freigegeben.\n\n{account}\n\n{bye}"},
    {inside_payment, french, "Règlement {vendor}",
     "{hello}\n\nPeux-tu ajouter ce règlement aujourd'hui ? {vendor} bloque la livraison tant que {amount} ne sont pas "
     "arrivés.\n\n{account}\n\nLa facture suit.\n\n{bye}"},
    {inside_payment, french, "Un acompte",
     "{hello}\n\nNous avons convenu d'un acompte de {amount} avec {vendor}, validé de mon côté.\n\n{account}\n\n{bye}"},
    {inside_payment, spanish, "Pago a {vendor}",
     "{hello}\n\n¿Puede entrar hoy? {vendor} no entrega hasta recibir {amount}.\n\n{account}\n\nLa factura va después.\n\n{bye}"},
    {inside_payment, spanish, "Uno más",
     "{hello}\n\nFalta uno para hoy: {amount} a {vendor}, aprobado por mi parte.\n\n{account}\n\n{bye}"},

    // --- somebody refers to what a VIP arranged with them
    {handoff, english, "Invoice as discussed",
     "{hello}\n\n{vip} asked me to send our invoice {invoice} over {amount} straight to you, see below. Payment please "
     "to\n\n{account}\n\n{bye}"},
    {handoff, english, "Advisory fee",
     "{hello}\n\nAs agreed with {vip} in the exchange below, here are the details for our fee of {amount} "
     "({invoice}):\n\n{account}\n\n{bye}"},
    {handoff, english, "Project retainer",
     "{hello}\n\nPlease see the mail from {vip} below. Our retainer for the month is {amount}, reference {invoice}, to be paid "
     "to\n\n{account}\n\nMay I have a confirmation by tomorrow?\n\n{bye}"},
    {handoff, english, "Seats at the forum",
     "{hello}\n\n{vip} reserved the seats (below) and said you would settle it: {amount}, reference {invoice}.\n\n{account}\n\n{bye}"},
    {handoff, german, "Rechnung wie besprochen",
     "{hello}\n\n{vip} bat mich, unsere Rechnung {invoice} über {amount} direkt an Sie zu schicken, siehe unten. Zahlbar bitte "
     "an\n\n{account}\n\n{bye}"},
    {handoff, german, "Beratungshonorar",
     "{hello}\n\nwie mit {vip} unten abgestimmt, unser Honorar beträgt {amount} ({invoice}):\n\n{account}\n\n{bye}"},
    {handoff, french, "Facture convenue",
     "{hello}\n\n{vip} m'a demandé de vous adresser directement notre facture {invoice} de {amount}, voir ci-dessous. À régler "
     "sur\n\n{account}\n\n{bye}"},
    {handoff, french, "Honoraires",
     "{hello}\n\nComme convenu avec {vip} ci-dessous, nos honoraires s'élèvent à {amount} ({invoice}) :\n\n{account}\n\n{bye}"},
    {handoff, spanish, "Factura acordada",
     "{hello}\n\n{vip} me pidió que os enviara directamente nuestra factura {invoice} de {amount}, ver abajo. El pago "
     "a\n\n{account}\n\n{bye}"},
    {handoff, spanish, "Honorarios",
     "{hello}\n\nSegún lo hablado con {vip} más abajo, nuestros honorarios son {amount} ({invoice}):\n\n{account}\n\n{bye}"},
    {handoff_quote, english, "",
     "{hello}\n\nThat works for us. Please send the invoice to {payee_given} in accounts ({payee}), who will see to it.\n\n{bye}"},
    {handoff_quote, english, "",
     "{hello}\n\nAgreed, let us go ahead. {payee_given} ({payee}) settles these, write there directly.\n\n{bye}"},
    {handoff_quote, german, "",
     "{hello}\n\neinverstanden. Schicken Sie die Rechnung bitte an {payee_given} in der Buchhaltung ({payee}), dort wird sie "
     "beglichen.\n\n{bye}"},
    {handoff_quote, french, "",
     "{hello}\n\nC'est d'accord. Envoyez la facture à {payee_given} à la comptabilité ({payee}), qui s'en occupe.\n\n{bye}"},
    {handoff_quote, spanish, "",
     "{hello}\n\nDe acuerdo. Envía la factura a {payee_given} en contabilidad ({payee}), allí la tramitan.\n\n{bye}"},

    // --- a supplier's first invoice
    {first_invoice, english, "Invoice {invoice}",
     "{hello}\n\nAttached is invoice {invoice} over {amount} for {trade} supplied to {company}, payable by {date} "
     "to\n\n{account}\n\n{bye}"},
    {first_invoice, english, "{vendor}: your invoice",
     "{hello}\n\nThank you for choosing {vendor}. The invoice for {trade} is attached: {amount}, due {date}.\n\n{account}\n\n{bye}"},
    {first_invoice, english, "Account with {vendor}",
     "{hello}\n\nThe amount of {amount} ({invoice}) was due last week and your account is about to be put on hold. Please settle it "
     "at\n\n{account}\n\nor tell us who deals with it.\n\n{bye}"},
    {first_invoice, english, "Work completed",
     "{hello}\n\nThe work ({trade}) is finished. Our invoice {invoice}: {amount}. Bank:\n\n{account}\n\n{bye}"},
    {first_invoice, german, "Rechnung {invoice}",
     "{hello}\n\nim Anhang die Rechnung {invoice} über {amount} für {trade}, zahlbar bis {date} an\n\n{account}\n\n{bye}"},
    {first_invoice, german, "Zahlungserinnerung {invoice}",
     "{hello}\n\ndie Rechnung {invoice} über {amount} war letzte Woche fällig. Bitte begleichen Sie sie auf\n\n{account}\n\n{bye}"},
    {first_invoice, french, "Facture {invoice}",
     "{hello}\n\nVous trouverez ci-joint la facture {invoice} de {amount} pour {trade}, à régler avant le {date} "
     "sur\n\n{account}\n\n{bye}"},
    {first_invoice, french, "Rappel de paiement {invoice}",
     "{hello}\n\nLa facture {invoice} de {amount} est échue. Merci de la régler sur\n\n{account}\n\n{bye}"},
    {first_invoice, spanish, "Factura {invoice}",
     "{hello}\n\nAdjunto la factura {invoice} de {amount} por {trade}, con vencimiento {date}, a pagar en\n\n{account}\n\n{bye}"},
    {first_invoice, spanish, "Recordatorio {invoice}",
     "{hello}\n\nLa factura {invoice} de {amount} venció la semana pasada. La cuenta es\n\n{account}\n\n{bye}"},

    // --- an inside word on a vendor's payment
    {payment_release, english, "Supplier payment for approval",
     "{hello}\n\nPlease release {amount} to {vendor} today, I have signed it off. The account for it:\n\n{account}\n\n{bye}"},
    {payment_release, english, "Transfer to {vendor}",
     "{hello}\n\n{amount} have to be with {vendor} tomorrow morning. You find the account below. Let me know when it is "
     "done.\n\n{account}\n\n{bye}"},
    {payment_release, english, "Re: open payments",
     "{hello}\n\nI went through the list. Pay {vendor} first ({amount}), to\n\n{account}\n\nThe rest can wait until Thursday.\n\n{bye}"},
    {payment_release, english, "Before you leave",
     "{hello}\n\nBefore you leave today: {vendor}, {amount}, account\n\n{account}\n\nThank you.\n\n{bye}"},
    {payment_release, german, "Freigabe Lieferantenzahlung",
     "{hello}\n\nbitte geben Sie heute {amount} an {vendor} frei, von mir genehmigt. Das Konto:\n\n{account}\n\n{bye}"},
    {payment_release, german, "Überweisung {vendor}",
     "{hello}\n\n{amount} müssen morgen früh bei {vendor} sein.\n\n{account}\n\nGeben Sie mir bitte Bescheid.\n\n{bye}"},
    {payment_release, french, "Validation d'un règlement",
     "{hello}\n\nMerci de libérer aujourd'hui {amount} pour {vendor}, c'est validé. Le compte :\n\n{account}\n\n{bye}"},
    {payment_release, french, "Virement {vendor}", "{hello}\n\n{amount} doivent arriver chez {vendor} demain matin.\n\n{account}\n\n{bye}"},
    {payment_release, spanish, "Aprobación de pago",
     "{hello}\n\nPor favor, libera hoy {amount} a {vendor}, está aprobado. La cuenta:\n\n{account}\n\n{bye}"},
    {payment_release, spanish, "Transferencia a {vendor}",
     "{hello}\n\n{amount} tienen que estar mañana en {vendor}.\n\n{account}\n\n{bye}"},

    // --- a vendor that really moves its account, and the answer
    {bank_move, english, "Our new bank from {date}",
     "{hello}\n\n{vendor} is moving to another bank. From {date} on please pay to\n\n{account}\n\nThe old account stays open until the end "
     "of the quarter. Ring us on the number that you have if you want to check, and please confirm in writing.\n\n{bye}"},
    {bank_move, german, "Neue Bankverbindung ab {date}",
     "{hello}\n\n{vendor} wechselt die Bank. Ab dem {date} zahlen Sie bitte auf\n\n{account}\n\nRufen Sie zur Sicherheit gern unter der "
     "bekannten Nummer an und bestätigen Sie es bitte schriftlich.\n\n{bye}"},
    {bank_move, french, "Nouvelles coordonnées bancaires au {date}",
     "{hello}\n\n{vendor} change de banque. À partir du {date}, merci de régler sur\n\n{account}\n\nAppelez-nous au numéro habituel pour "
     "vérifier, et confirmez-nous par écrit.\n\n{bye}"},
    {bank_move, spanish, "Nueva cuenta desde el {date}",
     "{hello}\n\n{vendor} cambia de banco. A partir del {date} rogamos el pago en\n\n{account}\n\nPodéis llamar al número de siempre para "
     "comprobarlo; confirmadlo por escrito, por favor.\n\n{bye}"},
    {bank_move_answer, english, "", "{hello}\n\nI rang your office, all correct. From {date} we pay to\n\n{account}\n\n{bye}"},
    {bank_move_answer, german, "",
     "{hello}\n\nich habe bei Ihnen angerufen, alles richtig. Ab {date} zahlen wir auf\n\n{account}\n\n{bye}"},
    {bank_move_answer, french, "",
     "{hello}\n\nJ'ai vérifié par téléphone, c'est exact. Dès le {date} nous réglons sur\n\n{account}\n\n{bye}"},
    {bank_move_answer, spanish, "", "{hello}\n\nHe llamado y es correcto. Desde el {date} pagamos en\n\n{account}\n\n{bye}"},

    // --- a new supplier is asked for a price; a vendor takes a new name
    {quote_request, english, "Request for a quotation",
     "{hello}\n\nyou were recommended to us for {trade}. Could you quote for the first quarter? {company} would need a delivery every "
     "second week.\n\n{bye}"},
    {quote_request, german, "Anfrage {trade}",
     "{hello}\n\nSie wurden uns für {trade} empfohlen. Könnten Sie uns ein Angebot für das erste Quartal machen? {company} bräuchte alle "
     "zwei Wochen eine Lieferung.\n\n{bye}"},
    {quote_request, french, "Demande de devis",
     "{hello}\n\nOn vous a recommandés pour {trade}. Pourriez-vous nous faire un devis pour le premier trimestre ? {company} aurait besoin "
     "d'une livraison toutes les deux semaines.\n\n{bye}"},
    {quote_request, spanish, "Petición de oferta",
     "{hello}\n\nNos habéis sido recomendados para {trade}. ¿Podríais pasarnos oferta para el primer trimestre? {company} necesitaría una "
     "entrega cada dos semanas.\n\n{bye}"},
    {rebrand, english, "{vendor} becomes {new_name}",
     "{hello}\n\nFrom {date} on we are called {new_name}. People, account and phone numbers stay the same; our addresses will end in "
     "@{new_domain}. Please add it to your address book.\n\n{bye}"},
    {rebrand, german, "Aus {vendor} wird {new_name}",
     "{hello}\n\nab dem {date} heißen wir {new_name}. Ansprechpartner, Konto und Telefon bleiben; unsere Adressen enden dann auf "
     "@{new_domain}.\n\n{bye}"},
    {rebrand, french, "{vendor} devient {new_name}",
     "{hello}\n\nÀ partir du {date}, nous nous appelons {new_name}. Vos interlocuteurs, le compte et le téléphone ne changent pas ; nos "
     "adresses se termineront par @{new_domain}.\n\n{bye}"},
    {rebrand, spanish, "{vendor} pasa a ser {new_name}",
     "{hello}\n\nDesde el {date} nos llamamos {new_name}. Personas, cuenta y teléfono no cambian; nuestras direcciones terminarán en "
     "@{new_domain}.\n\n{bye}"},
};

}  // namespace

std::span<const Wording> payment_wordings() { return table; }

}  // namespace letterlock::sim
