#include <glaze/glaze.hpp>

#include "app/import.h"

namespace letterlock {
namespace {

struct ArchiveSettings {
  std::vector<std::string> paths;
  std::string mailbox_address;
  std::vector<std::string> domains;
};

}  // namespace

std::string archive_settings_json(const std::vector<std::string>& paths, const std::string& mailbox,
                                  const std::vector<std::string>& domains) {
  return glz::write_json(ArchiveSettings{paths, mailbox, domains}).value_or("{}");
}

}  // namespace letterlock
