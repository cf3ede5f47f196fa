#include "adapters/flight/flight_server.h"

#include <arrow/flight/server.h>
#include <arrow/util/align_util.h>
#include <arrow/util/byte_size.h>

#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include "adapters/duckdb/duckdb_repository.h"
#include "adapters/flight/append_codec.h"
#include "adapters/flight/fields.h"
#include "adapters/flight/flight_access.h"
#include "adapters/flight/flight_status.h"
#include "adapters/flight/query_reader.h"
#include "adapters/flight/sql_server.h"
#include "base/encoding.h"
#include "base/log.h"

namespace letterlock {
namespace {

namespace fl = arrow::flight;

Result<std::string> read_file(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::invalid, "cannot read the " + std::string(what) + " file " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Ours by path, ticket prefix or action name; everything else is Flight SQL.
class Server final : public fl::FlightServerBase {
 public:
  Server(DuckDBRepository& repository, Clock& clock, Metrics& metrics, FlightServerOptions options)
      : repository_(repository),
        options_(std::move(options)),
        watchdog_(options_.cancel_poll, metrics),
        sql_(repository, clock, watchdog_, options_),
        sweeper_([this](std::stop_token stop) { sweep(std::move(stop)); }) {}

  void cancel_queries() {
    sql_.clear();
    watchdog_.cancel_all();
  }

  arrow::Status GetFlightInfo(const fl::ServerCallContext& context, const fl::FlightDescriptor& request,
                              std::unique_ptr<fl::FlightInfo>* info) override {
    return sql_.GetFlightInfo(context, request, info);
  }

  arrow::Status DoGet(const fl::ServerCallContext& context, const fl::Ticket& request,
                      std::unique_ptr<fl::FlightDataStream>* stream) override {
    static constexpr std::string_view raw_prefix = "raw:";
    if (!std::string_view(request.ticket).starts_with(raw_prefix)) return sql_.DoGet(context, request, stream);
    const TenantId tenant = FLIGHT_TRY(flight::tenant_for(context, flight::Operation::read));
    const std::string_view key = std::string_view(request.ticket).substr(raw_prefix.size());
    const auto line = key.find('\n');
    if (line == std::string_view::npos) return arrow::Status::Invalid("a raw ticket names a mailbox and a message");
    const RawMessage raw = FLIGHT_TRY(
        repository_.get_raw(tenant, MailboxId(std::string(key.substr(0, line))), ProviderMessageId(std::string(key.substr(line + 1)))));
    return raw_stream(raw, stream);
  }

  arrow::Status DoPut(const fl::ServerCallContext& context, std::unique_ptr<fl::FlightMessageReader> reader,
                      std::unique_ptr<fl::FlightMetadataWriter> writer) override {
    const fl::FlightDescriptor descriptor = reader->descriptor();
    if (descriptor.type != fl::FlightDescriptor::PATH) return sql_.DoPut(context, std::move(reader), std::move(writer));
    const TenantId tenant = FLIGHT_TRY(flight::tenant_for(context, flight::Operation::append));
    if (descriptor.path.size() != 2) return arrow::Status::Invalid("DoPut: the path is [\"append\", \"users\" or \"settings\", header]");
    if (descriptor.path[0] == "append") return put_append(tenant, descriptor.path[1], *reader, *writer);
    if (descriptor.path[0] == "users") return put_users(tenant, descriptor.path[1], *reader, *writer);
    if (descriptor.path[0] == "settings") return put_settings(tenant, descriptor.path[1], *reader, *writer);
    return arrow::Status::KeyError("DoPut: there is no ", descriptor.path[0]);
  }

  arrow::Status DoAction(const fl::ServerCallContext& context, const fl::Action& action,
                         std::unique_ptr<fl::ResultStream>* result) override {
    if (action.type == "erase") {
      const TenantId tenant = FLIGHT_TRY(flight::tenant_for(context, flight::Operation::erase));
      ARROW_ASSIGN_OR_RAISE(const Erasure erasure, flight::erasure_from(action.body ? action.body->ToString() : ""));
      const Erased erased = FLIGHT_TRY(repository_.erase_mail(tenant, erasure));
      *result = std::make_unique<fl::SimpleResultStream>(
          std::vector<fl::Result>{fl::Result{arrow::Buffer::FromString(flight::erased_json(erased))}});
      return arrow::Status::OK();
    }
    if (action.type != "forget") return sql_.DoAction(context, action, result);
    const TenantId tenant = FLIGHT_TRY(flight::tenant_for(context, flight::Operation::forget));
    FLIGHT_TRY(repository_.forget(tenant, action.body && action.body->ToString() == "remove"));
    *result = std::make_unique<fl::SimpleResultStream>(std::vector<fl::Result>{});
    return arrow::Status::OK();
  }

 private:
  // Read batches until the writer's end mark, at most append_bytes_max of them. A stream without the mark is a writer's that died:
  // to gRPC both ends are alike, and half an append must not move the cursor.
  template <class Take>
  arrow::Status read_all(fl::FlightMessageReader& reader, Take take) {
    std::int64_t bytes = 0;
    while (true) {
      ARROW_ASSIGN_OR_RAISE(const auto chunk, reader.Next());
      if (!chunk.data && chunk.app_metadata && chunk.app_metadata->ToString() == flight::end_mark) return arrow::Status::OK();
      if (!chunk.data) return arrow::Status::Cancelled("the put broke off before its end mark; nothing of it was stored");
      ARROW_ASSIGN_OR_RAISE(const std::int64_t size, arrow::util::ReferencedBufferSize(*chunk.data));
      bytes += size;
      if (bytes > options_.append_bytes_max)
        return arrow::Status::Invalid("an append holds at most ", options_.append_bytes_max, " bytes; send smaller steps");
      // A batch that came over the wire lies where gRPC put it; its numbers need not be aligned.
      ARROW_ASSIGN_OR_RAISE(const auto batch,
                            arrow::util::EnsureAlignment(chunk.data, arrow::util::kValueAlignment, arrow::default_memory_pool()));
      ARROW_RETURN_NOT_OK(take(*batch));
    }
  }

  arrow::Status put_append(const TenantId& tenant, const std::string& header, fl::FlightMessageReader& reader,
                           fl::FlightMetadataWriter& writer) {
    ARROW_ASSIGN_OR_RAISE(Append append, flight::append_from_header(header));
    ARROW_RETURN_NOT_OK(read_all(reader, [&](const arrow::RecordBatch& batch) { return flight::decode_rows(batch, append); }));
    const AppendResult result = FLIGHT_TRY(repository_.append(tenant, append));
    return writer.WriteMetadata(*arrow::Buffer::FromString(flight::append_result_json(result)));
  }

  arrow::Status put_users(const TenantId& tenant, const std::string& header, fl::FlightMessageReader& reader,
                          fl::FlightMetadataWriter& writer) {
    ARROW_ASSIGN_OR_RAISE(const flight::UsersHeader users_header, flight::users_header_from(header));
    std::vector<User> users;
    ARROW_RETURN_NOT_OK(read_all(reader, [&](const arrow::RecordBatch& batch) { return flight::decode_users(batch, users); }));
    FLIGHT_TRY(repository_.save_users(tenant, users, users_header.listing, users_header.facts, from_unix_micros(users_header.at_micros)));
    return writer.WriteMetadata(*arrow::Buffer::FromString("{}"));
  }

  arrow::Status put_settings(const TenantId& tenant, const std::string& header_json, fl::FlightMessageReader& reader,
                             fl::FlightMetadataWriter& writer) {
    ARROW_ASSIGN_OR_RAISE(const flight::SettingsHeader header, flight::settings_header_from(header_json));
    std::vector<MailboxSetting> settings;
    ARROW_RETURN_NOT_OK(read_all(reader, [&](const arrow::RecordBatch& batch) { return flight::decode_settings(batch, settings); }));
    const SettingsChanges changes =
        FLIGHT_TRY(repository_.save_mailbox_settings(tenant, header.mailbox_id, settings, from_unix_micros(header.at_micros)));
    return writer.WriteMetadata(*arrow::Buffer::FromString(flight::settings_changes_json(changes)));
  }

  static arrow::Status raw_stream(const RawMessage& raw, std::unique_ptr<fl::FlightDataStream>* stream) {
    const auto schema = arrow::schema({arrow::field("format", arrow::utf8()), arrow::field("bytes", arrow::binary())});
    arrow::RecordBatchVector batches;
    for (std::size_t at = 0; at == 0 || at < raw.bytes.size(); at += flight::raw_slice_bytes_max) {
      arrow::StringBuilder formats;
      arrow::BinaryBuilder slices;
      ARROW_RETURN_NOT_OK(formats.Append(raw.format));
      ARROW_RETURN_NOT_OK(slices.Append(std::string_view(raw.bytes).substr(at, flight::raw_slice_bytes_max)));
      ARROW_ASSIGN_OR_RAISE(auto format, formats.Finish());
      ARROW_ASSIGN_OR_RAISE(auto slice, slices.Finish());
      batches.push_back(arrow::RecordBatch::Make(schema, 1, {std::move(format), std::move(slice)}));
    }
    ARROW_ASSIGN_OR_RAISE(auto reader, arrow::RecordBatchReader::Make(std::move(batches), schema));
    *stream = std::make_unique<fl::RecordBatchStream>(std::move(reader));
    return arrow::Status::OK();
  }

  void sweep(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      sql_.sweep();
      stopped.wait_for(lock, stop, sweep_period, [] { return false; });
    }
  }

  static constexpr std::chrono::milliseconds sweep_period{250};

  DuckDBRepository& repository_;
  const FlightServerOptions options_;
  flight::Watchdog watchdog_;
  flight::SqlServer sql_;
  std::jthread sweeper_;
};

}  // namespace

struct FlightServer::Impl {
  std::unique_ptr<Server> server;
  bool stopped = false;
};

FlightServer::FlightServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FlightServer::~FlightServer() { stop(std::chrono::seconds(5)); }

Result<std::unique_ptr<FlightServer>> FlightServer::start(DuckDBRepository& repository, crypto::ServiceTokenVerifier verifier, Clock& clock,
                                                          Metrics& metrics, FlightServerOptions options) {
  const bool tls = !options.certificate_file.empty();
  const auto location =
      tls ? fl::Location::ForGrpcTls(options.address, options.port) : fl::Location::ForGrpcTcp(options.address, options.port);
  if (!location.ok()) return fail(flight::to_error(location.status(), "Flight address " + options.address));
  fl::FlightServerOptions server_options(*location);
  if (tls)
    server_options.tls_certificates.push_back(
        {.pem_cert = TRY(read_file(options.certificate_file, "certificate")), .pem_key = TRY(read_file(options.key_file, "key"))});
  server_options.middleware.emplace_back(flight::access_middleware,
                                         std::make_shared<flight::AccessFactory>(std::move(verifier), clock, metrics));

  auto impl = std::make_unique<Impl>();
  impl->server = std::make_unique<Server>(repository, clock, metrics, options);
  if (const arrow::Status status = impl->server->Init(server_options); !status.ok())
    return fail(ErrorKind::invalid,
                "Flight cannot listen on " + options.address + ":" + std::to_string(options.port) + ": " + status.message());
  return std::unique_ptr<FlightServer>(new FlightServer(std::move(impl)));
}

std::uint16_t FlightServer::port() const { return static_cast<std::uint16_t>(impl_->server->port()); }

void FlightServer::stop(std::chrono::seconds deadline) {
  if (std::exchange(impl_->stopped, true)) return;
  impl_->server->cancel_queries();
  const auto until = std::chrono::system_clock::now() + deadline;
  if (const arrow::Status status = impl_->server->Shutdown(&until); !status.ok())
    LOG(warn, "Flight did not stop in time", {{"reason", status.message()}});
}

}  // namespace letterlock
