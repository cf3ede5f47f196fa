#include "base/result.h"
#include "model/alert.h"
#include "model/email.h"
#include "model/enum_names.h"
#include "model/job.h"
#include "model/user.h"

namespace letterlock {
namespace {

constexpr EnumNames<ProviderKind, 3> provider_kinds{
    {{ProviderKind::google, "google"}, {ProviderKind::microsoft, "microsoft"}, {ProviderKind::archive, "archive"}}};
constexpr EnumNames<MailboxState, 4> mailbox_states{{{MailboxState::active, "active"},
                                                     {MailboxState::no_mailbox, "no_mailbox"},
                                                     {MailboxState::suspended, "suspended"},
                                                     {MailboxState::failed, "failed"}}};
constexpr EnumNames<Direction, 3> directions{
    {{Direction::inbound, "inbound"}, {Direction::internal, "internal"}, {Direction::outbound, "outbound"}}};
constexpr EnumNames<JobKind, 2> job_kinds{{{JobKind::ingestion, "ingestion"}, {JobKind::analysis, "analysis"}}};
constexpr EnumNames<JobState, 4> job_states{
    {{JobState::queued, "queued"}, {JobState::running, "running"}, {JobState::done, "done"}, {JobState::dead, "dead"}}};
constexpr EnumNames<Severity, 4> severities{
    {{Severity::low, "low"}, {Severity::medium, "medium"}, {Severity::high, "high"}, {Severity::critical, "critical"}}};

}  // namespace

std::string_view to_string(ProviderKind kind) { return name_in(provider_kinds, kind); }
std::optional<ProviderKind> provider_kind_from(std::string_view name) { return value_in(provider_kinds, name); }
std::string_view to_string(MailboxState state) { return name_in(mailbox_states, state); }
std::optional<MailboxState> mailbox_state_from(std::string_view name) { return value_in(mailbox_states, name); }
std::string_view to_string(Direction direction) { return name_in(directions, direction); }
std::optional<Direction> direction_from(std::string_view name) { return value_in(directions, name); }
std::string_view to_string(JobKind kind) { return name_in(job_kinds, kind); }
std::optional<JobKind> job_kind_from(std::string_view name) { return value_in(job_kinds, name); }
std::string_view to_string(JobState state) { return name_in(job_states, state); }
std::optional<JobState> job_state_from(std::string_view name) { return value_in(job_states, name); }
std::string_view to_string(Severity severity) { return name_in(severities, severity); }
std::optional<Severity> severity_from(std::string_view name) { return value_in(severities, name); }

}  // namespace letterlock
