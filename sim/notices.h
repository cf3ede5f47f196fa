#pragma once

// Mail that no person typed: newsletters, services' notices, invitations, mailing lists, bounces. Pure; any thread.

#include <memory>

#include "sim/letter.h"

namespace letterlock::sim {

std::shared_ptr<Letter> newsletter(const World& world, const BulkSender& sender, std::size_t reader, TimePoint when, Random& random);
std::shared_ptr<Letter> notification(const World& world, const BulkSender& sender, std::size_t reader, TimePoint when, Random& random);
std::shared_ptr<Letter> invitation(const World& world, std::size_t organiser, std::size_t reader, TimePoint when, Random& random);
// A stranger's mail through an industry's mailing list: the list's envelope, the author's From, an ARC seal.
std::shared_ptr<Letter> list_mail(const World& world, const Correspondent& author, std::size_t reader, TimePoint when, Random& random);
// The delivery status notification for a letter that could not be delivered.
std::shared_ptr<Letter> bounced(const World& world, const Letter& original, std::size_t reader, TimePoint when, Random& random);

}  // namespace letterlock::sim
