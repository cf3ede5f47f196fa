#include "providers/microsoft/graph_walk.h"

#include <algorithm>
#include <deque>

#include "base/encoding.h"

namespace letterlock::providers {
namespace {

// A new property reaches no old delta link: with this number all folders are listed anew.
constexpr std::int64_t select_version = 1;
constexpr std::string_view message_select =
    "id,internetMessageId,conversationId,conversationIndex,subject,from,sender,toRecipients,ccRecipients,bccRecipients,replyTo,"
    "receivedDateTime,sentDateTime,createdDateTime,lastModifiedDateTime,hasAttachments,isRead,isDraft,importance,parentFolderId,"
    "bodyPreview,body,internetMessageHeaders,flag,categories,webLink,changeKey";
constexpr std::string_view attachment_select = "id,name,contentType,size,isInline";
// Whose content is fetched: what an invoice comes as. More is metadata alone.
constexpr std::int64_t pdf_bytes_max = 2 << 20, pdf_bytes_of_page_max = 32 << 20;
constexpr int pdfs_of_message_max = 5;
constexpr std::size_t folders_max = 10'000;
constexpr int resyncs_max = 2;  // of one folder in one walk

Error as_mailbox_error(Error error) {
  if (error.code == code_item_missing)
    error.code = "no_mailbox";  // some mailboxes on premises answer a plain 404
  else if (error.code == code_server_error || error.code == code_item_error || error.code == code_bad_item || error.code == code_resync)
    error.code = "mailbox_failed";
  return error;
}

// What a later partial entry says goes over what an earlier one said.
void amend(GraphItem& item, GraphItem& later) {
  if (later.categories) item.categories = std::move(later.categories);
  if (later.is_draft) item.is_draft = later.is_draft;
}

EmailChange change_of(const GraphItem& item, const std::string& folder) {
  return {.provider_message_id = ProviderMessageId(item.id),
          .labels = item.categories,
          .folder_id = FolderId(folder),
          .is_draft = item.is_draft};
}

}  // namespace

GraphWalk::GraphWalk(GraphApi& api, Clock& clock, const User& user, const WalkLimits& limits, const StepSink& sink,
                     const std::stop_token& stop, int item_failures_max)
    : api_(api), clock_(clock), user_(user), limits_(limits), sink_(sink), stop_(stop), item_failures_max_(item_failures_max) {}

std::string GraphWalk::user_path(const std::string& rest) const { return "/users/" + url_encode(user_.user_id.str()) + rest; }

Result<void> GraphWalk::run(std::span<const StoredCursor> stored) {
  std::map<std::string, GraphCursor, std::less<>> cursors;
  for (const auto& cursor : stored)
    if (cursor.key.source == "graph") cursors[cursor.key.folder_id.str()] = read_graph_cursor(cursor.value);
  for (const auto& [folder, cursor] : cursors) generation_max_ = std::max(generation_max_, cursor.generation);

  auto folders = TRY(list_folders());
  folders_.insert(folders.begin(), folders.end());
  // The folder that was read last goes last: slices that end early still reach every folder.
  std::map<std::string, TimePoint, std::less<>> read_at;
  for (const auto& cursor : stored) read_at[cursor.key.folder_id.str()] = cursor.updated_at;
  std::ranges::stable_sort(folders, {}, [&](const std::string& folder) { return read_at[folder]; });
  std::vector<std::string> gone;
  for (const auto& folder : folders) {
    const auto found = cursors.find(folder);
    if (!TRY(read_folder(folder, found == cursors.end() ? nullptr : &found->second)) && found != cursors.end()) gone.push_back(folder);
  }
  for (const auto& [folder, cursor] : cursors)
    if (!cursor.gone && !std::ranges::contains(folders, folder)) gone.push_back(folder);
  // Last, when messages that moved out of a vanished folder are at home in their new one.
  for (const auto& folder : gone) TRY(sweep_folder(folder));
  return {};
}

Result<std::vector<std::string>> GraphWalk::list_folders() {
  std::vector<std::string> folders;
  std::deque<std::string> links{user_path("/mailFolders?$top=100&includeHiddenFolders=true")};
  while (!links.empty()) {
    auto body = api_.get(links.front(), stop_);
    if (!body) return std::unexpected(as_mailbox_error(std::move(body).error()));
    links.pop_front();
    auto page = TRY(read_graph_folders(*body));
    if (!page.next_link.empty()) links.push_front(page.next_link);
    for (auto& folder : page.folders) {
      if (folder.is_search) continue;  // shows other folders' messages once more
      if (folder.has_children)
        links.push_back(user_path("/mailFolders/" + url_encode(folder.id) + "/childFolders?$top=100&includeHiddenFolders=true"));
      folders.push_back(std::move(folder.id));
    }
    if (folders.size() > folders_max)
      return std::unexpected(Error{
          .kind = ErrorKind::invalid, .message = "more than " + std::to_string(folders_max) + " mail folders", .code = "mailbox_failed"});
  }
  return folders;
}

Result<bool> GraphWalk::read_folder(const std::string& folder, const GraphCursor* stored) {
  GraphCursor cursor;
  const auto start_anew = [&] { cursor = {.generation = ++generation_max_, .is_sweep = true, .select_version = select_version}; };
  if (!stored) {
    generation_max_ = std::max<std::int64_t>(generation_max_, 1);
    cursor = {.generation = generation_max_, .is_sweep = true, .select_version = select_version};
  } else if (stored->gone || stored->link.empty() || stored->select_version != select_version) {
    start_anew();
  } else {
    cursor = *stored;
  }

  for (int resyncs = 0;;) {
    const std::string first = user_path("/mailFolders/" + url_encode(folder) + "/messages/delta?$select=") +
                              (cursor.ids_only ? "id" : std::string(message_select));
    auto body = api_.get(cursor.link.empty() ? first : cursor.link, stop_);
    if (!body) {
      auto error = std::move(body).error();
      if (error.code == code_item_missing) return false;
      if (error.code == code_item_error && !cursor.ids_only) {
        // One corrupt message spoils the page that it is on. Listed by their ids alone, messages are fetched one by one.
        start_anew();
        cursor.ids_only = true;
        continue;
      }
      const bool is_forgotten = error.code == code_resync || (error.code == code_bad_item && !cursor.link.empty());
      if (!is_forgotten || ++resyncs > resyncs_max) return std::unexpected(as_mailbox_error(std::move(error)));
      start_anew();
      continue;
    }
    auto page = TRY(read_graph_delta(*body));
    body->clear();
    body->shrink_to_fit();
    GraphCursor next = cursor;
    next.link = page.next_link.empty() ? page.delta_link : page.next_link;
    const bool is_last = page.next_link.empty();
    if (is_last) next.is_sweep = false;

    auto steps = TRY(steps_of(folder, std::move(page), cursor.is_sweep || cursor.ids_only));
    for (std::size_t i = 0; i < steps.size(); ++i) {
      auto& step = steps[i];
      const bool is_last_step = i + 1 == steps.size();
      if (cursor.is_sweep) step.generation = cursor.generation;
      if (is_last_step && is_last) {
        step.caught_up = true;
        if (cursor.is_sweep && cursor.generation > 1) step.sweep_below = cursor.generation;
      }
      // A page in several steps: a crash between them reads the page again.
      TRY(emit(std::move(step), folder, is_last_step ? next : cursor));
    }
    cursor = next;
    if (is_last) return true;
  }
}

// A page as steps of bounded size; changes and removals go with the last one.
Result<std::vector<Step>> GraphWalk::steps_of(const std::string& folder, GraphDelta&& page, bool fetches_all) {
  // Of several entries for one message the last whole one and what partial ones behind it change say how it stands.
  std::vector<GraphItem> items;
  std::map<std::string, std::size_t, std::less<>> places;
  std::map<std::string, GraphItem, std::less<>> amendments;  // partial entries behind a whole one
  Step last;
  for (auto& item : page.items) {
    if (item.id.empty()) continue;
    const auto [at, is_new] = places.try_emplace(item.id, items.size());
    if (is_new) {
      items.push_back(std::move(item));
      continue;
    }
    auto& known = items[at->second];
    if (!item.is_partial || known.is_removed) {
      amendments.erase(item.id);
      known = std::move(item);
    } else {
      if (!known.is_partial && item.is_draft) known.is_draft = item.is_draft;  // it was sent: no longer left out
      amend(known.is_partial ? known : amendments.try_emplace(item.id, GraphItem{.id = item.id, .is_partial = true}).first->second, item);
    }
  }
  std::vector<std::size_t> to_fetch, removed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i];
    if (item.is_removed) {
      removed_.insert(item.id);
      removed.push_back(i);
    } else if (item.is_partial && (fetches_all || removed_.contains(item.id) || item.is_draft == false)) {
      to_fetch.push_back(i);  // perhaps not stored yet: a change alone would be lost
    } else if (item.is_partial) {
      last.changes.push_back(change_of(item, folder));
    }
  }
  for (const auto& [id, item] : amendments) last.changes.push_back(change_of(item, folder));
  TRY(judge_removals(folder, items, removed, last));
  TRY(fetch_partial(items, to_fetch, last));
  TRY(fetch_attachments(items));

  std::vector<Step> steps(1);
  std::int64_t bytes = 0;
  for (auto& item : items) {
    // A draft changes with each keystroke and nobody received it; when it is sent it comes as a message of its own.
    if (item.is_removed || item.is_partial || item.is_draft == true) continue;
    const auto size = static_cast<std::int64_t>(item.json.size());
    if (size > limits_.message_bytes_max) {
      last.set_aside.push_back(
          {.provider_message_id = ProviderMessageId(item.id),
           .reason = std::to_string(size) + " bytes, more than the " + std::to_string(limits_.message_bytes_max) + " that are stored",
           .size_bytes = size});
      continue;
    }
    if (std::ssize(steps.back().messages) >= limits_.step_messages_max || (bytes > 0 && bytes + size > limits_.step_bytes_max)) {
      steps.emplace_back();
      bytes = 0;
    }
    bytes += size;
    steps.back().messages.push_back({.provider_message_id = ProviderMessageId(item.id),
                                     .folder_id = FolderId(folder),
                                     .raw = {.format = "graph", .bytes = std::move(item.json)}});
  }
  steps.back().changes = std::move(last.changes);
  steps.back().removals = std::move(last.removals);
  steps.back().set_aside = std::move(last.set_aside);
  return steps;
}

// "Removed" is said of what moved out of the folder too, and of what moved out and came back, without saying that it did
// (docs#21752): whoever is still there changes its folder. What went where no folder is listed (the dumpster) is gone for its owner.
Result<void> GraphWalk::judge_removals(const std::string& folder, const std::vector<GraphItem>& items,
                                       const std::vector<std::size_t>& removed, Step& last) {
  if (removed.empty()) return {};
  std::vector<std::string> links;
  for (const auto index : removed) links.push_back(user_path("/messages/" + url_encode(items[index].id) + "?$select=id,parentFolderId"));
  const auto bodies = api_.get_all(links, stop_);
  for (std::size_t i = 0; i < removed.size(); ++i) {
    const ProviderMessageId id(items[removed[i]].id);
    if (bodies[i]) {
      const auto place = TRY(read_graph_place(*bodies[i]));
      if (folders_.contains(place)) {
        last.changes.push_back({.provider_message_id = id, .folder_id = FolderId(place)});
        continue;
      }
    } else if (const auto& code = bodies[i].error().code; code != code_item_missing && code != code_item_error && code != code_bad_item) {
      return std::unexpected(as_mailbox_error(bodies[i].error()));
    }
    last.removals.push_back({.provider_message_id = id, .folder_id = FolderId(folder), .removed_at = clock_.now()});
  }
  return {};
}

// Replace partial items by the whole message; what is gone meanwhile stays partial and is left out.
Result<void> GraphWalk::fetch_partial(std::vector<GraphItem>& items, const std::vector<std::size_t>& indices, Step& last) {
  if (indices.empty()) return {};
  std::vector<std::string> links;
  for (const auto index : indices)
    links.push_back(user_path("/messages/" + url_encode(items[index].id) + "?$select=" + std::string(message_select)));
  auto bodies = api_.get_all(links, stop_);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    auto& item = items[indices[i]];
    if (bodies[i]) {
      failures_consecutive_ = 0;
      auto whole = read_graph_item(std::move(*bodies[i]));
      if (whole && !whole->is_partial && whole->id == item.id) {
        item = std::move(*whole);
        continue;
      }
      last.set_aside.push_back({.provider_message_id = ProviderMessageId(item.id), .reason = "graph answered without the message's body"});
      continue;
    }
    const auto& error = bodies[i].error();
    if (error.code == code_item_missing) continue;
    if (error.code != code_item_error && error.code != code_bad_item) return std::unexpected(as_mailbox_error(error));
    if (++failures_consecutive_ >= item_failures_max_) return std::unexpected(as_mailbox_error(error));
    last.set_aside.push_back({.provider_message_id = ProviderMessageId(item.id), .reason = error.message});
  }
  return {};
}

// In a delta the $expand of attachments would bring their contents: ask for their names and sizes alone, then for the contents of
// PDFs of ordinary size. A poisonous attachment does not hold back its message.
Result<void> GraphWalk::fetch_attachments(std::vector<GraphItem>& items) {
  std::vector<std::string> links;
  std::vector<GraphItem*> of;
  for (auto& item : items) {
    if (item.is_removed || item.is_partial || item.is_draft == true || !item.has_attachments) continue;
    links.push_back(user_path("/messages/" + url_encode(item.id) + "/attachments?$select=" + std::string(attachment_select)));
    of.push_back(&item);
  }
  if (links.empty()) return {};
  const auto answer_of = [&](Result<std::string>& body) -> Result<std::string> {
    if (body) return std::move(*body);
    const auto& error = body.error();
    if (error.code != code_item_missing && error.code != code_item_error && error.code != code_bad_item)
      return std::unexpected(as_mailbox_error(error));
    return std::string();
  };
  auto bodies = api_.get_all(links, stop_);
  std::vector<std::vector<GraphAttachment>> attachments(links.size());
  std::vector<std::string> content_links;
  std::vector<GraphAttachment*> content_of;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const auto body = TRY(answer_of(bodies[i]));
    if (body.empty()) continue;
    attachments[i] = TRY(read_graph_attachments(body));
    int pdfs = 0;
    for (auto& attachment : attachments[i]) {
      const bool fits =
          attachment.size_bytes > 0 && attachment.size_bytes <= pdf_bytes_max && bytes + attachment.size_bytes <= pdf_bytes_of_page_max;
      if (!attachment.is_pdf || !fits || pdfs >= pdfs_of_message_max) continue;
      ++pdfs;
      bytes += attachment.size_bytes;
      content_links.push_back(user_path("/messages/" + url_encode(of[i]->id) + "/attachments/" + url_encode(attachment.id)));
      content_of.push_back(&attachment);
    }
  }
  auto contents = api_.get_all(content_links, stop_);
  for (std::size_t i = 0; i < contents.size(); ++i)
    if (auto content = TRY(answer_of(contents[i])); !content.empty() && is_graph_object(content)) content_of[i]->json = std::move(content);
  for (std::size_t i = 0; i < links.size(); ++i)
    if (bodies[i] || !attachments[i].empty()) of[i]->json = splice_attachments(std::move(of[i]->json), attachments[i]);
  return {};
}

Result<void> GraphWalk::sweep_folder(const std::string& folder) {
  const GraphCursor cursor{.generation = ++generation_max_, .select_version = select_version, .gone = true};
  Step step{.generation = cursor.generation, .sweep_below = cursor.generation, .caught_up = true};
  return emit(std::move(step), folder, cursor);
}

Result<void> GraphWalk::emit(Step&& step, const std::string& folder, const GraphCursor& cursor) {
  if (stop_.stop_requested()) return std::unexpected(stopped_error());
  step.cursor = {.mailbox_id = MailboxId(user_.user_id.str()), .source = "graph", .folder_id = FolderId(folder)};
  step.next_value = write_graph_cursor(cursor);
  if (!TRY(sink_(std::move(step)))) return std::unexpected(stopped_error());
  return {};
}

}  // namespace letterlock::providers
