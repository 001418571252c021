#include "producers/load/chain_event.h"

#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "producers/load/content_hash.h"

namespace eventlog {
namespace {

std::string Hex(uint64_t value) { return absl::StrCat(absl::Hex(value, absl::kZeroPad16)); }

// RUN.PRODUCER.SEQUENCE.PREVIOUS: the id without the hash.
std::string IdHead(const ChainLink& link) {
  return absl::StrCat(link.run, ".", link.producer, ".", link.sequence, ".",
                      absl::Hex(link.previous, absl::kZeroPad16));
}

// Each field with its length, so that no byte can move from one to its neighbour unseen.
void AddField(absl::string_view field, std::string& out) { absl::StrAppend(&out, field.size(), ":", field, ";"); }

uint64_t HashOf(absl::string_view id_head, const v1::Event& event) {
  std::string head;
  for (const absl::string_view field :
       {id_head, absl::string_view(event.source()), absl::string_view(event.type()), absl::string_view(event.subject()),
        absl::string_view(event.data_content_type())}) {
    AddField(field, head);
  }
  absl::StrAppend(&head, event.time().seconds(), ",", event.time().nanos(), ",", event.has_time(), ",",
                  static_cast<int>(event.data_case()));
  if (event.attributes_size() > 0) {
    for (const auto& [key, value] :
         std::map<std::string, std::string>(event.attributes().begin(), event.attributes().end())) {
      AddField(key, head);
      AddField(value, head);
    }
  }
  return ContentHash(event.has_binary() ? event.binary() : event.text(), ContentHash(head));
}

bool ParseHex(absl::string_view text, uint64_t& value) {
  return text.size() == 16 && absl::SimpleHexAtoi(text, &value) && Hex(value) == text;
}

}  // namespace

uint64_t SealChainEvent(const ChainLink& link, v1::Event& event) {
  event.set_source(kChainSource);
  event.set_subject(absl::StrCat(link.run, "/", link.producer));
  std::string id = IdHead(link);
  const uint64_t hash = HashOf(id, event);
  absl::StrAppend(&id, ".", absl::Hex(hash, absl::kZeroPad16));
  event.set_id(std::move(id));
  return hash;
}

std::optional<ChainSeal> ReadChainSeal(const v1::Event& event) {
  const std::vector<absl::string_view> parts = absl::StrSplit(event.id(), '.');
  ChainSeal seal;
  if (parts.size() != 5 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &seal.link.producer) ||
      !absl::SimpleAtoi(parts[2], &seal.link.sequence) || !ParseHex(parts[3], seal.link.previous) ||
      !ParseHex(parts[4], seal.hash) || seal.link.producer < 0 || seal.link.sequence < 0) {
    return std::nullopt;
  }
  seal.link.run = std::string(parts[0]);
  seal.whole =
      HashOf(absl::string_view(event.id()).substr(0, event.id().size() - parts[4].size() - 1), event) == seal.hash;
  return seal;
}

std::string RunOfChainEvent(const v1::Event& event) {
  if (event.source() != kChainSource && event.type() != kChainType) return "";
  return std::string(absl::string_view(event.subject()).substr(0, event.subject().find('/')));
}

}  // namespace eventlog
