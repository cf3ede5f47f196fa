// Texts about accounts, documents and forms, and private ones. See wording.h for the slots.

#include "sim/wording.h"

namespace letterlock::sim {
namespace {

using enum Theme;
using enum Language;

constexpr Wording table[] = {
    // --- a notice about the reader's account; {link} stands alone on its line
    {account_notice, english, "Your password expires soon",
     "The password of {recipient} expires on {date}. Keep your current password or choose a new one:\n\n{link}\n\nIf you do nothing you "
     "will have to call the service desk to get in again.\n"},
    {account_notice, english, "Mailbox almost full",
     "The mailbox {recipient} has reached 96 % of its size. New messages will be held back from {date}. Review your storage "
     "here:\n\n{link}\n"},
    {account_notice, english, "Sign in once more",
     "We are moving mailboxes to a new server. Please sign in once before {date} so that {recipient} is moved as well:\n\n{link}\n"},
    {account_notice, english, "Messages held for you",
     "3 messages to {recipient} are waiting for your decision and will be deleted on {date}.\n\n{link}\n"},
    {account_notice, english, "Second factor: set-up needed",
     "From {date} a second factor is asked for at sign-in. {recipient} has none yet. Set it up in two minutes:\n\n{link}\n"},
    {account_notice, german, "Ihr Passwort läuft ab",
     "Das Passwort von {recipient} läuft am {date} ab. Behalten oder ändern Sie es hier:\n\n{link}\n\nDanach hilft nur noch der Service "
     "Desk.\n"},
    {account_notice, german, "Postfach fast voll",
     "Das Postfach {recipient} ist zu 96 % gefüllt. Ab {date} werden neue Nachrichten zurückgehalten:\n\n{link}\n"},
    {account_notice, french, "Votre mot de passe expire",
     "Le mot de passe de {recipient} expire le {date}. Conservez-le ou choisissez-en un nouveau :\n\n{link}\n"},
    {account_notice, french, "Messages en attente",
     "3 messages pour {recipient} attendent votre décision et seront supprimés le {date}.\n\n{link}\n"},
    {account_notice, spanish, "Su contraseña caduca",
     "La contraseña de {recipient} caduca el {date}. Puede mantenerla o elegir otra aquí:\n\n{link}\n"},
    {account_notice, spanish, "Buzón casi lleno",
     "El buzón {recipient} está al 96 %. Desde el {date} se retendrán los mensajes nuevos:\n\n{link}\n"},

    // --- one notice to many
    {campaign, english, "A document was shared with you",
     "Hello {recipient_given},\n\n\"Salary bands 2027\" was shared with {recipient}.\n\nOpen: {link}\n\nThe link works for seven days.\n"},
    {campaign, english, "Voice message (0:41)", "You have a new voice message.\n\nFor: {recipient}\nLength: 0:41\n\nListen: {link}\n"},
    {campaign, english, "Action needed: your benefits",
     "Hello {recipient_given},\n\nthe enrolment for next year's benefits at {company} closes on Friday. Check your choices: {link}\n"},
    {campaign, english, "Please sign: policy 2027",
     "Hello {recipient_given},\n\na document of {company} waits for your signature.\n\nReview and sign: {link}\n"},
    {campaign, german, "Ein Dokument wurde für Sie freigegeben",
     "Guten Tag {recipient_given},\n\n\"Gehaltsbänder 2027\" wurde für {recipient} freigegeben.\n\nÖffnen: {link}\n"},
    {campaign, german, "Neue Sprachnachricht (0:41)", "Für {recipient} liegt eine Sprachnachricht vor.\n\nAnhören: {link}\n"},
    {campaign, french, "Un document est partagé avec vous",
     "Bonjour {recipient_given},\n\n« Grilles salariales 2027 » a été partagé avec {recipient}.\n\nOuvrir : {link}\n"},
    {campaign, french, "Signature demandée",
     "Bonjour {recipient_given},\n\nun document de {company} attend votre signature.\n\nSigner : {link}\n"},
    {campaign, spanish, "Han compartido un documento contigo",
     "Hola, {recipient_given}:\n\nse ha compartido \"Bandas salariales 2027\" con {recipient}.\n\nAbrir: {link}\n"},
    {campaign, spanish, "Mensaje de voz (0:41)", "Hay un mensaje de voz para {recipient}.\n\nEscuchar: {link}\n"},

    // --- a form for the staff
    {staff_form, english, "Updated payroll form",
     "{hello}\n\nthe payroll form has changed. Please fill it in by {date}:\n\n{link}\n\nWithout it this month's pay may be "
     "late.\n\n{bye}"},
    {staff_form, english, "New travel policy",
     "{hello}\n\nthe new travel policy applies from {date}. Please read and confirm it here:\n\n{link}\n\n{bye}"},
    {staff_form, english, "Emergency contacts",
     "{hello}\n\nwe are bringing the staff file up to date. Check your entry by {date}:\n\n{link}\n\n{bye}"},
    {staff_form, english, "Parking permits", "{hello}\n\npermits for next year can be ordered until {date}:\n\n{link}\n\n{bye}"},
    {staff_form, german, "Neues Formular für die Abrechnung",
     "{hello}\n\ndas Formular hat sich geändert. Bitte bis {date} ausfüllen:\n\n{link}\n\nSonst kann sich das Gehalt verzögern.\n\n{bye}"},
    {staff_form, german, "Notfallkontakte",
     "{hello}\n\nwir aktualisieren die Personalakten. Bitte prüfen Sie Ihren Eintrag bis {date}:\n\n{link}\n\n{bye}"},
    {staff_form, french, "Nouveau formulaire de paie",
     "{hello}\n\nLe formulaire a changé. Merci de le remplir avant le {date} :\n\n{link}\n\n{bye}"},
    {staff_form, french, "Contacts d'urgence",
     "{hello}\n\nNous mettons les dossiers à jour. Vérifiez votre fiche avant le {date} :\n\n{link}\n\n{bye}"},
    {staff_form, spanish, "Nuevo formulario de nómina",
     "{hello}\n\nel formulario ha cambiado. Rellenadlo antes del {date}:\n\n{link}\n\n{bye}"},
    {staff_form, spanish, "Contactos de emergencia",
     "{hello}\n\nestamos actualizando las fichas. Revisad la vuestra antes del {date}:\n\n{link}\n\n{bye}"},

    // --- somebody writes from home
    {from_home, english, "Slides for tomorrow",
     "{hello}\n\nI am at home with the old laptop. Could you print the slides for the board and put them in my room? I will be in at "
     "nine.\n\n{bye}"},
    {from_home, english, "Running late",
     "{hello}\n\nthe trains are standing still. Please move my ten o'clock to the afternoon, and ask for the small meeting room.\n\n{bye}"},
    {from_home, german, "Morgen",
     "{hello}\n\nich schreibe von zu Hause. Können Sie die Unterlagen für morgen ausdrucken? Ich bin um neun da.\n\n{bye}"},
    {from_home, french, "Pour demain",
     "{hello}\n\nJ'écris de chez moi. Pourriez-vous imprimer le dossier pour demain ? J'arrive à neuf heures.\n\n{bye}"},
    {from_home, spanish, "Para mañana",
     "{hello}\n\nEscribo desde casa. ¿Podéis imprimir los papeles para mañana? Llego a las nueve.\n\n{bye}"},
};

}  // namespace

std::span<const Wording> account_wordings() { return table; }

}  // namespace letterlock::sim
