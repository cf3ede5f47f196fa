#pragma once

// The text of attachments, as far as it is looked at: PDF, plain text and HTML. Pure; any thread.

#include <string_view>

#include "mail/assemble.h"

namespace letterlock::mail {

enum class AttachmentKind { other, pdf, plain, html };

// By the first bytes where they say something, else by declared type and file name.
AttachmentKind attachment_kind(const Attachment& attachment);
// How many decoded bytes of this kind are read; a larger attachment is not.
std::size_t attachment_bytes_max(AttachmentKind kind, const ParseLimits& limits);

// Add the attachment's text to draft.attachment_texts, at most limits.attachments_read_max of them; why it could not be read, to
// the notes. `charset` is the part's, or empty.
void read_attachment(Draft& draft, const Attachment& attachment, std::string_view bytes, std::string_view charset,
                     const ParseLimits& limits);

}  // namespace letterlock::mail
