#include "providers/archive/archive_json.h"

#include <glaze/glaze.hpp>

namespace letterlock::providers {
namespace {
constexpr glz::opts lenient{.error_on_unknown_keys = false, .error_on_missing_keys = false};
}

Result<ArchiveSettings> read_archive_settings(std::string_view json) {
  ArchiveSettings settings;
  if (auto error = glz::read<lenient>(settings, json); error)
    return fail(ErrorKind::invalid, "archive settings: " + glz::format_error(error, json));
  if (settings.paths.empty()) return fail(ErrorKind::invalid, "archive settings: \"paths\" is missing");
  if (!settings.mailbox_address.contains('@'))
    return fail(ErrorKind::invalid, "archive settings: \"mailbox_address\" is missing or no address");
  return settings;
}

ArchiveCursor read_archive_cursor(std::string_view json) {
  ArchiveCursor cursor;
  if (json.empty()) return cursor;
  if (glz::read<lenient>(cursor, json)) return {};
  return cursor;
}

std::string write_archive_cursor(const ArchiveCursor& cursor) {
  auto json = glz::write_json(cursor);
  CHECK(json.has_value());
  return std::move(*json);
}

}  // namespace letterlock::providers
