#include "mail/html.h"

#include <lexbor/core/hash.h>
#include <lexbor/html/token.h>
#include <lexbor/html/tokenizer.h>
#include <lexbor/tag/const.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "mail/domain.h"
#include "mail/text.h"

namespace letterlock::mail {
namespace {

constexpr std::size_t depth_max = 256;        // open elements that are told apart; deeper ones take their parent's place
constexpr std::size_t close_search_max = 64;  // how far up an end tag looks for its start
constexpr std::size_t anchor_bytes_max = 2 << 10;
constexpr std::size_t style_bytes_max = 2 << 10;
constexpr std::size_t chunk_bytes = 4 << 10;  // fed at once; a tag's attributes are counted between chunks
// Names of unknown tags and attributes that the tokenizer may hold: it finds them by a hash of fixed size, so a million of them in one
// message took minutes.
constexpr std::size_t names_max = 2'000;

bool is_void(lxb_tag_id_t tag) {
  switch (tag) {
    case LXB_TAG_AREA:
    case LXB_TAG_BASE:
    case LXB_TAG_BR:
    case LXB_TAG_COL:
    case LXB_TAG_EMBED:
    case LXB_TAG_HR:
    case LXB_TAG_IMG:
    case LXB_TAG_INPUT:
    case LXB_TAG_LINK:
    case LXB_TAG_META:
    case LXB_TAG_PARAM:
    case LXB_TAG_SOURCE:
    case LXB_TAG_TRACK:
    case LXB_TAG_WBR:
      return true;
    default:
      return false;
  }
}

bool is_block(lxb_tag_id_t tag) {
  switch (tag) {
    case LXB_TAG_P:
    case LXB_TAG_DIV:
    case LXB_TAG_TABLE:
    case LXB_TAG_TR:
    case LXB_TAG_UL:
    case LXB_TAG_OL:
    case LXB_TAG_LI:
    case LXB_TAG_H1:
    case LXB_TAG_H2:
    case LXB_TAG_H3:
    case LXB_TAG_H4:
    case LXB_TAG_H5:
    case LXB_TAG_H6:
    case LXB_TAG_BLOCKQUOTE:
    case LXB_TAG_PRE:
    case LXB_TAG_HR:
    case LXB_TAG_CENTER:
    case LXB_TAG_FORM:
    case LXB_TAG_FIELDSET:
    case LXB_TAG_ARTICLE:
    case LXB_TAG_SECTION:
    case LXB_TAG_HEADER:
    case LXB_TAG_FOOTER:
    case LXB_TAG_MAIN:
    case LXB_TAG_NAV:
    case LXB_TAG_ASIDE:
    case LXB_TAG_DL:
    case LXB_TAG_DT:
    case LXB_TAG_DD:
    case LXB_TAG_ADDRESS:
    case LXB_TAG_BODY:
    case LXB_TAG_CAPTION:
    case LXB_TAG_TBODY:
    case LXB_TAG_THEAD:
    case LXB_TAG_TFOOT:
    case LXB_TAG_OPTION:
      return true;
    default:
      return false;
  }
}

// Elements whose content is no text of the message.
bool is_silent(lxb_tag_id_t tag) {
  switch (tag) {
    case LXB_TAG_SCRIPT:
    case LXB_TAG_STYLE:
    case LXB_TAG_TITLE:
    case LXB_TAG_IFRAME:
    case LXB_TAG_NOEMBED:
    case LXB_TAG_NOFRAMES:
    case LXB_TAG_TEMPLATE:
    case LXB_TAG_OBJECT:
    case LXB_TAG_SVG:
    case LXB_TAG_MATH:
    case LXB_TAG_SELECT:
      return true;
    default:
      return false;
  }
}

// Elements that close an open element of their own kind before them, as browsers do.
bool closes_own_kind(lxb_tag_id_t tag) {
  return tag == LXB_TAG_P || tag == LXB_TAG_LI || tag == LXB_TAG_TD || tag == LXB_TAG_TH || tag == LXB_TAG_TR || tag == LXB_TAG_OPTION ||
         tag == LXB_TAG_DT || tag == LXB_TAG_DD || tag == LXB_TAG_A;
}

// "font-size : 0px" → whether the value of the property is nothing at all (0, 0px, 0.0em, .0%).
bool is_zero(std::string_view value) {
  std::size_t digits = 0, i = 0;
  for (; i < value.size() && (is_digit(value[i]) || value[i] == '.'); ++i) {
    if (value[i] != '.' && value[i] != '0') return false;
    digits += value[i] == '0';
  }
  return digits > 0;
}

bool hides(std::string_view style) {
  style = style.substr(0, style_bytes_max);
  while (!style.empty()) {
    const auto end = style.find(';');
    const auto declaration = style.substr(0, end);
    const auto colon = declaration.find(':');
    if (colon != declaration.npos) {
      const auto name = lower(trim(declaration.substr(0, colon)));
      const auto value = lower(trim(declaration.substr(colon + 1)));
      if (name == "display" && value.starts_with("none")) return true;
      if (name == "visibility" && (value.starts_with("hidden") || value.starts_with("collapse"))) return true;
      if (name == "font-size" && (is_zero(value) || value.starts_with("1px"))) return true;
      if (name == "opacity" && is_zero(value)) return true;
      if (name == "mso-hide" && value.starts_with("all")) return true;
      if ((name == "max-height" || name == "max-width") && is_zero(value) && style.find("overflow") != style.npos) return true;
    }
    if (end == style.npos) break;
    style.remove_prefix(end + 1);
  }
  return false;
}

bool has_class(std::string_view classes, std::string_view wanted) {
  for (std::size_t at = classes.find(wanted); at != classes.npos; at = classes.find(wanted, at + 1)) {
    const bool begins = at == 0 || is_space(classes[at - 1]);
    const auto end = at + wanted.size();
    if (begins && (end == classes.size() || is_space(classes[end]))) return true;
  }
  return false;
}

// Writes text with HTML's rules for white space.
class TextSink {
 public:
  explicit TextSink(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void text(std::string_view piece, bool preformatted) {
    if (out_.size() >= bytes_max_) return;
    if (preformatted) {
      flush_gap();
      out_ += piece;
      return;
    }
    std::size_t i = 0;
    while (i < piece.size()) {
      const auto from = i;
      while (i < piece.size() && !is_space(piece[i])) ++i;
      if (i > from) {
        flush_gap();
        out_.append(piece, from, i - from);
      }
      if (i < piece.size()) {
        gap_ = true;
        while (i < piece.size() && is_space(piece[i])) ++i;
      }
    }
  }

  void line_break() {
    gap_ = false;
    if (out_.size() < bytes_max_) out_ += '\n';
  }
  void block() {
    gap_ = false;
    if (!out_.empty() && out_.back() != '\n' && out_.size() < bytes_max_) out_ += '\n';
  }
  void cell() { gap_ = true; }

  std::string take() { return std::move(out_); }

 private:
  void flush_gap() {
    if (gap_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
    gap_ = false;
  }

  const std::size_t bytes_max_;
  std::string out_;
  bool gap_ = false;
};

struct Element {
  lxb_tag_id_t tag;
  bool hidden;
  bool quoted;
  bool preformatted;
};

class Reader {
 public:
  Reader(std::size_t text_bytes_max, LinkCollector& links) : links_(links), current_(text_bytes_max), quoted_(text_bytes_max) {}

  void token(lxb_html_tokenizer_t* tokenizer, const lxb_html_token_t& token) {
    const auto tag = token.tag_id;
    if (tag == LXB_TAG__TEXT)
      return text({reinterpret_cast<const char*>(token.text_start), static_cast<std::size_t>(token.text_end - token.text_start)});
    if (tag == LXB_TAG__END_OF_FILE || tag == LXB_TAG__EM_COMMENT || tag == LXB_TAG__EM_DOCTYPE) return;
    if (token.type & LXB_HTML_TOKEN_TYPE_CLOSE) return close(tag);
    open(token);
    lxb_html_tokenizer_set_state_by_tag(tokenizer, false, tag, LXB_NS_HTML);
  }

  HtmlText finish() {
    finish_anchor();
    finish_loose_text();
    return {.current = current_.take(), .quoted = quoted_.take()};
  }

 private:
  bool hidden() const { return !open_.empty() && open_.back().hidden; }
  bool in_quote() const { return rest_quoted_ || (!open_.empty() && open_.back().quoted); }
  TextSink& sink() { return in_quote() ? quoted_ : current_; }

  void text(std::string_view piece) {
    if (hidden()) return;
    sink().text(piece, !open_.empty() && open_.back().preformatted);
    if (in_anchor_) {
      if (anchor_text_.size() < anchor_bytes_max) anchor_text_ += piece.substr(0, anchor_bytes_max);
    } else {
      loose_text_ += piece;
    }
  }

  void open(const lxb_html_token_t& token) {
    const auto tag = token.tag_id;
    std::optional<std::string_view> hrefs, styles, ids, class_lists, types, alts, actions;
    bool hidden_attribute = false;
    for (const auto* attribute = token.attr_first; attribute; attribute = attribute->next) {
      std::size_t length = 0;
      const auto* name_text = lxb_html_token_attr_name(const_cast<lxb_html_token_attr_t*>(attribute), &length);
      if (!name_text) continue;
      const std::string_view name(reinterpret_cast<const char*>(name_text), length);
      const std::string_view value =
          attribute->value ? std::string_view(reinterpret_cast<const char*>(attribute->value), attribute->value_size) : std::string_view();
      // Of attributes of one name the first counts, as in browsers; the tokenizer gives them all (see make_tokenizer).
      const auto take = [&](std::string_view wanted, std::optional<std::string_view>& into) {
        if (!into && name == wanted) into = value;
      };
      take("href", hrefs);
      take("style", styles);
      take("id", ids);
      take("class", class_lists);
      take("type", types);
      take("alt", alts);
      take("action", actions);
      if (name == "hidden") hidden_attribute = true;
    }
    const auto href = hrefs.value_or(""), style = styles.value_or(""), id = ids.value_or(""), classes = class_lists.value_or(""),
               type = types.value_or(""), alt = alts.value_or(""), action = actions.value_or("");
    if (tag == LXB_TAG_BASE && base_.empty() && !host_of_url(href).empty() && href.find("://") != href.npos) base_ = href;

    if (closes_own_kind(tag)) close_own_kind(tag);
    if (is_block(tag)) {
      if (tag != LXB_TAG_P && !open_.empty() && open_.back().tag == LXB_TAG_P) pop();
      break_block();
    }
    if (tag == LXB_TAG_BR) {
      sink().line_break();
      loose_text_ += '\n';
    }
    if (tag == LXB_TAG_TD || tag == LXB_TAG_TH) {
      sink().cell();
      loose_text_ += ' ';
    }
    // Outlook has no element around the quoted part: all that follows its divider is quoted.
    if (id == "divRplyFwdMsg" || id == "appendonsend" || id == "x_divRplyFwdMsg" || id == "OLK_SRC_BODY_SECTION" ||
        has_class(classes, "moz-cite-prefix") || has_class(classes, "moz-forward-container"))
      rest_quoted_ = true;

    if (tag == LXB_TAG_A || tag == LXB_TAG_AREA) {
      finish_anchor();
      if (!href.empty()) {
        anchor_url_ = resolve(href);
        in_anchor_ = tag == LXB_TAG_A;
        if (!in_anchor_) links_.add_anchor(std::exchange(anchor_url_, {}), fold_space(mend_utf8(alt)));
      }
    }
    if (tag == LXB_TAG_FORM && !action.empty()) links_.add_anchor(resolve(action), {});
    if (tag == LXB_TAG_IMG && in_anchor_ && !alt.empty() && anchor_text_.size() < anchor_bytes_max)
      anchor_alt_ += ' ' + std::string(alt.substr(0, anchor_bytes_max));

    if (is_void(tag)) return;
    if (open_.size() >= depth_max) {
      ++deeper_;
      return;
    }
    Element element{.tag = tag,
                    .hidden = hidden(),
                    .quoted = !open_.empty() && open_.back().quoted,
                    .preformatted = !open_.empty() && open_.back().preformatted};
    element.hidden = element.hidden || hidden_attribute || is_silent(tag) || (!style.empty() && hides(style));
    element.preformatted = element.preformatted || tag == LXB_TAG_PRE || tag == LXB_TAG_TEXTAREA;
    element.quoted = element.quoted || has_class(classes, "gmail_quote") || has_class(classes, "gmail_quote_container") ||
                     has_class(classes, "yahoo_quoted") || has_class(classes, "protonmail_quote") || has_class(classes, "zmail_extra") ||
                     (tag == LXB_TAG_BLOCKQUOTE && equals_ignoring_case(type, "cite"));
    open_.push_back(element);
  }

  void close(lxb_tag_id_t tag) {
    if (tag == LXB_TAG_A) finish_anchor();
    if (is_block(tag)) break_block();
    if (is_void(tag)) return;
    if (deeper_ > 0) {
      --deeper_;
      return;
    }
    const auto lowest = open_.size() > close_search_max ? open_.size() - close_search_max : 0;
    for (auto i = open_.size(); i > lowest; --i) {
      if (open_[i - 1].tag == tag) {
        open_.resize(i - 1);
        return;
      }
      // A stray end tag must not leave a table cell, or it would end what hides the table.
      if ((open_[i - 1].tag == LXB_TAG_TD || open_[i - 1].tag == LXB_TAG_TH) && tag != LXB_TAG_TR && tag != LXB_TAG_TABLE &&
          tag != LXB_TAG_TBODY && tag != LXB_TAG_TD && tag != LXB_TAG_TH)
        return;
    }
  }

  void close_own_kind(lxb_tag_id_t tag) {
    if (open_.empty() || deeper_ > 0) return;
    auto& top = open_.back().tag;
    const bool cell = (tag == LXB_TAG_TD || tag == LXB_TAG_TH) && (top == LXB_TAG_TD || top == LXB_TAG_TH);
    const bool row =
        tag == LXB_TAG_TR && (top == LXB_TAG_TD || top == LXB_TAG_TH) && open_.size() > 1 && open_[open_.size() - 2].tag == LXB_TAG_TR;
    if (row) pop();
    if (cell || open_.back().tag == tag) pop();
  }

  void pop() {
    if (deeper_ == 0 && !open_.empty()) open_.pop_back();
  }

  void break_block() {
    sink().block();
    loose_text_ += '\n';
    if (loose_text_.size() > (64 << 10)) finish_loose_text();
  }

  void finish_anchor() {
    if (!anchor_url_.empty()) {
      auto shown = fold_space(mend_utf8(anchor_text_));
      if (shown.empty()) shown = fold_space(mend_utf8(anchor_alt_));
      links_.add_anchor(anchor_url_, shown);
    }
    anchor_url_.clear();
    anchor_text_.clear();
    anchor_alt_.clear();
    in_anchor_ = false;
  }

  void finish_loose_text() {
    links_.add_text(loose_text_, "html");
    loose_text_.clear();
  }

  std::string resolve(std::string_view href) const {
    std::string url = fold_url(href);
    if (base_.empty() || url.starts_with('#') || url.find(':') < url.find_first_of("/?#")) return url;
    if (url.starts_with("//")) return base_.substr(0, base_.find(':') + 1) + url;
    const auto authority_end = std::min(base_.find('/', base_.find("://") + 3), base_.size());
    if (url.starts_with('/')) return base_.substr(0, authority_end) + url;
    const auto last = base_.rfind('/');
    return (last >= authority_end && last != base_.npos ? base_.substr(0, last + 1) : base_.substr(0, authority_end) + '/') + url;
  }

  // Browsers drop line ends and tabs within a URL.
  static std::string fold_url(std::string_view href) {
    std::string out;
    for (const char c : trim(href))
      if (c != '\n' && c != '\r' && c != '\t') out += c;
    return mend_utf8(out);
  }

  LinkCollector& links_;
  TextSink current_, quoted_;
  std::vector<Element> open_;
  std::size_t deeper_ = 0;  // open elements beyond depth_max
  bool rest_quoted_ = false;
  bool in_anchor_ = false;
  std::string anchor_url_, anchor_text_, anchor_alt_;
  std::string loose_text_;  // visible text outside anchors that was not searched for URLs yet
  std::string base_;
};

void forget_names(lxb_html_tokenizer_t* tokenizer, std::size_t names_kept_max) {
  for (auto* names : {lxb_html_tokenizer_tags(tokenizer), lxb_html_tokenizer_attrs(tokenizer)})
    if (names && lexbor_hash_entries_count(names) > names_kept_max) lexbor_hash_clean(names);
}

lxb_html_token_t* on_token(lxb_html_tokenizer_t* tokenizer, lxb_html_token_t* token, void* context) {
  static_cast<Reader*>(context)->token(tokenizer, *token);
  forget_names(tokenizer, names_max);  // nothing refers to them between two tokens
  return token;
}

using Tokenizer = std::unique_ptr<lxb_html_tokenizer_t, lxb_html_tokenizer_t* (*)(lxb_html_tokenizer_t*)>;

Tokenizer make_tokenizer() {
  Tokenizer made(lxb_html_tokenizer_create(), lxb_html_tokenizer_destroy);
  if (made && lxb_html_tokenizer_init(made.get()) != LXB_STATUS_OK) made.reset();
  // Looking for a duplicate compares each attribute with all before it.
  if (made) lxb_html_tokenizer_keep_duplicate_set(made.get(), true);
  return made;
}

// Attributes so far of the tag that is being read; 0 between tags. Stops counting above attributes_max.
std::size_t attributes_so_far(const lxb_html_tokenizer_t* tokenizer) {
  std::size_t count = 0;
  if (tokenizer->token)
    for (const auto* attribute = tokenizer->token->attr_first; attribute && count <= attributes_max; attribute = attribute->next) ++count;
  return count;
}

// Feed the whole text. A tag with too many attributes is closed, and what is left of it is passed over. True: that happened.
bool feed(lxb_html_tokenizer_t* tokenizer, std::string_view html) {
  bool is_cut = false;
  const auto put = [&](std::string_view piece) {
    return lxb_html_tokenizer_chunk(tokenizer, reinterpret_cast<const lxb_char_t*>(piece.data()), piece.size()) == LXB_STATUS_OK;
  };
  while (!html.empty()) {
    const auto piece = html.substr(0, chunk_bytes);
    html.remove_prefix(piece.size());
    if (!put(piece)) return is_cut;
    if (attributes_so_far(tokenizer) <= attributes_max) continue;
    is_cut = true;
    if (!put("\"'>")) return is_cut;  // ends a tag from within a value in quotes of either kind, and from anywhere else in it
    const auto end = html.find('>');
    html.remove_prefix(end == html.npos ? html.size() : end + 1);
  }
  lxb_html_tokenizer_end(tokenizer);
  return is_cut;
}

}  // namespace

HtmlText html_to_text(std::string_view html, std::size_t text_bytes_max, LinkCollector& links) {
  // A thread's own, used again: making one costs as much as reading a small message with it.
  thread_local const Tokenizer tokenizer = make_tokenizer();
  if (!tokenizer) return {};
  lxb_html_tokenizer_clean(tokenizer.get());
  // It keeps the names of unknown tags and attributes that it met, which must not grow from message to message.
  forget_names(tokenizer.get(), 0);
  Reader reader(text_bytes_max, links);
  lxb_html_tokenizer_callback_token_done_set(tokenizer.get(), on_token, &reader);
  const bool is_cut = lxb_html_tokenizer_begin(tokenizer.get()) == LXB_STATUS_OK && feed(tokenizer.get(), html);
  auto text = reader.finish();
  text.attributes_cut = is_cut;
  return text;
}

std::string meta_charset(std::string_view html) {
  html = html.substr(0, 1024);
  for (std::size_t at = find_ignoring_case(html, "<meta"); at != html.npos; at = find_ignoring_case(html, "<meta", at + 5)) {
    const auto tag = html.substr(at, html.find('>', at) - at);
    const auto charset = find_ignoring_case(tag, "charset");
    if (charset == tag.npos) continue;
    auto value = trim(tag.substr(charset + 7));
    if (!value.starts_with('=')) continue;
    value = trim(value.substr(1));
    while (!value.empty() && (value.front() == '"' || value.front() == '\'')) value.remove_prefix(1);
    std::size_t end = 0;
    while (end < value.size() &&
           (is_alpha(value[end]) || is_digit(value[end]) || value[end] == '-' || value[end] == '_' || value[end] == ':'))
      ++end;
    if (end > 0) return lower(value.substr(0, end));
  }
  return {};
}

}  // namespace letterlock::mail
