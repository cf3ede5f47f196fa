#include "sim/recorder.h"

#include <filesystem>

#include "sim/json.h"
#include "sim/mime_reader.h"

namespace letterlock::sim {

Result<void> Recorder::open(const std::string& file, std::size_t bytes_max) {
  out_.open(file, std::ios::binary | std::ios::trunc);
  if (!out_) return fail(ErrorKind::invalid, "cannot write the record of bodies to " + file);
  std::error_code error;  // it holds mail
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  bytes_max_ = bytes_max;
  return {};
}

void Recorder::write(const Call& call, const http::Response& response, std::string_view fault) {
  if (bytes_max_ == 0) return;
  std::string type;
  for (const auto& [name, value] : response.headers)
    if (equal_ignoring_case(name, "content-type")) type = value;
  const bool too_long = response.body.size() > body_bytes_max;
  const bool is_text = type.starts_with("application/json") || type.starts_with("text/html");
  const auto line = Json::object({{"provider", call.provider},
                                  {"method", call.request.method},
                                  {"target", valid_utf8(call.target)},
                                  {"kind", call.kind},
                                  {"status", response.status},
                                  {"type", type},
                                  {"fault", fault},
                                  {"size", response.body.size()},
                                  {"body", is_text && !too_long ? Json(response.body) : Json()}})
                        .dump();
  const std::lock_guard lock(mutex_);
  if (bytes_ + line.size() + 1 > bytes_max_) {
    ++dropped_;
    return;
  }
  too_long_ += too_long;
  ++recorded_;
  bytes_ += line.size() + 1;
  out_ << line << '\n';
  out_.flush();  // a simulator may be killed
}

Recorder::~Recorder() {
  if (bytes_max_ > 0) out_ << Json::object({{"recorded", recorded_}, {"dropped", dropped_}, {"too_long", too_long_}}).dump() << '\n';
}

}  // namespace letterlock::sim
