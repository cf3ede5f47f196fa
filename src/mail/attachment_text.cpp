#include "mail/attachment_text.h"

#include "mail/charset.h"
#include "mail/html.h"
#include "mail/text.h"

namespace letterlock::mail {

AttachmentKind attachment_kind(const Attachment& attachment) {
  if (attachment.sniffed_type == "application/pdf") return AttachmentKind::pdf;
  if (attachment.sniffed_type == "text/html") return AttachmentKind::html;
  if (!attachment.sniffed_type.empty()) return AttachmentKind::other;
  const auto& declared = attachment.declared_type;
  const auto name = lower(attachment.filename);
  if (declared == "application/pdf" || name.ends_with(".pdf")) return AttachmentKind::pdf;
  if (declared == "text/html" || name.ends_with(".html") || name.ends_with(".htm")) return AttachmentKind::html;
  if (declared == "text/plain" || name.ends_with(".txt")) return AttachmentKind::plain;
  return AttachmentKind::other;
}

std::size_t attachment_bytes_max(AttachmentKind kind, const ParseLimits& limits) {
  switch (kind) {
    case AttachmentKind::pdf:
      return limits.pdf.bytes_max;
    case AttachmentKind::plain:
    case AttachmentKind::html:
      return limits.attachment_text_bytes_max;
    case AttachmentKind::other:
      break;
  }
  return 0;
}

void read_attachment(Draft& draft, const Attachment& attachment, std::string_view bytes, std::string_view charset,
                     const ParseLimits& limits) {
  const auto kind = attachment_kind(attachment);
  if (kind == AttachmentKind::other) return;
  const auto note = [&](std::string_view why) {
    draft.notes.push_back("text of attachment " + std::string(cut_utf8(attachment.part_id, 80)) + ": " + std::string(why));
  };
  if (draft.attachment_texts.size() >= static_cast<std::size_t>(std::max(0, limits.attachments_read_max)))
    return note("not read, " + std::to_string(limits.attachments_read_max) + " others were");
  if (const auto most = attachment_bytes_max(kind, limits); bytes.size() > most)
    return note("not read, larger than " + std::to_string(most) + " bytes");
  std::string text;
  if (kind == AttachmentKind::pdf) {
    auto pdf = read_pdf_text(bytes, limits.pdf);
    if (!pdf.note.empty()) note("PDF " + pdf.note);
    text = std::move(pdf.text);
  } else if (kind == AttachmentKind::html) {
    LinkCollector links(0);
    auto html =
        html_to_text(to_utf8(bytes, charset.empty() ? meta_charset(bytes) : std::string(charset)), limits.body_text_bytes_max, links);
    text = std::move(html.current);
    if (html.attributes_cut) note("a tag with more than " + std::to_string(attributes_max) + " attributes, the rest of it not read");
    if (!html.quoted.empty()) text += '\n' + html.quoted;
  } else {
    text = to_utf8(bytes, charset);
  }
  draft.attachment_texts.push_back(std::move(text));
}

}  // namespace letterlock::mail
