#pragma once

// The Flight and Flight SQL endpoint of the `storage` target over a DuckDBRepository. Every call carries a service token
// ("authorization: Bearer …") whose tenant claim decides which file it reaches: no call names a tenant. Arrow's own signal
// handling stays off; app/ owns SIGTERM. The server runs on gRPC's threads; start and stop from one thread.
//
// Flight SQL (CommandStatementQuery, prepared statements with parameters bound by name): read-only SELECTs.
// Plain Flight: DoPut with descriptor path ["append", header], ["users", header] or ["settings", header], batches and an
// end mark (append_codec.h); DoGet with a ticket
// "raw:<mailbox_id>\n<provider_message_id>"; DoAction "forget" ("remove" or "").

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/crypto/crypto.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"

namespace letterlock {

class DuckDBRepository;

struct FlightServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;        // 0: a free one
  std::string certificate_file;  // PEM; empty: no TLS
  std::string key_file;
  std::int64_t append_bytes_max = 512 << 20;        // of one append's rows and raw bytes; beyond: invalid
  std::size_t statements_max = 64;                  // prepared, waiting or running, per tenant (a caller: half); beyond: throttled
  std::chrono::seconds statement_life{600};         // unused so long, it is closed
  std::chrono::seconds ticket_life{60};             // a started query that nobody fetches is stopped
  std::chrono::milliseconds query_timeout{60'000};  // of one query, unless the client's deadline is nearer
  std::chrono::milliseconds cancel_poll{50};        // how soon a vanished client's query is stopped
};

class FlightServer {
 public:
  // invalid: address in use, unreadable certificate.
  static Result<std::unique_ptr<FlightServer>> start(DuckDBRepository& repository, crypto::ServiceTokenVerifier verifier, Clock& clock,
                                                     Metrics& metrics, FlightServerOptions options);
  ~FlightServer();
  std::uint16_t port() const;
  // Stop running queries, let appends finish (at most the deadline), close.
  void stop(std::chrono::seconds deadline);

 private:
  struct Impl;
  explicit FlightServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace letterlock
