#include "sim/churn_command.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "adapters/http/client.h"
#include "sim/json.h"

namespace letterlock::sim {

Result<void> run_churn(const ChurnArguments& arguments) {
  std::ifstream file(arguments.ready_file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto ready = Json::parse(text);
  if (!ready || ready->text("control_url").empty())
    return fail(ErrorKind::invalid, arguments.ready_file + " names no running simulator: start letterlock-sim with --ready-file " +
                                        arguments.ready_file + " first");
  const auto client = TRY(http::make_client({}));
  for (int played = 0; played < arguments.steps;) {
    const int steps = std::min(arguments.piece, arguments.steps - played);
    const Json order =
        Json::object({{"provider", arguments.provider}, {"seed", static_cast<std::int64_t>(arguments.seed)}, {"steps", steps}});
    const auto answer = TRY(client->send({.method = "POST",
                                          .url = ready->text("control_url") + "/control/churn",
                                          .headers = {{"Content-Type", "application/json"}},
                                          .body = order.dump()},
                                         {}));
    if (answer.status != 200) return fail(ErrorKind::invalid, "the simulator refused: " + answer.body);
    played += steps;
    std::cout << answer.body << '\n' << std::flush;
  }
  return {};
}

}  // namespace letterlock::sim
