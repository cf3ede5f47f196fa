#include "mail/message_parser.h"

namespace letterlock::mail {

Result<Email> parse_input(std::string_view format, std::string_view bytes, const ParseContext& context) {
  return format == "graph" ? parse_graph_message(bytes, context) : parse_message(bytes, context);
}

Result<bool> InProcessParser::parse(std::span<const ParseInput> inputs, const ParseContext& context, const ParseOrigin&,
                                    const ParseSink& sink, std::stop_token stop) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (stop.stop_requested()) return false;
    if (!sink(i, {.email = parse_input(inputs[i].format, inputs[i].bytes, context)})) return i + 1 == inputs.size();
  }
  return true;
}

}  // namespace letterlock::mail
