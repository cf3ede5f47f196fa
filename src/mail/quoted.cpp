#include "mail/quoted.h"

#include <array>
#include <vector>

#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t attribution_bytes_max = 400;
constexpr std::size_t attribution_lines_max = 4;
constexpr std::size_t block_lines_max = 8;

constexpr auto wrote_endings = std::to_array<std::string_view>(
    {"wrote:",    "writes:",   "wrote :",   "schrieb:",   "schrieb :",   "geschrieben:", "a écrit :", "a écrit:",
     "a écrit :", "escribió:", "escribio:", "schreef:",   "ha scritto:", "skrev:",       "escreveu:", "napisał(a):",
     "napisał:",  "написал:",  "пишет:",    "kirjoitti:", "написав:",    "写道：",       "写道:",     "のメール:"});
constexpr auto wrote_middles = std::to_array<std::string_view>({" schrieb ", " schreef ", " skrev ", " wrote ", " kirjoitti "});
constexpr auto attribution_starts =
    std::to_array<std::string_view>({"on ",      "am ",     "le ", "el ",  "op ",   "il ", "den ", "em ", "dnia ", "at ",
                                     "quoting ", "w dniu ", "in ", "vào ", "from ", "mån", "fre",  "tor", "ons",   "tis"});

constexpr auto dividers = std::to_array<std::string_view>({"original message",        "original appointment",  "originalmessage",
                                                           "forwarded message",       "forwarded by",          "ursprüngliche nachricht",
                                                           "originalnachricht",       "original-nachricht",    "weitergeleitete nachricht",
                                                           "weitergeleitete mail",    "message d'origine",     "message original",
                                                           "message transféré",       "mensaje original",      "mensaje reenviado",
                                                           "oorspronkelijk bericht",  "doorgestuurd bericht",  "messaggio originale",
                                                           "messaggio inoltrato",     "mensagem original",     "mensagem encaminhada",
                                                           "ursprungligt meddelande", "oprindelig meddelelse", "reply message",
                                                           "reply above this line",   "please reply above",    "original e-mail",
                                                           "original email"});
constexpr auto plain_dividers =
    std::to_array<std::string_view>({"begin forwarded message:", "anfang der weitergeleiteten nachricht:",
                                     "anfang der weitergeleiteten e-mail:", "début du message réexpédié :", "début du message transféré :",
                                     "inicio del mensaje reenviado:", "begin doorgestuurd bericht:", "inizio messaggio inoltrato:"});

constexpr auto from_labels = std::to_array<std::string_view>({"from", "von", "de", "van", "da", "från", "fra", "od", "от"});
constexpr auto sent_labels =
    std::to_array<std::string_view>({"sent", "date", "gesendet", "datum", "envoyé", "enviado", "enviado el", "enviada em", "fecha",
                                     "verzonden", "inviato", "data", "skickat", "sendt", "dato", "wysłano", "отправлено", "дата"});
constexpr auto to_labels = std::to_array<std::string_view>({"to", "an", "à", "para", "aan", "a", "till", "til", "do", "кому"});
constexpr auto subject_labels = std::to_array<std::string_view>(
    {"subject", "betreff", "objet", "asunto", "onderwerp", "oggetto", "assunto", "ämne", "emne", "temat", "тема"});

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

template <class List>
bool is_one_of(std::string_view word, const List& list) {
  for (const auto entry : list)
    if (word == entry) return true;
  return false;
}

// The lower-cased label of a "Label: value" line ("*Von:* Ann"), or empty.
std::string label_of(std::string_view line) {
  line = trim(line);
  while (!line.empty() && (line.front() == '*' || line.front() == '|')) line = trim(line.substr(1));
  const auto colon = line.substr(0, 24).find(':');
  if (colon == line.npos || colon == 0) return {};
  auto label = line.substr(0, colon);
  while (!label.empty() && (label.back() == '*' || label.back() == ' ' || label.back() == '\xA0' || label.back() == '\xC2'))
    label.remove_suffix(1);
  return lower_unicode(label);
}

// Whether an Outlook-like header block begins at this line.
bool begins_block(const std::vector<std::string_view>& lines, std::size_t at) {
  if (!is_one_of(label_of(lines[at]), from_labels)) return false;
  bool sent = false, to = false, subject = false;
  std::size_t seen = 1;
  for (std::size_t i = at + 1; i < lines.size() && seen < block_lines_max && i < at + 2 * block_lines_max; ++i) {
    if (trim(lines[i]).empty()) continue;
    ++seen;
    const auto label = label_of(lines[i]);
    if (label.empty()) continue;
    sent = sent || is_one_of(label, sent_labels);
    to = to || is_one_of(label, to_labels);
    subject = subject || is_one_of(label, subject_labels);
  }
  return sent && (to || subject);
}

bool is_divider(std::string_view line) {
  line = trim(line);
  if (line.size() < 8 || line.size() > 120) return false;
  const bool ruled = line.starts_with("--") || line.starts_with("__") || line.starts_with("==") || line.starts_with("##-");
  const auto text = lower_unicode(line);
  if (ruled)
    for (const auto divider : dividers)
      if (text.find(divider) != text.npos) return true;
  return is_one_of(text, plain_dividers);
}

// How many lines the attribution that begins at this line spans, or 0.
std::size_t attribution_length(const std::vector<std::string_view>& lines, std::size_t at) {
  const auto first = trim(lines[at]);
  if (first.empty() || first.size() > attribution_bytes_max) return 0;
  const auto start = lower_unicode(first.substr(0, 16).size() == first.size() ? first : cut_utf8(first, 16));
  bool starts = false;
  for (const auto word : attribution_starts) starts = starts || start.starts_with(word);
  const bool begins = starts || (is_digit(first.front()) && first.size() > 8) || first.front() == '"' || first.find('@') != first.npos ||
                      first.ends_with(':') || first.ends_with("：");
  if (!begins) return 0;
  std::string joined;
  for (std::size_t i = at; i < lines.size() && i < at + attribution_lines_max; ++i) {
    const auto line = trim(lines[i]);
    if (line.empty() || line.front() == '>') return 0;
    joined += (joined.empty() ? "" : " ") + std::string(line);
    if (joined.size() > attribution_bytes_max) return 0;
    if (!line.ends_with(':') && !line.ends_with("：")) {
      if (!starts) return 0;  // only a known beginning may run over several lines
      continue;
    }
    const auto text = lower_unicode(joined);
    // A date, an address or a time belongs to an attribution; "as my father wrote:" has none.
    const bool dated = text.find('@') != text.npos || text.find_first_of("0123456789") != text.npos;
    bool wrote = false;
    for (const auto ending : wrote_endings) wrote = wrote || text.ends_with(ending);
    for (const auto middle : wrote_middles) wrote = wrote || (starts && text.find(middle) != text.npos);
    if (wrote && dated) return i - at + 1;
    if (wrote && i + 1 < lines.size()) {  // "Ann wrote:" counts where '>' lines follow
      std::size_t next = i + 1;
      if (trim(lines[next]).empty() && next + 1 < lines.size()) ++next;
      if (trim(lines[next]).starts_with('>')) return i - at + 1;
    }
    return 0;
  }
  return 0;
}

bool is_quoted_line(std::string_view line) {
  line = trim(line);
  return line.starts_with('>') || line.starts_with("|>");
}

}  // namespace

QuotedSplit split_quoted(std::string_view text) {
  QuotedSplit out;
  const auto lines = lines_of(text);
  const auto add = [](std::string& target, std::string_view line) {
    target += line;
    target += '\n';
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = trim(lines[i]);
    if (line.empty()) {
      add(out.current, "");
      continue;
    }
    if (is_quoted_line(line)) {
      add(out.quoted, line);
      continue;
    }
    if (is_divider(line) || begins_block(lines, i)) {
      for (; i < lines.size(); ++i) add(out.quoted, lines[i]);
      break;
    }
    if (const auto length = attribution_length(lines, i)) {
      std::size_t next = i + length;
      while (next < lines.size() && trim(lines[next]).empty()) ++next;
      const bool marked = next < lines.size() && is_quoted_line(lines[next]);
      // With '>' below, only such lines are quoted: the answer may stand between them. Without, all that follows is.
      const std::size_t end = marked ? i + length : lines.size();
      for (; i < end; ++i) add(out.quoted, lines[i]);
      --i;
      continue;
    }
    add(out.current, lines[i]);
  }
  return out;
}

std::string tidy_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  int empty_lines = 0;
  const auto end_line = [&] {
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    empty_lines = out.empty() || out.back() == '\n' ? empty_lines + 1 : 0;
    if (!out.empty() && empty_lines <= 1) out += '\n';
  };
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto rest = text.substr(i, 3);
    if (c == '\r') {
      if (i + 1 >= text.size() || text[i + 1] != '\n') end_line();
      ++i;
    } else if (c == '\n') {
      end_line();
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
      ++i;
    } else if (rest.starts_with("\xC2\xA0")) {
      out += ' ';
      i += 2;
    } else if (rest.starts_with("\xC2\xAD") || rest.starts_with("\xCD\x8F")) {
      i += 2;
    } else if (rest == "\xE2\x80\x8B" || rest == "\xE2\x81\xA0" || rest == "\xEF\xBB\xBF") {
      i += 3;
    } else {
      out += c;
      ++i;
    }
  }
  while (!out.empty() && is_space(out.back())) out.pop_back();
  return out;
}

}  // namespace letterlock::mail
