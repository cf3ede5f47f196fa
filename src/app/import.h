#pragma once

// `letterlock import`: hands a folder of real mail to the running installation as an archive connection, and watches it
// being read and analysed. Reads nothing itself.

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/control_parts.h"
#include "base/result.h"

namespace letterlock {

struct ImportOptions {
  std::string tenant;
  std::vector<std::string> paths;
  std::string mailbox = "import@example.com";
  std::vector<std::string> domains;  // default: the mailbox's own
  std::vector<std::string> authserv_ids;
  bool create = false;
  bool wait = true;
  std::chrono::seconds unclaimed_max{30};  // a job that nobody takes for this long: say so
};

// out: the summary; progress goes to standard error. Returns the exit status.
Result<int> import_mail(const Config& config, ControlParts& control, const ImportOptions& options, std::ostream& out);

// The archive connection's settings: {"paths":[…],"mailbox_address":"…","domains":[…]}
std::string archive_settings_json(const std::vector<std::string>& paths, const std::string& mailbox,
                                  const std::vector<std::string>& domains);

}  // namespace letterlock
